"""What happens in the house: visits, orders, bookings, and every chart that is opened."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from benchmarks.quality.county.pages import PAGES
from benchmarks.quality.county.people import BEFORE, BEGIN, DAY, HOUR, People, Person
from benchmarks.quality.county.staff import Staff, Worker, home

HOUSEHOLDS = 5000
_SITES = {
    "URGENT CARE EASTGATE": "UCE",
    "SCHOOL HEALTH LINCOLN": "SHL",
    "FAMILY MEDICINE NORTH": "FMN",
    "FAMILY MEDICINE SOUTH": "FMS",
    "EICU HUB": "HUB",
}


@dataclass(slots=True, eq=False)
class Visit:
    """A visit: `stays` are (unit, bed, from, to), one after the other."""

    csn: str
    person: Person
    klass: str
    stays: list[tuple[str, str, float, float]]
    attending: Worker
    reason: str
    orders: list["Order"] = field(default_factory=list)
    surgery: bool = False

    @property
    def start(self) -> float:
        """Arrival."""
        return self.stays[0][2]

    @property
    def end(self) -> float:
        """Leaving."""
        return self.stays[-1][3]

    def unit_at(self, ts: float) -> str:
        """Where the patient is."""
        return next((unit for unit, _, start, end in self.stays if start <= ts < end), self.stays[-1][0])


@dataclass(slots=True, eq=False)
class Order:
    """Something asked for. `section`: LAB, RAD, PHARM, PT, RT, DIET, CONS, BB …"""

    number: str
    visit: Visit
    ts: float
    by: Worker
    entered: Worker
    code: str
    text: str
    section: str


@dataclass(slots=True, eq=False)
class Booking:
    """An appointment, told when it was booked."""

    number: str
    person: Person
    unit: str
    worker: Worker
    booked: float
    start: float
    reason: str
    cancelled: float | None = None


@dataclass(slots=True, eq=False)
class Touch:
    """A chart opened: pages by `style`. `story` is the truth, which only the report reads."""

    ts: float
    worker: Worker
    person: Person
    style: str
    unit: str = ""
    desk: str = ""
    glass: str = ""
    story: str = ""


class House:
    """All that the exports are made of. Times in seconds since 1970; nothing before `BEGIN` is in the audit report."""

    def __init__(self, seed: int, days: int, share: float = 1.0) -> None:
        self.rng = rng = Random(f"county-{seed}")
        self.days, self.share, self.end = days, share, BEGIN + days * DAY
        self.people = People(rng, max(400, round(HOUSEHOLDS * share)))
        self.staff = Staff(rng, self.people, days, share)
        self.visits: list[Visit] = []
        self.bookings: list[Booking] = []
        self.touches: list[Touch] = []
        self.busy: dict[str, float] = {}
        self.sleepers: list[Worker] = []
        """Whose accounts nobody uses after the second day."""
        self.vips = self._famous()
        self.guarded = {p.mrn for p in self.vips}
        """Whose chart asks everybody for a reason."""
        self._desks: dict[tuple[str, int], str] = {}
        self._number = defaultdict[str, int](int)
        self._census = defaultdict[tuple[str, int], list[Visit]](list)
        self.panel = self._panels()
        self._alive = [p for p in self.people.all if p.died is None]
        self._weights = list(accumulate(0.25 + (p.age() / 45) ** 2 for p in self._alive))

    def _panels(self) -> dict[int, Worker]:
        """The family's own physician."""
        doctors = self.staff.of("PRIMARY CARE")
        return {k: self.rng.choice(doctors) for k in range(len(self.people.homes))}

    def _famous(self) -> list[Person]:
        """Eight whom the county knows."""
        known = {w.person.mrn for w in self.staff.all if w.person}
        return self.rng.sample(
            [p for p in self.people.all if 30 < p.age() < 80 and p.died is None and p.mrn not in known], 8
        )

    def number(self, kind: str, first: int) -> str:
        """Numbers of visits, orders, bookings and claims."""
        self._number[kind] += 1
        return str(first + self._number[kind])

    def patient(self, ts: float, until: float, young: bool = False, who: Person | None = None) -> Person:
        """Somebody alive and not here already, the old more often."""
        for _ in range(60):
            person = who or (
                self.rng.choice(self._alive) if young else self.rng.choices(self._alive, cum_weights=self._weights)[0]
            )
            if self.busy.get(person.mrn, 0.0) < ts and person.died is None and (not young or person.age() < 18):
                break
            who = None
        self.busy[person.mrn] = until
        return person

    def visit(
        self, person: Person, klass: str, stays: list[tuple[str, str, float, float]], attending: Worker, reason: str
    ) -> Visit:
        """Write a visit down."""
        visit = Visit(self.number("csn", 30_100_000), person, klass, stays, attending, reason)
        self.visits.append(visit)
        return visit

    def order(
        self, visit: Visit, ts: float, by: Worker, item: tuple[str, str, str], entered: Worker | None = None
    ) -> Order:
        """Ask for something: (code, text, section)."""
        order = Order(self.number("order", 70_500_000), visit, ts, by, entered or by, *item)
        visit.orders.append(order)
        return order

    def touch(
        self,
        ts: float,
        worker: Worker | None,
        person: Person,
        style: str,
        unit: str = "",
        desk: str = "",
        glass: str = "",
    ) -> Touch | None:
        """Open a chart; `unit` is where somebody is logged in if not at home. Nobody on duty: nobody opens it."""
        if worker is None or not BEGIN <= ts < self.end or style not in PAGES:
            return None
        touch = Touch(ts, worker, person, style, unit, desk, glass)
        self.touches.append(touch)
        return touch

    def desk(self, worker: Worker, ts: float, unit: str = "") -> str:
        """The computer of a shift: one of a unit's, or the one at home."""
        unit = unit or worker.unit_at(ts)
        if home(worker) or worker.rota == "home":
            return f"VDI-{worker.number}"
        key = (worker.login + unit, int((ts - 6 * HOUR) // (12 * HOUR)))
        if key not in self._desks:
            site = _SITES.get(unit, "CGH")
            short = "".join(word[:3] for word in unit.split()[:2])
            fixed = worker.rota in ("clinic", "home") and self.rng.random() < 0.9
            seat = int(worker.number) // 13 % 30 if fixed else self.rng.randrange(30, 42)
            self._desks[key] = f"{site}-{short}-{seat:02d}"
        return self._desks[key]

    def span(self) -> range:
        """Days of visits."""
        return range(-BEFORE, self.days)

    def census(self, unit: str, ts: float) -> list[Visit]:
        """Who lies in a unit at a time, in the order of beds; to be asked once all visits are written."""
        if not self._census:
            for visit in self.visits:
                for where, _, start, end in visit.stays:
                    for hour in range(int(start // HOUR), int(end // HOUR) + 1):
                        self._census[where, hour].append(visit)
        return [
            v for v in self._census.get((unit, int(ts // HOUR)), []) if v.unit_at(ts) == unit and v.start <= ts < v.end
        ]


def at(day: int, hour: float) -> float:
    """A moment."""
    return BEGIN + day * DAY + hour * HOUR
