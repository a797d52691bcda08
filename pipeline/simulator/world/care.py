"""Who is treated where, when and by whom: planned for the whole span before the first event, so that
accesses follow care and stories can choose what care does not explain."""

from collections import defaultdict
from dataclasses import dataclass, field

from pipeline.simulator.draws import Draws, Weighted
from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import CLINICIANS, WARDS, Person

HISTORY_S = 10 * DAY_S
# Visits per patient and day: makes about as many charts open at once as the staff can look after.
_VISITS_PER_DAY = 0.35
_KINDS = Weighted(("ambulatory", "emergency", "inpatient"), (62, 23, 15))
_ORDERS = Weighted(("Laboratory", "Radiology", "Pharmacy"), (5, 2, 5))


@dataclass(slots=True, frozen=True)
class Order:
    """Something asked of a service department."""

    id: str
    ts: float
    by: str
    department: str


@dataclass(slots=True)
class Stay:
    """One encounter. `team` names everyone with a reason; `move`: time and department of a transfer."""

    id: str
    patient: Patient
    department: str
    kind: str
    start_ts: float
    end_ts: float
    attending: Person
    team: list[Person]
    orders: list[Order]
    move: tuple[float, str] | None = None
    booked: bool = False

    def place(self, ts: float) -> str:
        """Department at a time."""
        return self.move[1] if self.move is not None and ts >= self.move[0] else self.department


@dataclass(slots=True)
class Census:
    """Stays that touch one hour, by what they are looked up by."""

    everyone: list[Stay] = field(default_factory=list)
    by_place: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    by_user: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    by_service: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))


class Care:
    """All stays from ten days before the start to the end of the span."""

    def __init__(self, draws: Draws, staff: list[Person], patients: list[Patient], start: float, end: float) -> None:
        self._draws = draws
        self._patients = patients
        self._by_department: dict[str, list[Person]] = defaultdict(list)
        for person in staff:
            self._by_department[person.department].append(person)
        first = start - HISTORY_S
        count = max(40, int(len(patients) * _VISITS_PER_DAY * (end - first) / DAY_S))
        times = sorted(draws.between(first, end) for _ in range(count))
        self._busy: dict[str, float] = {}
        self.stays = [s for i, ts in enumerate(times) if (s := self._stay(i, ts)) is not None]
        self.by_patient: dict[str, list[Stay]] = defaultdict(list)
        for stay in self.stays:
            self.by_patient[stay.patient.id].append(stay)
        self._hour = -1
        self._census = Census()

    def _stay(self, index: int, start: float) -> Stay | None:
        d = self._draws
        patient = d.pick(self._patients)
        if self._busy.get(patient.id, 0.0) > start:
            return None
        kind = _KINDS.pick(d)
        department = "Emergency" if kind == "emergency" else d.pick(WARDS[1:] if kind == "inpatient" else WARDS[2:])
        length = {"ambulatory": 2 * HOUR_S, "emergency": 5 * HOUR_S, "inpatient": 3 * DAY_S}[kind]
        end = start + d.lognormal(length, 0.5)
        self._busy[patient.id] = end + HOUR_S
        people = self._by_department[department]
        doctors = [p for p in people if p.role in CLINICIANS]
        nurses = [p for p in people if p.role == "nurse"]
        attending = d.pick([p for p in doctors if p.role == "physician"])
        size = 7 if kind == "inpatient" else 3
        team = list({p.id: p for p in (attending, d.pick(doctors), *(d.pick(nurses) for _ in range(size)))}.values())
        stay_id = f"e{index:06d}"
        orders = [
            Order(
                f"o{index:06d}-{k}",
                d.between(start, min(end, start + 12 * HOUR_S)),
                d.pick(team).id,
                _ORDERS.pick(d),
            )
            for k in range(d.whole(1, 6 if kind == "inpatient" else 3))
        ]
        move = None
        if kind == "inpatient" and d.chance(0.3):
            move = (d.between(start, end), d.pick([w for w in WARDS[1:] if w != department]))
            team += [d.pick(self._by_department[move[1]]) for _ in range(4)]
        booked = kind == "ambulatory"
        return Stay(stay_id, patient, department, kind, start, end, attending, team, orders, move, booked)

    def census(self, ts: float) -> Census:
        """Stays that touch the hour of `ts`; the last hour asked for is kept."""
        hour = int(ts // HOUR_S)
        if hour != self._hour:
            low, high = hour * HOUR_S, (hour + 1) * HOUR_S
            census = Census()
            for stay in self.stays:
                if stay.start_ts >= high:
                    break
                if stay.end_ts > low:
                    census.everyone.append(stay)
                    census.by_place[stay.place(ts)].append(stay)
                    for person in stay.team:
                        census.by_user[person.id].append(stay)
                    for order in stay.orders:
                        census.by_service[order.department].append(stay)
            self._hour, self._census = hour, census
        return self._census

    def related(self, user: Person, patient: Patient) -> bool:
        """Whether any stay gives this person a reason: on the team, or of the same department."""
        return any(
            user in stay.team or user.department in (stay.department, stay.move and stay.move[1])
            for stay in self.by_patient.get(patient.id, ())
        )
