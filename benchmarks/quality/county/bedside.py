"""Charts opened on the wards and in the emergency department."""

from benchmarks.quality.county.arrivals import WARDS
from benchmarks.quality.county.house import House, Visit, at
from benchmarks.quality.county.people import HOUR
from benchmarks.quality.county.staff import Worker

_ED = "EMERGENCY DEPT"


class Bedside:
    """Nurses look every hour or so, physicians on rounds and when called, others as they pass."""

    def __init__(self, house: House) -> None:
        self.house, self.rng, self.touch = house, house.rng, house.touch
        self.given: dict[tuple[str, int], list[tuple[Worker, list[Visit]]]] = {}
        """Who had whom: (ward, twelve hours since the first day) → assignments."""

    def play(self) -> None:
        """All shifts."""
        for day in range(self.house.days):
            for half, hour in ((0, 7.0), (1, 19.0)):
                self._shift(day, half, at(day, hour))
            self._rounds(day)
        for visit in self.house.visits:
            if visit.stays[0][0] == _ED:
                self._emergency(visit)

    def nurses(self, ward: str, ts: float) -> list[Worker]:
        """The ward's own on duty."""
        return self.house.staff.on("INPATIENT RN", ward, ts)

    def _shift(self, day: int, half: int, begin: float) -> None:
        staff, rng = self.house.staff, self.rng
        middle = begin + 6 * HOUR
        floats = list(staff.on("FLOAT RN", "FLOAT POOL", middle))
        wanted = {
            w: len(self.house.census(w, middle)) / (2.2 if w == "ICU" else 5.0) - len(self.nurses(w, middle))
            for w in WARDS
        }
        teams = {w: list(self.nurses(w, middle)) for w in WARDS}
        for worker in floats:
            ward = max(wanted, key=lambda w: wanted[w])
            wanted[ward] -= 1
            teams[ward].append(worker)
        for ward, team in teams.items():
            lying = {id(v): v for hour in range(12) for v in self.house.census(ward, begin + (hour + 0.5) * HOUR)}
            rng.shuffle(team)
            given: list[tuple[Worker, list[Visit]]] = [(w, []) for w in team]
            for k, visit in enumerate(lying.values()):
                if given:
                    given[k % len(given)][1].append(visit)
            self.given[ward, 2 * day + half] = given
            for worker, mine in given:
                self._nurse(worker, mine, ward, begin)
            if given:
                self._around(ward, begin, list(lying.values()), given)

    def _nurse(self, worker: Worker, mine: list[Visit], ward: str, begin: float) -> None:
        """Reads up before the shift begins, looks each hour, gives medication, hands over."""
        rng = self.rng
        for visit in mine:
            for hour in range(-1, 12):
                ts = begin + (hour + rng.random()) * HOUR
                if not visit.start - 0.7 * HOUR < ts < visit.end + 0.6 * HOUR or (
                    visit.unit_at(ts) != ward and rng.random() < 0.6
                ):
                    continue
                if hour == -1:
                    if rng.random() < 0.4:
                        self.touch(begin - rng.uniform(0.02, 0.3) * HOUR, worker, visit.person, "handoff", ward)
                elif rng.random() < 0.85:
                    self.touch(ts, worker, visit.person, "round", ward)
                if hour in (1, 2, 5, 9) and rng.random() < 0.7:
                    self.touch(ts + 0.2 * HOUR, worker, visit.person, "meds", ward)

    def _around(self, ward: str, begin: float, lying: list[Visit], given: list[tuple[Worker, list[Visit]]]) -> None:
        """Breaks, the charge nurse, assistants, the clerk, students, the colleague who answers a call light."""
        rng, house = self.rng, self.house
        helpers = house.staff.on("NURSING ASSISTANT", ward, begin + 6 * HOUR)
        clerk = house.staff.one("UNIT CLERK", ward, begin + 6 * HOUR)
        for k, (worker, _) in enumerate(given):
            for visit in given[k - 1][1]:
                if rng.random() < 0.5:
                    self.touch(
                        begin + rng.uniform(3.5, 6.5) * HOUR,
                        worker,
                        visit.person,
                        rng.choice(("round", "glance")),
                        ward,
                    )
        for visit in lying:
            if rng.random() < 0.8:
                self.touch(
                    max(begin, visit.start) + rng.uniform(0.1, 1.5) * HOUR, given[0][0], visit.person, "board", ward
                )
            for helper in helpers[:3]:
                for hour in (1, 5, 9):
                    if rng.random() < 0.35:
                        self.touch(begin + (hour + rng.random()) * HOUR, helper, visit.person, "vitals", ward)
            if clerk and rng.random() < 0.5:
                self.touch(
                    begin + rng.uniform(1, 11) * HOUR,
                    clerk,
                    visit.person,
                    "register" if rng.random() < 0.2 else "glance",
                    ward,
                )
            if rng.random() < 0.3:
                self.touch(begin + rng.uniform(0, 12) * HOUR, rng.choice(given)[0], visit.person, "glance", ward)

    def _rounds(self, day: int) -> None:
        """Physicians: their list in the morning, again in the afternoon, when called; one covers everybody by night."""
        rng, staff = self.rng, self.house.staff
        doctors = staff.on("HOSPITALIST", "HOSPITAL MEDICINE", at(day, 11))
        night = staff.on("NOCTURNIST", "HOSPITAL MEDICINE", at(day, 23))
        for ward in WARDS:
            for k, visit in enumerate(self.house.census(ward, at(day, 10))):
                mine = visit.attending
                if mine.template == "HOSPITALIST" and doctors:
                    mine = mine if mine in doctors else doctors[int(visit.csn) % len(doctors)]
                elif mine.template == "SURGEON" and rng.random() < 0.3:
                    mine = rng.choice(staff.of("SURGEON", mine.unit))
                for hour in (7.2, 9.5, 14):
                    if rng.random() < 0.8:
                        self.touch(at(day, hour + 1.8 * rng.random()), mine, visit.person, "see", ward)
                if night and ward not in ("MOTHER BABY", "BEHAVIORAL HEALTH"):
                    for _ in range(rng.choices((0, 1, 2), (55, 33, 12))[0]):
                        self.touch(
                            at(day, 19 + 11.5 * rng.random()),
                            rng.choice(night),
                            visit.person,
                            rng.choice(("review", "orders")),
                            ward,
                        )
                if ward == "ICU":
                    self._watched(day, visit)
                if k % 4 == 0 and rng.random() < 0.5:
                    self._resident(day, visit)

    def _resident(self, day: int, visit: Visit) -> None:
        """Those of family medicine who are on the inpatient service this week."""
        team = [w for k, w in enumerate(self.house.staff.of("RESIDENT")) if (k + day // 7) % 4 == 0]
        for hour in (6.6, 13):
            self.touch(
                at(day, hour + self.rng.random()),
                self.rng.choice(team),
                visit.person,
                "see",
                visit.unit_at(at(day, 10)),
            )

    def _watched(self, day: int, visit: Visit) -> None:
        """Intensive care from afar, every two hours, by people who never are there."""
        for hour in range(0, 24, 2):
            ts = at(day, hour + 1.5 * self.rng.random())
            if visit.unit_at(ts) == "ICU" and visit.start < ts < visit.end:
                self.touch(ts, self.house.staff.one("EICU RN", "EICU HUB", ts), visit.person, "watch")

    def _emergency(self, visit: Visit) -> None:
        """From the door to the bed; the floor's nurses look at who will come up, physicians at what became of whom."""
        rng, staff = self.rng, self.house.staff
        _, _, start, left = visit.stays[0]
        nurses, touch, who = staff.on("ED RN", _ED, start + 0.5 * HOUR), self.touch, visit.person
        touch(start + 60, staff.one("REGISTRAR", "PATIENT ACCESS", start), who, "register", _ED)
        if nurses:
            touch(start + rng.uniform(3, 20) * 60, rng.choice(nurses), who, "triage", _ED)
        mine, ts = (rng.choice(nurses) if nurses else None), start + 0.4 * HOUR
        while ts < left:
            later = staff.on("ED RN", _ED, ts)
            mine = mine if mine in later or not later else rng.choice(later)
            touch(ts, mine, who, rng.choice(("round", "round", "meds", "glance")), _ED)
            if rng.random() < 0.25:
                touch(ts + rng.uniform(2, 20) * 60, staff.one("ED RN", _ED, ts), who, "board", _ED)
            ts += rng.uniform(0.35, 1.1) * HOUR
        for hour in (0.5, 1.3, 2.4):
            if start + hour * HOUR < left:
                touch(
                    start + (hour + 0.4 * rng.random()) * HOUR,
                    visit_doctor(visit, staff.on("ED PHYSICIAN", _ED, start + HOUR)),
                    who,
                    "see",
                    _ED,
                )
        touch(start + rng.uniform(0.2, 1) * HOUR, staff.one("ED TECH", _ED, start), who, "vitals", _ED)
        touch(start + rng.uniform(0.5, 2) * HOUR, staff.one("UNIT CLERK", _ED, start), who, "glance", _ED)
        if len(visit.stays) > 1:
            self._boarded(visit, left)
        elif rng.random() < 0.12:
            touch(start + rng.uniform(1, 4) * 24 * HOUR, visit_doctor(visit, []), who, "review", _ED)

    def _boarded(self, visit: Visit, left: float) -> None:
        rng, staff, ward = self.rng, self.house.staff, visit.stays[1][0]
        begin = max(visit.start, left - rng.uniform(1, 5) * HOUR)
        self.touch(begin, visit.attending, visit.person, "see", _ED)
        here = self.nurses(ward, left)
        if here:
            self.touch(left - rng.uniform(0.1, 1) * HOUR, rng.choice(here), visit.person, "handoff", ward)
        self.touch(
            begin + rng.uniform(0, 0.5) * HOUR,
            staff.one("HOUSE SUPERVISOR", "NURSING ADMINISTRATION", begin),
            visit.person,
            "board",
        )
        self.touch(
            begin + rng.uniform(0, 0.5) * HOUR,
            staff.one("REGISTRAR", "PATIENT ACCESS", begin),
            visit.person,
            "register",
        )


def visit_doctor(visit: Visit, on: list[Worker]) -> Worker | None:
    """Who saw the patient in the emergency department: by the visit's number, the one who first did while on duty."""
    first = next((o.by for o in visit.orders if o.by.template == "ED PHYSICIAN"), None)
    if first is not None and (not on or first in on):
        return first
    return on[int(visit.csn) % len(on)] if on else None
