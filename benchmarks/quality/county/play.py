"""A whole hospital, from a seed."""

from benchmarks.quality.county.ambulatory import Ambulatory
from benchmarks.quality.county.arrivals import Arrivals
from benchmarks.quality.county.bedside import Bedside
from benchmarks.quality.county.billing import Billing
from benchmarks.quality.county.curious import Curious
from benchmarks.quality.county.fraud import Fraud
from benchmarks.quality.county.house import House
from benchmarks.quality.county.offices import Offices
from benchmarks.quality.county.outpatients import Outpatients
from benchmarks.quality.county.services import Services
from benchmarks.quality.county.story import Story
from benchmarks.quality.county.unusual import Unusual


def honest(seed: int, days: int, share: float = 1.0) -> House:
    """Everything but the stories. `share`: how much of a hospital of 600, for tests."""
    house = House(seed, days, share)
    unusual, arrivals, outpatients = Unusual(house), Arrivals(house), Outpatients(house)
    unusual.before()
    for day in house.span():
        arrivals.play(day)
        unusual.arrivals(arrivals, day)
        outpatients.play(day)
    bedside = Bedside(house)
    for part in (bedside, Ambulatory(house), Services(house), Offices(house)):
        part.play()
    unusual.after(bedside)
    return house


def hospital(seed: int, days: int, share: float = 1.0) -> tuple[House, Billing, list[Story]]:
    """With its stories."""
    house = honest(seed, days, share)
    curious = Curious(house).play()
    billing = Billing(house)
    billing.play()
    return house, billing, [*curious, *Fraud(billing).play()]
