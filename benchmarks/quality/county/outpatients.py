"""Who comes to the clinics: booked, walked in, by telephone, in courses."""

from dataclasses import dataclass

from benchmarks.quality.county.arrivals import DRUGS, LABS, SCANS
from benchmarks.quality.county.house import Booking, House, Visit, at
from benchmarks.quality.county.people import DAY, HOUR, Person
from benchmarks.quality.county.staff import Worker

_MINUTES = {
    "PRIMARY CARE": 24,
    "ADVANCED PRACTICE": 28,
    "RESIDENT": 40,
    "SPECIALIST": 30,
    "SURGEON": 30,
    "OB PHYSICIAN": 30,
}
_WALK_IN = {"URGENT CARE EASTGATE": 26.0, "SCHOOL HEALTH LINCOLN": 40.0}
"""Minutes between two who come unannounced, to each who works there."""


_COURSES = (
    ("AMBULATORY RN", "ONCOLOGY INFUSION", 45, 7.0, 180),
    ("THERAPIST", "REHAB SERVICES", 60, 3.5, 45),
    ("AMBULATORY RN", "ANTICOAGULATION", 90, 10.0, 15),
    ("AMBULATORY RN", "DIABETES EDUCATION", 60, 14.0, 45),
)
"""Chemotherapy, therapy, anticoagulation, lessons: (template, unit, patients, days between, minutes)."""


@dataclass(slots=True, eq=False)
class _Course:
    person: Person
    carer: Worker
    due: float
    every: float
    minutes: int


class Outpatients:
    """Writes visits, bookings and orders; opens no chart."""

    def __init__(self, house: House) -> None:
        self.house, self.rng = house, house.rng
        self.cares: dict[int, list[Person]] = {}
        for home, worker in house.panel.items():
            self.cares.setdefault(id(worker), []).extend(house.people.homes[home])

        self._courses: list[_Course] = []
        for template, unit, heads, every, minutes in _COURSES:
            for _ in range(round(heads * house.share)):
                carer = self.rng.choice(house.staff.of(template, unit))
                due = self.rng.uniform(-35, -35 + every)
                self._courses.append(_Course(house.patient(at(-36, 0), 0.0), carer, due, every, minutes))

    def play(self, day: int) -> None:
        """A day."""
        if day % 7 < 5:
            for course in self._courses:
                if course.due < day + 1:
                    self._again(course, day)
            self._sent(day)
        for worker in self.house.staff.all:
            if (
                worker.template in _MINUTES
                and worker.rota in ("clinic", "urgent")
                and worker.unit != "FAMILY MEDICINE RESIDENCY"
            ):
                self._session(worker, day)

    def _session(self, worker: Worker, day: int) -> None:
        shift = next((s for s in worker.shifts if at(day, 0) <= s[0] < at(day, 20)), None)
        if shift is None or (worker.template in ("SURGEON", "SPECIALIST") and (day + int(worker.number)) % 2):
            return
        step = _WALK_IN.get(worker.unit, float(_MINUTES[worker.template])) * 60
        ts = shift[0] + 0.6 * HOUR
        while ts < shift[1] - HOUR:
            if not shift[0] + 4 * HOUR < ts < shift[0] + 4.8 * HOUR and self.rng.random() < 0.7:
                self._seen(worker, ts)
            ts += step * self.rng.uniform(0.9, 1.15)

    def _seen(self, worker: Worker, ts: float) -> None:
        rng, house = self.rng, self.house
        child = worker.unit in ("PEDIATRICS CLINIC", "SCHOOL HEALTH LINCOLN")
        own = rng.choice(self.cares[id(worker)]) if id(worker) in self.cares and rng.random() < 0.85 else None
        if own is not None and child and own.age() >= 18:
            own = None
        person = house.patient(ts - HOUR, ts + 2 * DAY, young=child, who=own)
        walk_in = worker.unit in _WALK_IN
        if not walk_in:
            booked = ts - rng.choice((0.1, 1, 4, 9, 20, 33)) * DAY * rng.uniform(0.8, 1.2)
            booking = Booking(house.number("appt", 900_000), person, worker.unit, worker, booked, ts, "office visit")
            house.bookings.append(booking)
            if rng.random() < 0.09:
                booking.cancelled = ts - rng.uniform(-0.1, 2) * DAY
                return
        end = ts + rng.uniform(0.4, 1.1) * HOUR
        visit = house.visit(
            person, "Office Visit", [(worker.unit, "", ts - rng.uniform(0.1, 0.4) * HOUR, end)], worker, "office visit"
        )
        self.asked(visit, ts + 0.3 * HOUR)

    def asked(self, visit: Visit, ts: float) -> None:
        """Orders of a visit: the blood is drawn there or at the hospital another day."""
        for items, p in ((LABS, 0.5), (LABS, 0.3), (SCANS, 0.16), (DRUGS, 0.4)):
            item = self.rng.choice(items)
            fits = item[1] != "Screening mammogram" or (visit.person.sex == "F" and visit.person.age() >= 40)
            if fits and self.rng.random() < p:
                self.house.order(visit, ts, visit.attending, item)

    def _sent(self, day: int) -> None:
        """People who come for the blood draw or picture that a clinic asked for days ago."""
        rng, house = self.rng, self.house
        since = [
            v
            for v in house.visits[-3000:]
            if v.klass == "Office Visit" and at(day, 0) - 9 * DAY < v.start < at(day, 0) and v.orders
        ]
        for visit in rng.sample(since, min(len(since), round(36 * house.share))):
            ts = at(day, rng.triangular(6.5, 16, 8.5))
            if house.busy.get(visit.person.mrn, 0.0) > ts:
                continue
            unit = "RADIOLOGY" if any(o.section == "RAD" for o in visit.orders) else "LABORATORY"
            house.visit(
                visit.person, "Hospital Outpatient", [(unit, "", ts, ts + 0.7 * HOUR)], visit.attending, "ordered test"
            ).orders.extend(o for o in visit.orders if o.section in ("LAB", "RAD"))

    def _again(self, course: "_Course", day: int) -> None:
        rng, house = self.rng, self.house
        ts = at(day, rng.uniform(8.3, 15.5))
        today = house.staff.one(course.carer.template, course.carer.unit, ts) or course.carer
        who, unit = course.person, course.carer.unit
        if house.busy.get(who.mrn, 0.0) < ts - 0.5 * DAY:
            house.busy[who.mrn] = ts + HOUR
            booked = ts - course.every * DAY
            house.bookings.append(Booking(house.number("appt", 900_000), who, unit, today, booked, ts, "course"))
            house.visit(who, "Recurring", [(unit, "", ts, ts + course.minutes * 60)], today, "course")
        course.due += course.every * rng.uniform(0.9, 1.1)
