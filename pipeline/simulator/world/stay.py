"""A stay in the house, or a visit: where, when, by whom, and what was asked of others."""

from dataclasses import dataclass

from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person


@dataclass(slots=True, frozen=True)
class Order:
    """Something asked of another department: a test, a drug, an opinion, a transport."""

    id: str
    ts: float
    by: str
    department: str
    service: str
    told_ts: float
    """When it was typed in: often at once, at times hours after it was asked for on the phone or at the bedside."""


@dataclass(slots=True)
class Stay:
    """One encounter. `team`: everyone who took part; `named`: those of them the record system knows of.

    `move`: time and department of a transfer; `booked_ts`: when it was arranged, None for who came unasked.
    """

    id: str
    patient: Patient
    department: str
    kind: str
    start_ts: float
    end_ts: float
    attending: Person
    team: list[Person]
    named: list[Person]
    orders: list[Order]
    move: tuple[float, str] | None = None
    booked_ts: float | None = None

    def place(self, ts: float) -> str:
        """Department at a time."""
        return self.move[1] if self.move is not None and ts >= self.move[0] else self.department
