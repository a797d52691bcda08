"""What is unusual and right, and what is usual and looks wrong: moves, newcomers, a disaster, a month's end, slips."""

from benchmarks.quality.county.arrivals import Arrivals
from benchmarks.quality.county.bedside import Bedside
from benchmarks.quality.county.house import House, at
from benchmarks.quality.county.people import DAY, HOUR, some

DISASTER_DAY, MOVE_DAY = 12, 9
_REASONS = ("Direct patient care", "Direct patient care", "Coding or billing", "Test or procedure", "Quality review")


class Unusual:
    """`before` the visits are played, `arrivals` among them, `after` everybody has opened what they do."""

    def __init__(self, house: House) -> None:
        self.house, self.rng = house, house.rng
        self.crash: list[tuple[float, int]] = []

    def before(self) -> None:
        """People who move, begin, or are away."""
        rng, staff = self.rng, self.house.staff
        for template, unit, to in (
            ("INPATIENT RN", "MED SURG 2 EAST", "TELEMETRY 4"),
            ("INPATIENT RN", "ICU", "MED SURG 3 WEST"),
            ("MEDICAL ASSISTANT", "FAMILY MEDICINE NORTH", "ORTHOPEDICS CLINIC"),
            ("FRONT DESK", "PEDIATRICS CLINIC", "CARDIOLOGY CLINIC"),
        ):
            staff.move(rng.choice(staff.of(template, unit)), at(MOVE_DAY, 0), to)
        fresh = [
            w
            for w in staff.all
            if w.template in ("INPATIENT RN", "ED RN", "MEDICAL ASSISTANT", "REGISTRAR", "BILLING") and not w.moved
        ]
        for worker in some(rng, fresh, 8):
            worker.hired = at(rng.choice((3, 5, 8, 10)), 7)
            staff.absent(worker, at(-40, 0), worker.hired)
        steady = [
            w
            for w in staff.all
            if w.rota == "clinic"
            and w.hired < at(0, 0)
            and not w.moved
            and len([s for s in w.shifts if at(0, 0) < s[0] < at(2, 0)]) == 2
        ]
        self.house.sleepers = some(rng, steady, 3)
        for worker in self.house.sleepers:
            staff.absent(worker, at(2, 0), self.house.end)

    def arrivals(self, arrivals: Arrivals, day: int) -> None:
        """A bus on the county road; somebody whom all know; colleagues who fall ill."""
        rng, house = self.rng, self.house
        if day == DISASTER_DAY:
            first = len(house.visits)
            for _ in range(max(4, round(34 * house.share))):
                arrivals.emergency(at(day, 22 + 2 * rng.random()), admit=0.4)
            self.crash = [(v.start, k) for k, v in enumerate(house.visits[first:], first)]
        if day in (2, 8, 13):
            arrivals.emergency(at(day, 9 + 8 * rng.random()), who=house.vips[day % 5], admit=1.0)
        if day in (1, 4, 7, 11, 15):
            ill = rng.choice([w.person for w in house.staff.all if w.person is not None])
            house.guarded.add(ill.mrn)
            arrivals.emergency(at(day, 8 + 12 * rng.random()), who=ill, admit=0.7)

    def after(self, bedside: Bedside) -> None:
        """What comes on top of the day's work."""
        self._called_in()
        self._month_end()
        self._export()
        self._followed(bedside)
        self._slips()
        self._asked_for_reasons()

    def _called_in(self) -> None:
        """That night everybody comes who lives near, and breaks the glass."""
        rng, house = self.rng, self.house
        near = [
            w
            for w in house.staff.all
            if w.template in ("ED RN", "INPATIENT RN", "SURGEON", "OR RN", "ED TECH", "ANESTHESIA", "RESPIRATORY")
        ]
        for worker in rng.sample(near, min(len(near), max(4, round(42 * house.share)))):
            begin = at(DISASTER_DAY, 22.4 + rng.random())
            worker.shifts.append((begin, begin + 5 * HOUR))
            for start, k in rng.sample(self.crash, min(len(self.crash), rng.randrange(2, 6))):
                style = rng.choice(("round", "see" if worker.template in ("SURGEON", "ANESTHESIA") else "meds"))
                ts = max(start, begin) + rng.uniform(0, 2.5) * HOUR
                house.touch(ts, worker, house.visits[k].person, style, "EMERGENCY DEPT", glass="Mass casualty")

    def _month_end(self) -> None:
        """Two evenings and a Saturday's worth of accounts more."""
        rng, house = self.rng, self.house
        for day in (14, 15, 16):
            done = [
                v for v in house.visits if v.end < at(day, 0) - 3 * DAY and v.klass not in ("Telephone", "Recurring")
            ]
            for worker in house.staff.of("BILLING", "PATIENT FINANCIAL SERVICES"):
                if worker in house.staff.on("BILLING", worker.unit, at(day, 10)):
                    for visit in rng.sample(done, min(len(done), 26)):
                        house.touch(at(day, rng.uniform(8.5, 19)), worker, visit.person, "bill")

    def _export(self) -> None:
        """A study may have what it asked for, at once."""
        house = self.house
        who = house.staff.of("RESEARCH")[0]
        start = at(10, 15)
        for k, visit in enumerate([v for v in house.visits if v.klass == "Inpatient" and v.end < start][-260:]):
            house.touch(start + 3 * k, who, visit.person, "study_export", glass="Research - IRB 26-104")

    def _followed(self, bedside: Bedside) -> None:
        """Nurses who look, a day or two later, how somebody they cared for is doing elsewhere in the house."""
        for (ward, half), given in bedside.given.items():
            for worker, mine in given:
                for visit in mine:
                    if self.rng.random() < 0.02:
                        self.house.touch(
                            at(0, 12 * half + self.rng.uniform(20, 50)), worker, visit.person, "glance", ward
                        )

    def _slips(self) -> None:
        """A line above or below the one that was meant: 1.2 % of charts, left at once."""
        rng, house = self.rng, self.house
        for touch in rng.sample(house.touches, round(0.012 * len(house.touches))):
            if rng.random() < 0.6:
                other = rng.choice(house.people.all)
            else:
                other = rng.choice(house.visits[-4000:]).person
            house.touch(touch.ts - 20, touch.worker, other, "glance", touch.unit, touch.desk)

    def _asked_for_reasons(self) -> None:
        """Guarded charts ask whoever is not at the bedside."""
        rng, house = self.rng, self.house
        behind = {v.person.mrn for v in house.visits if any(s[0] == "BEHAVIORAL HEALTH" for s in v.stays)}
        for touch in house.touches:
            if (
                touch.glass == ""
                and (touch.person.mrn in house.guarded or touch.person.mrn in behind)
                and rng.random() < 0.25
            ):
                touch.glass = rng.choice(_REASONS)
