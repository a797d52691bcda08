"""What is told to the report alone: who did what, from when to when."""

from dataclasses import dataclass

LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Story:
    """`actors`: any name that an alert about it may give (login, MRN, member number, NPI)."""

    name: str
    level: str
    claims: bool
    actors: frozenset[str]
    first_ts: float
    last_ts: float
