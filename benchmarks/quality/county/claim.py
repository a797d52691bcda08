"""A claim, its lines and a pharmacy's fill, before they are written in any form."""

from dataclasses import dataclass, field

from benchmarks.quality.county.people import Person

HOUSE_NPI = "1999000017"
FEES = {
    "99202": 110,
    "99203": 160,
    "99204": 240,
    "99211": 30,
    "99212": 75,
    "99213": 125,
    "99214": 185,
    "99215": 260,
    "99281": 80,
    "99282": 140,
    "99283": 240,
    "99284": 390,
    "99285": 610,
    "99221": 180,
    "99222": 250,
    "99223": 340,
    "99231": 90,
    "99232": 135,
    "99233": 190,
    "99238": 140,
    "97110": 42,
    "97140": 40,
    "97530": 45,
    "96413": 310,
    "93793": 25,
    "G0108": 60,
    "36415": 9,
    "80053": 28,
    "85025": 18,
    "83036": 22,
    "80061": 30,
    "84443": 40,
    "81001": 8,
    "71046": 60,
    "70450": 310,
    "74177": 620,
    "73610": 55,
    "76705": 190,
    "77067": 230,
    "47562": 2900,
    "27447": 4800,
    "49505": 1700,
    "29881": 2100,
    "58558": 1500,
    "00840": 800,
    "98941": 55,
    "92014": 130,
    "11720": 45,
    "99396": 210,
}
"""Dollars a unit."""


@dataclass(slots=True)
class Line:
    """A billed service: `unit` is UN or MJ (minutes)."""

    code: str
    quantity: float = 1.0
    modifier: str = ""
    unit: str = "UN"

    @property
    def amount(self) -> float:
        """Charge."""
        return round(FEES.get(self.code, 100) * (self.quantity if self.unit == "UN" else self.quantity / 60), 2)


@dataclass(slots=True)
class Claim:
    """`to`: x12 or plan. Who it says the patient is may differ from who it is (`born`, `sex`, `member`)."""

    number: str
    person: Person
    billing: str
    rendering: str
    day: float
    lines: list[Line]
    diagnosis: str
    place: str
    sent: float
    to: str = "x12"
    facility: bool = False
    through: float = 0.0
    born: float = 0.0
    sex: str = ""
    member: str = ""
    referring: str = ""
    story: str = ""


@dataclass(slots=True)
class Fill:
    """A prescription as a pharmacy billed it."""

    number: str
    person: Person
    pharmacy: str
    prescriber: str
    ts: float
    drug: tuple[str, str]
    days: int
    story: str = ""


@dataclass(slots=True, eq=False)
class Practice:
    """Independent of the house; its visits are in nobody's export."""

    npi: str
    kind: str
    patients: list[Person]
    codes: list[tuple[str, float]]
    a_day: float
    rendering: list[str] = field(default_factory=list)
