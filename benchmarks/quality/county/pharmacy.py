"""Prescriptions as pharmacies bill them."""

from collections.abc import Callable

from benchmarks.quality.county.claim import Fill
from benchmarks.quality.county.house import House, at
from benchmarks.quality.county.people import BEFORE

DRUG_LIST = (
    ("00071015523", "ATORVASTATIN 20MG"),
    ("00093105101", "LISINOPRIL 10MG"),
    ("00378180577", "LEVOTHYROXINE 50MCG"),
    ("00406012301", "HYDROCODONE-APAP 5-325"),
    ("00591024001", "METFORMIN 500MG"),
    ("00228202750", "ALPRAZOLAM 0.5MG"),
)


def fills(house: House, outside: list[str], number: Callable[[], str]) -> list[Fill]:
    """Fills at eight pharmacies, repeated every month or so; `outside` are prescribers who are not of the house."""
    rng, made = house.rng, []
    members = [p for p in house.people.all if p.payer == "COUNTY EMPLOYEES PLAN" and p.died is None]
    doctors = [w.npi for w in house.staff.all if w.template == "PRIMARY CARE"] + outside
    shops = [f"18880000{k:02d}" for k in range(8)]
    for who in members:
        doctor, shop = rng.choice(doctors), rng.choice(shops)
        for _ in range(rng.choices((0, 1, 3), (55, 30, 15))[0]):
            drug, day = rng.choice(DRUG_LIST), rng.uniform(-BEFORE, -5)
            while day < house.days:
                by = doctor if rng.random() < 0.92 else rng.choice(doctors)
                place = shop if rng.random() < 0.95 else rng.choice(shops)
                made.append(Fill(number(), who, place, by, at(int(day), 9 + 9 * rng.random()), drug, 30))
                day += rng.uniform(27, 34)
    return made
