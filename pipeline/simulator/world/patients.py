"""Patients: what relations need of a person, VIPs, and some who work here or live with someone who does."""

from dataclasses import dataclass

from pipeline.simulator.draws import Draws
from pipeline.simulator.world.staff import Person, address, family


@dataclass(slots=True, frozen=True)
class Patient:
    """`relation`: none, vip, coworker (is staff) or household (shares family name and address with staff)."""

    id: str
    family: str
    address: str
    birth_year: int
    sex: str
    member_id: str
    relation: str
    staff_id: str | None


def admit(draws: Draws, count: int, staff: list[Person], year: int) -> list[Patient]:
    """The population: 1 % VIPs, 2 % staff, 3 % relatives of staff; the rest strangers."""
    people = []
    for index in range(count):
        roll = draws.random()
        who = draws.pick(staff)
        name, home, relation, staff_id = family(draws), address(draws), "none", None
        if index == 0 or roll < 0.01:
            relation = "vip"
        elif index == 1 or roll < 0.03:
            relation, name, home, staff_id = "coworker", who.family, who.address, who.id
        elif index == 2 or roll < 0.06:
            relation, name, home, staff_id = "household", who.family, who.address, who.id
        people.append(
            Patient(
                f"p{index:05d}", name, home, year - draws.whole(0, 95), draws.pick(("female", "male")),
                f"M{draws.whole(10**8, 10**9 - 1)}", relation, staff_id,
            )
        )  # fmt: skip
    return people
