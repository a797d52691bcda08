"""Charts opened by people who never meet the patient: codes, bills, copies, quality, research, support."""

from benchmarks.quality.county.house import House, Visit, at
from benchmarks.quality.county.people import DAY, HOUR, Person, some
from benchmarks.quality.county.staff import Worker


class Offices:
    """Work from queues, days to months after the visit."""

    def __init__(self, house: House) -> None:
        self.house, self.rng, self.touch = house, house.rng, house.touch
        self.followed = {w.login: self._drawn(24) for w in house.staff.of("AMBULATORY RN", "TRANSPLANT COORDINATION")}
        self.study = self._drawn(60)

    def _drawn(self, heads: int) -> list[Person]:
        old = [p for p in self.house.people.all if p.age() > 35 and p.died is None]
        return some(self.rng, old, heads)

    def play(self) -> None:
        """Queues by visit, then what is done by the day."""
        for visit in self.house.visits:
            if visit.klass != "Telephone":
                self._after(visit)
        for day in range(self.house.days):
            if day % 7 < 5:
                self._weekday(day)

    def _on(self, template: str, unit: str, ts: float) -> tuple[float, Worker | None]:
        """The next weekday's working hours: (when, who)."""
        day = int((ts - at(0, 0)) // DAY)
        day += max(0, 7 - day % 7) if day % 7 > 4 else 0
        hour = self.rng.uniform(8.6, 16)
        return at(day, hour), self.house.staff.one(template, unit, at(day, hour))

    def _after(self, visit: Visit) -> None:
        """Scanned, coded, billed, now and then denied, copied for a lawyer."""
        rng, lay = self.rng, visit.klass == "Inpatient"
        if rng.random() < (0.8 if lay else 0.25):
            ts, clerk = self._on("HIM CLERK", "HIM SCANNING", visit.end + rng.uniform(0.3, 3) * DAY)
            self.touch(ts, clerk, visit.person, "index")
        if visit.klass in ("Inpatient", "Emergency", "Outpatient Surgery") or rng.random() < 0.15:
            ts, coder = self._on("CODER", "HIM CODING", visit.end + rng.uniform(2, 9 if lay else 5) * DAY)
            for k in range(rng.choice((1, 1, 2)) if lay else 1):
                self.touch(ts + k * 4 * DAY, coder, visit.person, "code")
        if rng.random() < (0.8 if lay else 0.22):
            ts, biller = self._on("BILLING", "PATIENT FINANCIAL SERVICES", visit.end + rng.uniform(6, 30) * DAY)
            self.touch(ts, biller, visit.person, "bill")
            if rng.random() < 0.2:
                self.touch(ts + rng.uniform(5, 12) * DAY // DAY * DAY, biller, visit.person, "bill")

    def _weekday(self, day: int) -> None:
        rng, house, staff = self.rng, self.house, self.house.staff
        past = [
            v
            for v in house.visits
            if v.end < at(day, 0) and v.klass in ("Inpatient", "Emergency", "Outpatient Surgery")
        ]
        stays = [v for v in past if v.klass == "Inpatient"]
        some = max(1, round(14 * house.share))
        for visits, heads, template, unit, style in (
            (stays, some, "QUALITY", "QUALITY", "abstract"),
            (past, some, "HIM ROI", "HIM RELEASE OF INFORMATION", "release"),
            (past, 30 * some // 14, "BILLING", "PATIENT FINANCIAL SERVICES", "bill"),
            (stays, 4, "CASE MANAGER", "CASE MANAGEMENT", "call"),
        ):
            for visit in rng.sample(visits, min(heads, len(visits))):
                ts = at(day, rng.uniform(8.7, 16))
                self.touch(ts, staff.one(template, unit, ts), visit.person, style)
        self._older(day)
        if day % 7 == 1:
            for visit in [v for v in past if v.reason in ("fall", "laceration") and v.end > at(day, 0) - 8 * DAY]:
                self.touch(
                    at(day, rng.uniform(9, 16)),
                    staff.one("QUALITY", "TRAUMA REGISTRY", at(day, 10)),
                    visit.person,
                    "registry",
                )

    def _older(self, day: int) -> None:
        """Patients of whom the exports know no visit: denials of last year, lists of transplants, studies, tickets."""
        rng, house, staff = self.rng, self.house, self.house.staff
        few = max(1, round(3 * house.share))
        for who in rng.sample(house.people.all, 8 * few):
            ts = at(day, rng.uniform(8.7, 16))
            style, template, unit = rng.choice(
                (
                    ("bill", "BILLING", "PATIENT FINANCIAL SERVICES"),
                    ("release", "HIM ROI", "HIM RELEASE OF INFORMATION"),
                    ("authorize", "BILLING", "PRIOR AUTHORIZATION"),
                    ("schedule", "SCHEDULER", "CENTRAL SCHEDULING"),
                )
            )
            self.touch(ts, staff.one(template, unit, ts), who, style)
        for worker in staff.of("AMBULATORY RN", "TRANSPLANT COORDINATION"):
            for who in some(rng, self.followed[worker.login], 7):
                ts = at(day, rng.uniform(8.8, 15.8))
                if worker in staff.on(worker.template, worker.unit, ts):
                    self.touch(ts, worker, who, "call")
        for who in some(rng, self.study, 2 * few):
            ts = at(day, rng.uniform(9, 15))
            self.touch(ts, staff.one("RESEARCH", "CLINICAL RESEARCH", ts), who, "screen")
        for _ in range(few):
            ts = at(day, rng.uniform(8.5, 16))
            visit = rng.choice([v for v in house.visits[-2500:] if v.klass != "Telephone"])
            self.touch(ts, staff.one("IT ANALYST", "IT CLINICAL APPS", ts), visit.person, "ticket")
        self._employees(day, few)

    def _employees(self, day: int, few: int) -> None:
        """Occupational health opens colleagues' charts: half of them come on an appointment."""
        rng, house = self.rng, self.house
        known = [w.person for w in house.staff.all if w.person is not None]
        for who in rng.sample(known, min(len(known), few + 1)):
            ts = at(day, rng.uniform(8.8, 15.5))
            nurse = house.staff.one("AMBULATORY RN", "EMPLOYEE HEALTH", ts)
            if nurse is None:
                continue
            self.touch(ts + 300, nurse, who, "room")
            if rng.random() < 0.5:
                house.visit(
                    who, "Office Visit", [("EMPLOYEE HEALTH", "", ts, ts + 0.5 * HOUR)], nurse, "employee health"
                )
