"""Who is treated where, when and by whom: planned for the whole span before the first event, so that
accesses follow care and stories can choose what care does not explain."""

from collections import defaultdict
from dataclasses import dataclass, field

from pipeline.simulator.draws import Draws
from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.planning import Planner
from pipeline.simulator.world.roster import Roster
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Stay

HISTORY_S = 14 * DAY_S
_DIES = 0.025
_HOURS = 200


@dataclass(slots=True)
class Census:
    """Stays that touch one hour, by what they are looked up by."""

    everyone: list[Stay] = field(default_factory=list)
    by_place: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    by_user: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    by_service: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))


class Care:
    """All stays from two weeks before the start to the end of the span."""

    def __init__(
        self, draws: Draws, staff: list[Person], roster: Roster, patients: list[Patient], start: float, end: float,
        year: int,
    ) -> None:  # fmt: skip
        self._patients = patients
        planner = Planner(draws, staff, roster, patients, year)
        self.wards = planner.wards
        """Units with beds or clinics."""
        self.stays = planner.stays(start - HISTORY_S, end)
        self.by_patient: dict[str, list[Stay]] = defaultdict(list)
        self._by_day: dict[int, list[Stay]] = defaultdict(list)
        for stay in self.stays:
            self.by_patient[stay.patient.id].append(stay)
            for day in range(int(stay.start_ts // DAY_S), int(stay.end_ts // DAY_S) + 1):
                self._by_day[day].append(stay)
        self._charted = list({s.patient.id: s.patient for s in self.stays}.values())
        self.died = {p.id: start - p.died_days * DAY_S for p in patients if p.died_days is not None}
        """When patients died, by id."""
        for stay in self.stays:
            last = self.by_patient[stay.patient.id][-1]
            if stay.kind == "inpatient" and stay is last and draws.chance(_DIES):
                self.died[stay.patient.id] = stay.end_ts
        self._census: dict[int, Census] = {}

    def census(self, ts: float) -> Census:
        """Stays that touch the hour of `ts`; those of some hours are kept, since work looks ahead."""
        hour = int(ts // HOUR_S)
        census = self._census.get(hour)
        if census is None:
            low, high = hour * HOUR_S, (hour + 1) * HOUR_S
            census = Census()
            for stay in self._by_day.get(int(ts // DAY_S), ()):
                if stay.start_ts < high and stay.end_ts > low:
                    census.everyone.append(stay)
                    census.by_place[stay.place(ts)].append(stay)
                    for person in stay.team:
                        census.by_user[person.id].append(stay)
                    for order in stay.orders:
                        census.by_service[order.department].append(stay)
            if len(self._census) >= _HOURS:
                del self._census[min(self._census)]
            self._census[hour] = census
        return census

    def related(self, user: Person, patient: Patient) -> bool:
        """Whether any stay gives this person a reason: on the team, of the same department, or asked by it."""
        return any(
            user.department in (stay.department, stay.move and stay.move[1])
            or any(p.id == user.id for p in stay.team)
            or any(order.department == user.department for order in stay.orders)
            for stay in self.by_patient.get(patient.id, ())
        )

    def strangers(self, draws: Draws, user: Person, count: int, *, charted: bool = False) -> list[Patient]:
        """Up to `count` patients that care gives this person no reason to look at; `charted`: of those in the house
        during the span."""
        pool = self._charted if charted else self._patients
        out: dict[str, Patient] = {}
        for _ in range(60 * count):
            if len(out) == count:
                break
            patient = draws.pick(pool)
            if patient.id not in out and patient.staff_id != user.id and not self.related(user, patient):
                out[patient.id] = patient
        return list(out.values())
