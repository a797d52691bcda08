"""Patients: what relations need of a person, VIPs, and some who work here, or live with or near someone who does."""

from dataclasses import dataclass
from itertools import accumulate

from pipeline.simulator.draws import Draws
from pipeline.simulator.world.staff import Person, address, family

# Shares of the population: known to the public; member of staff; relative of one; living in the same house. A real
# index has some 300 people for one of staff, most of whom are in it, and two relatives.
_SHARES = (0.001, 0.003, 0.007, 0.004)
_BOUNDS = tuple(accumulate(_SHARES))
# Relatives with another name look like neighbours.
_OTHER_NAME = 0.25
# Died within the two years before.
_DIED = 0.008
_DIED_DAYS = (5.0, 700.0)


@dataclass(slots=True, frozen=True)
class Patient:
    """`relation`: none, vip, coworker (is staff), household (lives with staff) or neighbour (in the same house)."""

    id: str
    family: str
    address: str
    birth_year: int
    sex: str
    member_id: str
    relation: str
    staff_id: str | None
    died_days: float | None = None
    """Died so many days before the first day."""


def admit(draws: Draws, count: int, staff: list[Person], year: int) -> list[Patient]:
    """The population. Nobody has two records as a member of staff."""
    people = []
    charted: set[str] = set()
    for index in range(count):
        roll = draws.random()
        who = draws.pick(staff)
        name, home, relation, staff_id = family(draws), address(draws), "none", None
        if index < len(_BOUNDS):
            roll = (0.0, *_BOUNDS)[index]  # one of each for sure
        if roll < _BOUNDS[0]:
            relation = "vip"
        elif roll < _BOUNDS[1] and who.id not in charted:
            relation, name, home, staff_id = "coworker", who.family, who.address, who.id
            charted.add(who.id)
        elif roll < _BOUNDS[2]:
            relation, home, staff_id = "household", who.address, who.id
            name = name if draws.chance(_OTHER_NAME) else who.family
        elif roll < _BOUNDS[3]:
            relation, home, staff_id = "neighbour", who.address, who.id
        age = draws.whole(20, 66) if relation == "coworker" else draws.whole(0, 95)
        died = draws.between(*_DIED_DAYS) if relation == "none" and (index == 4 or draws.chance(_DIED)) else None
        people.append(
            Patient(
                f"p{index:05d}", name, home, year - age, draws.pick(("female", "male")),
                f"M{draws.whole(10**8, 10**9 - 1)}", relation, staff_id, died,
            )
        )  # fmt: skip
    return people
