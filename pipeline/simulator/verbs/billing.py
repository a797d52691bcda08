"""Claims: what a stay is billed as, and the form in which it is sent."""

from dataclasses import dataclass
from typing import Any

from pipeline.simulator.documents import records
from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.care import Stay
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person, npi

# Procedure: (usual charge in dollars, place of service). Charges are of the right order, not of any fee schedule.
VISITS = {"99212": 75.0, "99213": 120.0, "99214": 175.0, "99215": 240.0}
EMERGENCY = {"99282": 140.0, "99283": 230.0, "99284": 380.0, "99285": 560.0}
INPATIENT = {"99221": 170.0, "99222": 240.0, "99223": 340.0, "99232": 130.0, "99233": 185.0}
TESTS = {"80053": 38.0, "85025": 22.0, "71046": 95.0, "93000": 48.0, "70450": 420.0, "36415": 9.0, "97110": 42.0}
# How often each level of visit is billed: low levels are common, the highest is not.
_LEVELS = (0, 0, 0, 1, 1, 1, 1, 2, 2, 3)
_DIAGNOSES = (
    "I10",
    "E11.9",
    "J18.9",
    "N39.0",
    "R07.9",
    "S52.501A",
    "K35.80",
    "I50.9",
    "J44.1",
    "F32.9",
    "M54.5",
    "A41.9",
    "Z00.00",
    "O80",
    "G43.909",
)
_PAYERS = ("PAYER-A", "PAYER-B", "PAYER-C", "MEDICARE-SIM", "MEDICAID-SIM")
HOSPITAL_NPI = npi(41_000_001)


@dataclass(slots=True, frozen=True)
class Bill:
    """What is claimed. Lines are (procedure, quantity, amount); days are midnights."""

    patient: Patient
    provider: Person
    kind: str
    lines: list[tuple[str, float, float]]
    diagnoses: list[str]
    from_ts: float
    through_ts: float
    place: str
    encounter: str | None


def midnight(ts: float) -> float:
    """Start of the day: claims speak of dates."""
    return ts // DAY_S * DAY_S


def visit_lines(s: Scene, table: dict[str, float], level: int | None = None) -> list[tuple[str, float, float]]:
    """One evaluation of a usual (or the given) level, and up to three tests."""
    d = s.draws
    codes = list(table)
    code = codes[min(level if level is not None else d.pick(_LEVELS), len(codes) - 1)]
    lines = [(code, 1.0, round(table[code] * d.between(0.95, 1.05), 2))]
    for _ in range(d.whole(0, 3)):
        test = d.pick(list(TESTS))
        lines.append((test, 1.0, round(TESTS[test] * d.between(0.95, 1.05), 2)))
    return lines


def bill_of(s: Scene, stay: Stay, provider: Person, *, institutional: bool, level: int | None = None) -> Bill:
    """The claim that a stay leads to."""
    d = s.draws
    first, last = midnight(stay.start_ts), midnight(stay.end_ts)
    diagnoses = sorted({d.pick(_DIAGNOSES) for _ in range(d.whole(1, 4))})
    if institutional:
        days = (last - first) / DAY_S + 1
        lines = [
            ("0120", days, round(days * d.between(1800, 2400), 2)),
            ("0250", 1.0, round(d.lognormal(600, 0.6), 2)),
        ]
        return Bill(stay.patient, provider, "institutional", lines, diagnoses, first, last, "21", stay.id)
    table, place = {"ambulatory": (VISITS, "22"), "emergency": (EMERGENCY, "23"), "inpatient": (INPATIENT, "21")}[
        stay.kind
    ]
    return Bill(
        stay.patient,
        provider,
        "professional",
        visit_lines(s, table, level),
        diagnoses,
        first,
        first,
        place,
        stay.id,
    )


def submit(s: Scene, ts: float, bill: Bill) -> None:
    """Send a claim. Event time is the moment it was sent; the days of service are `from_ts`, `through_ts`."""
    d = s.draws
    inst = bill.kind == "institutional"
    lines: list[dict[str, Any]] = [
        {
            "procedure": code, "quantity": quantity, "unit": "DA" if code == "0120" else "UN", "amount": amount,
            "from_ts": bill.from_ts, "through_ts": bill.through_ts, "place_of_service": bill.place,
        }
        for code, quantity, amount in bill.lines
    ]  # fmt: skip
    member = bill.patient
    fields = {
        "claim_id": f"c{d.hex(12)}", "claim_type": bill.kind, "patient": member.id, "member_id": member.member_id,
        "birth_year": member.birth_year, "sex": member.sex,
        "provider": HOSPITAL_NPI if inst else bill.provider.npi,
        "rendering": bill.provider.npi, "facility": HOSPITAL_NPI, "payer": _PAYERS[member.birth_year % 5],
        "encounter": bill.encounter, "place_of_service": bill.place, "from_ts": bill.from_ts,
        "through_ts": bill.through_ts, "created_ts": round(ts, 6), "diagnoses": bill.diagnoses,
        "total_amount": round(sum(line[2] for line in bill.lines), 2), "lines": lines,
    }  # fmt: skip
    if bill.encounter is None:
        del fields["encounter"]
    records.claim(s.tape, ts, "x12.837I" if inst else "x12.837P", fields)
