"""People who work here: role, department, shift and home address token (synthetic)."""

from dataclasses import dataclass
from math import inf

from pipeline.simulator.draws import Draws, Weighted
from pipeline.simulator.rhythm import DAY_S, HOUR_S, shift_of, weekday

# Department: (share of staff, role: share). Shares follow the order of size in a general hospital; not a census.
DEPARTMENTS: dict[str, tuple[float, dict[str, float]]] = {
    "Emergency": (0.13, {"nurse": 6, "physician": 3, "resident": 2}),
    "Intensive Care": (0.11, {"nurse": 7, "physician": 2, "resident": 1}),
    "Medicine": (0.15, {"nurse": 7, "physician": 2, "resident": 2}),
    "Surgery": (0.13, {"nurse": 6, "physician": 3, "resident": 2}),
    "Paediatrics": (0.08, {"nurse": 6, "physician": 2, "resident": 1}),
    "Radiology": (0.07, {"radiographer": 4, "radiologist": 2}),
    "Laboratory": (0.07, {"lab_tech": 5, "pathologist": 1}),
    "Pharmacy": (0.05, {"pharmacist": 3}),
    "Billing": (0.06, {"biller": 3, "coder": 2}),
    "Registration": (0.07, {"registrar": 4}),
    "IT": (0.04, {"it_admin": 3}),
    "Research": (0.03, {"researcher": 3}),
}
WARDS = ("Emergency", "Intensive Care", "Medicine", "Surgery", "Paediatrics")
_OFFICE = ("Billing", "IT", "Research")
# Every seventh of those in shifts changes from day to evening to night by the week.
_ROTATES, _TURN = 7, ("day", "evening", "night")
_SHIFTS = Weighted(("day", "evening", "night"), (5, 3, 2))


@dataclass(slots=True, frozen=True)
class Person:
    """One member of staff. `shift`: day, evening, night or office; `floats`: works on any ward (float staff)."""

    id: str
    index: int
    role: str
    department: str
    shift: str
    floats: bool
    npi: str
    family: str
    address: str
    begins_ts: float = 0.0
    ends_ts: float = inf
    """Employed here, in this department, from one to the other. Who moves is two of these with one id."""

    def employed(self, ts: float) -> bool:
        """Whether this post is held at a time."""
        return self.begins_ts <= ts < self.ends_ts

    def works(self, ts: float) -> bool:
        """Whether on duty at a time: own shift, two days off a week."""
        if not self.begins_ts <= ts < self.ends_ts:
            return False
        hour = int(ts % DAY_S // HOUR_S)
        day = int((ts - 7 * HOUR_S) // DAY_S)  # the night shift belongs to the evening it began in
        if self.shift == "office":
            return weekday(ts) < 5 and 8 <= hour < 17
        shift = self.shift
        if self.index % _ROTATES == 3:
            shift = _TURN[(self.index + day // 7) % 3]
        return shift == shift_of(hour) and (self.index * 3 + day) % 7 < 5


def npi(number: int) -> str:
    """A provider number of NPI form: 1, eight digits, and the Luhn digit over the prefix 80840."""
    body = f"1{number:08d}"
    digits = [int(c) for c in "80840" + body]
    total = sum(sum(divmod(2 * d, 10)) for d in digits[-1::-2]) + sum(digits[-2::-2])
    return body + str(-total % 10)


def address(draws: Draws) -> str:
    """Postal code and street, as the context reader forms it."""
    street = draws.pick(("elm", "oak", "mill", "station", "harbour", "chapel"))
    return f"{draws.whole(10000, 10060)} {street} st {draws.whole(1, 180)}"


_HEADS = (
    "bar", "cor", "dal", "fen", "gal", "hol", "ker", "lin", "mar", "nor", "pel", "ros", "sal", "tor", "ven", "wes",
)  # fmt: skip
_MIDDLES = (
    "a", "e", "i", "o", "an", "en", "in", "on", "ar", "er", "ir", "or", "al", "el", "il", "ol", "ad", "ed", "id", "od",
    "as", "es", "is", "os",
)  # fmt: skip
_TAILS = ("ano", "berg", "dorf", "elli", "field", "gren", "ic", "kov", "land", "man", "ner", "owski", "sen", "ton")
# How much more frequent the first of a list are: a few names are common, most are rare.
_SKEW = 1.6


def family(draws: Draws) -> str:
    """A made-up family name: a few common ones, many rare ones."""
    return "".join(part[int(len(part) * draws.random() ** _SKEW)] for part in (_HEADS, _MIDDLES, _TAILS))


def hire(draws: Draws, count: int) -> list[Person]:
    """The staff: every role of every department at least once, then by share."""
    posts = [(d, r) for d, (_, roles) in DEPARTMENTS.items() for r in roles]
    weights = [share * part / sum(roles.values()) for share, roles in DEPARTMENTS.values() for part in roles.values()]
    table = Weighted(posts, weights)
    people = []
    for index in range(count):
        department, role = posts[index] if index < len(posts) else table.pick(draws)
        shift = "office" if department in _OFFICE or role == "researcher" else _SHIFTS.pick(draws)
        floats = role == "nurse" and draws.chance(0.06)
        people.append(
            Person(
                f"u{index:04d}", index, role, department, shift, floats,
                npi(draws.whole(0, 99_999_999)), family(draws), address(draws),
            )
        )  # fmt: skip
    return people
