"""The county: households in streets, who is insured how, who died."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

T = TypeVar("T")
HOUR, DAY = 3600.0, 86400.0
BEGIN = datetime(2026, 3, 16, tzinfo=UTC).timestamp()
"""A Monday; three weeks on from it have a month's end. The house's clocks name no zone."""
BEFORE = 35
"""Days of visits before the first access, as an export of visits begins earlier than one of accesses."""


def words(text: str) -> list[str]:
    """Parted by blanks."""
    return text.split()


def some(rng: Random, things: Sequence[T], n: int) -> list[T]:
    """Up to `n` of them."""
    return rng.sample(things, min(n, len(things)))


_LAST = words(
    "Abbott Acosta Baird Barlow Beck Benson Bishop Blevins Boone Brandt Briggs Bui Burke Cantu Carver Castro Chavez "
    "Chen Cobb Conley Cortez Crane Dalton Dang Decker Delgado Dixon Doyle Duarte Dunn Eaton Elder Engel Farley Fields "
    "Finch Flores Foley Frost Galvan Garrett Gibbs Goetz Graves Greer Haas Hahn Hale Harmon Hess Hobbs Holt Huang "
    "Huynh Ibarra Irwin Jarvis Jensen Joyce Kane Keller Kemp Kessler Kirk Klein Knox Koch Lang Larsen Leal Levy Lowe "
    "Lozano Lynch Maddox Marsh Mayer McCall McKee Mejia Merritt Mills Monroe Moss Munoz Nash Noble Nolan Ochoa Olsen "
    "Ortega Osborn Padilla Park Payne Peck Pena Petty Pham Pratt Quinn Ramos Rangel Reyes Rhodes Riggs Rivas Roth "
    "Rowe Rush Salas Sauer Schmitt Shah Sharp Shaw Singh Skinner Solis Stark Stokes Sutton Tate Thorpe Tran Trevino "
    "Tucker Vance Vargas Vega Vogel Wade Walsh Weaver Webb Weiss Welch Wiley Wolfe Wong Yates Yoder York Zamora Zuniga"
)
_FIRST = {
    "F": "Ada Alma Amber Ana Ann April Bea Carla Cora Dana Dawn Diane Edith Elena Ella Emma Erin Eva Faith Fay "
    "Gail Gina Grace Hazel Heidi Holly Ida Irene Iris Ivy Jane Jill Joan Josie June Kara Kate Kim Lena "
    "Lily Lisa Lucia Lynn Mabel Maria May Mia Mona Nina Nora Olga Opal Paula Pearl Rita Rosa Ruth Sara "
    "Sofia Tara Tess Tina Vera Wanda Yolanda Zoe",
    "M": "Abel Adam Alan Alex Andy Ben Boyd Brad Brian Carl Chad Clark Cody Cole Dale Dan Dean Diego Drew Earl "
    "Eli Eric Evan Felix Frank Fred Gary Glen Grant Greg Hank Henry Hugo Ian Ivan Jack Jake James Jay "
    "Joel John Jorge Juan Karl Keith Kurt Lee Leo Lewis Luis Marc Mark Max Miguel Neil Noah Omar Oscar "
    "Owen Paul Pete Ray Rick Ross Ryan Sam Scott Sean Seth Ted Tim Todd Tom Tony Troy Victor Wade Will "
    "Zach",
}
_FIRSTS = {sex: words(names) for sex, names in _FIRST.items()}
_STREETS = words(
    "Oak Maple Cedar Elm Walnut Mill Church Depot River Ridge Prairie Lincoln Grant Jackson Adams Harrison Orchard "
    "Meadow Quarry Railroad Spring Sunset Valley Vine Willow Juniper Lakeview Old-Mill County-Line Fairground"
)
_TOWNS = [
    ("Marlow", "61401"),
    ("Eastgate", "61402"),
    ("Pine Bluff", "61410"),
    ("Ansel", "61418"),
    ("Dover Mills", "61422"),
]


@dataclass(slots=True, eq=False)
class Person:
    """Somebody with a record number. `dependant`: 0 who is insured, else the code in the family."""

    mrn: str
    last: str
    first: str
    sex: str
    born: datetime
    street: str
    town: str
    postcode: str
    home: int
    payer: str = "SELF"
    member: str = ""
    dependant: int = 0
    died: float | None = None

    def age(self) -> int:
        """In years."""
        return int((BEGIN - self.born.timestamp()) // (365.25 * DAY))


class People:
    """Some thousand households; neighbours are the next numbers of a street."""

    def __init__(self, rng: Random, households: int) -> None:
        self._rng, self._number = rng, 0
        self.all: list[Person] = []
        self.homes: list[list[Person]] = []
        for k in range(households):
            self._household(k)
        self._deaths()

    def name(self, sex: str) -> tuple[str, str]:
        """(family name, given name)."""
        return self._rng.choice(_LAST), self._rng.choice(_FIRSTS[sex])

    def address(self, k: int) -> tuple[str, str, str]:
        """The k-th house: twelve in a row, then the next street; (street, town, post code)."""
        town, postcode = _TOWNS[k // 12 // len(_STREETS) % len(_TOWNS)]
        street = _STREETS[k // 12 % len(_STREETS)].replace("-", " ")
        block = k // (12 * len(_STREETS) * len(_TOWNS))
        flat = f" APT {k % 4 + 1}" if k // 12 % 9 == 4 else ""
        number = 100 * (block + 1) + 4 * (k % 12 // (4 if flat else 1))
        return f"{number} {street} {'ST' if k % 24 < 12 else 'AVE'}{flat}", town, postcode

    def newcomer(self, last: str, sex: str, age: float, home: int) -> Person:
        """Another record."""
        rng = self._rng
        self._number += 1
        street, town, postcode = self.address(home)
        born = datetime.fromtimestamp(BEGIN - age * 365.25 * DAY - rng.random() * 300 * DAY, UTC)
        person = Person(
            f"{40_000_000 + 7 * self._number + rng.randrange(6)}",
            last,
            rng.choice(_FIRSTS[sex]),
            sex,
            born,
            street,
            town,
            postcode,
            home,
        )
        self.all.append(person)
        return person

    def _household(self, k: int) -> None:
        rng = self._rng
        last, size = rng.choice(_LAST), rng.choices((1, 2, 3, 4, 5), (28, 34, 14, 15, 9))[0]
        head_age = rng.triangular(20, 93, 52)
        home = [self.newcomer(last, rng.choice("FM"), head_age, k)]
        if size > 1:
            own = rng.random() < 0.2
            partner = "M" if (home[0].sex == "F") != (rng.random() < 0.03) else "F"
            home.append(
                self.newcomer(rng.choice(_LAST) if own else last, partner, max(19, head_age + rng.gauss(0, 4)), k)
            )
        for _ in range(size - 2):
            home.append(self.newcomer(last, rng.choice("FM"), max(0.1, head_age - rng.uniform(20, 38)), k))
        self.homes.append(home)
        self._insure(home)

    def _insure(self, home: list[Person]) -> None:
        """One plan gives a family one number and a code for each person, the others a number to everybody."""
        rng = self._rng
        plan = rng.choices(("PRAIRIE HEALTH", "COUNTY EMPLOYEES PLAN", "STATE MEDICAID", "SELF"), (40, 22, 28, 10))[0]
        family = f"CEP{rng.randrange(10**8):08d}"
        for k, person in enumerate(home):
            if person.age() >= 65:
                person.payer, person.member = "MEDICARE", f"1{rng.choice('ABCDEFGHJK')}{rng.randrange(10**9):09d}"
            elif plan == "COUNTY EMPLOYEES PLAN":
                person.payer, person.member, person.dependant = plan, family, k
            elif plan != "SELF":
                person.payer, person.member = plan, f"{plan[:2]}{rng.randrange(10**9):09d}"

    def _deaths(self) -> None:
        """Those who died within the last two years, whose records stay."""
        rng = self._rng
        for person in self.all:
            if person.age() > 60 and rng.random() < 0.035:
                person.died = BEGIN - rng.uniform(5, 700) * DAY
