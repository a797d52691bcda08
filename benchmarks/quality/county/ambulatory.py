"""Charts opened in clinics, theatres and on the telephone."""

from benchmarks.quality.county.house import Booking, House, Visit, at
from benchmarks.quality.county.people import DAY, HOUR, Person
from benchmarks.quality.county.staff import Worker


class Ambulatory:
    """Desk, assistant, physician; the day before; results the days after; refills and calls between."""

    def __init__(self, house: House) -> None:
        self.house, self.rng, self.touch = house, house.rng, house.touch

    def play(self) -> None:
        """All visits and bookings."""
        for visit in self.house.visits:
            if visit.klass in ("Office Visit", "Recurring"):
                self._office(visit)
            elif visit.klass == "Hospital Outpatient":
                self._desk(visit, visit.start, "PATIENT ACCESS", "REGISTRAR")
            if visit.surgery:
                self._operated(visit)
            if visit.orders:
                self._results(visit)
        for booking in self.house.bookings:
            self._booked(booking)
        for day in range(self.house.days):
            self._between(day)

    def _desk(self, visit: Visit, ts: float, unit: str, template: str) -> None:
        """Registration often opens somebody of the same name first."""
        clerk = self.house.staff.one(template, unit, ts)
        if self.rng.random() < 0.08:
            self.touch(ts - 40, clerk, self.namesake(visit.person), "lookup")
        self.touch(ts, clerk, visit.person, "checkin" if template == "FRONT DESK" else "register")

    def namesake(self, person: Person) -> Person:
        """Another of that family name, as a search for it lists them."""
        alike = [
            p
            for p in self.rng.sample(self.house.people.all, 700 if self.house.share == 1 else 100)
            if p.last == person.last
        ]
        return self.rng.choice(alike) if alike else self.rng.choice(self.house.people.all)

    def _office(self, visit: Visit) -> None:
        rng, staff, who, unit = self.rng, self.house.staff, visit.person, visit.stays[0][0]
        start, doctor = visit.start, visit.attending
        if staff.of("FRONT DESK", unit):
            self._desk(visit, start, unit, "FRONT DESK")
        helper = staff.one("MEDICAL ASSISTANT", unit, start)
        self.touch(start + rng.uniform(4, 15) * 60, helper, who, "room")
        if rng.random() < 0.35:
            self.touch(start - rng.uniform(2, 26) * HOUR, helper, who, "review")
        if rng.random() < 0.3 and visit.klass == "Office Visit":
            evening = start // DAY * DAY - rng.choice((3.0, 4.0, 5.0)) * HOUR
            self.touch(evening + rng.random() * HOUR, doctor, who, "review", desk=f"VDI-{doctor.number}")
        self.touch(
            start + rng.uniform(15, 35) * 60, doctor, who, "therapy" if doctor.template == "THERAPIST" else "see"
        )
        if rng.random() < 0.4:
            late = rng.uniform(0.5, 3) if rng.random() < 0.7 else rng.uniform(9, 40)
            self.touch(visit.end + late * HOUR, doctor, who, "see", desk=f"VDI-{doctor.number}" if late > 3 else "")
        if rng.random() < 0.06:
            self.touch(start + 0.3 * HOUR, staff.one("INTERPRETER", "INTERPRETER SERVICES", start), who, "visit")
        if visit.klass == "Office Visit" and rng.random() < 0.1:
            resident = staff.one("RESIDENT", "FAMILY MEDICINE RESIDENCY", start)
            self.touch(start + 0.3 * HOUR, resident, who, "see", unit)

    def _results(self, visit: Visit) -> None:
        """In-baskets: whoever asked, or a colleague who covers; the patient's own physician after an emergency."""
        rng, staff = self.rng, self.house.staff
        for order in visit.orders:
            if order.section not in ("LAB", "RAD") or rng.random() < (0.9 if visit.klass == "Inpatient" else 0.55):
                continue
            covers = rng.random() < 0.15
            reads = rng.choice(staff.of(order.by.template, order.by.unit)) if covers else order.by
            self.touch(
                order.ts + rng.uniform(3, 40) * HOUR,
                reads,
                visit.person,
                "inbox",
                desk=f"VDI-{reads.number}" if rng.random() < 0.3 else "",
            )
        own = self.house.panel.get(visit.person.home)
        if visit.klass in ("Emergency", "Inpatient") and own and rng.random() < 0.35:
            self.touch(visit.end + rng.uniform(6, 60) * HOUR, own, visit.person, "review")
            nurse = staff.one("AMBULATORY RN", own.unit, visit.end // DAY * DAY + 34 * HOUR)
            self.touch(visit.end // DAY * DAY + rng.uniform(32.5, 39) * HOUR, nurse, visit.person, "call")

    def _booked(self, booking: Booking) -> None:
        rng, staff = self.rng, self.house.staff
        here = staff.one("FRONT DESK", booking.unit, booking.booked) if rng.random() < 0.5 else None
        clerk = here or staff.one("SCHEDULER", "CENTRAL SCHEDULING", booking.booked)
        self.touch(booking.booked + rng.uniform(-240, 60), clerk, booking.person, "schedule")
        if booking.reason == "operation":
            self.touch(
                booking.start - rng.uniform(3, 9) * DAY,
                self._at_work("BILLING", "PRIOR AUTHORIZATION", booking.start - 5 * DAY),
                booking.person,
                "authorize",
            )

    def _at_work(self, template: str, unit: str, ts: float) -> Worker | None:
        return self.house.staff.one(template, unit, ts // DAY * DAY + 10.5 * HOUR)

    def _operated(self, visit: Visit) -> None:
        """Screened days before, read up on the evening before, in theatre, in recovery."""
        rng, staff, who = self.rng, self.house.staff, visit.person
        _, _, start, over = next(s for s in visit.stays if s[0] == "SURGERY")
        before = start // DAY * DAY - rng.choice((2, 3, 4)) * DAY + rng.uniform(8.5, 15) * HOUR
        self.touch(before, staff.one("AMBULATORY RN", "PRE ADMISSION TESTING", before), who, "call")
        sleeps = staff.one("ANESTHESIA", "ANESTHESIA", start)
        if sleeps and rng.random() < 0.5:
            self.touch(
                start // DAY * DAY - rng.uniform(2, 5) * HOUR, sleeps, who, "review", desk=f"VDI-{sleeps.number}"
            )
        self.touch(start - 0.5 * HOUR, staff.one("REGISTRAR", "PATIENT ACCESS", start), who, "register")
        for ts, worker, style in (
            (start - 0.3 * HOUR, sleeps, "anesthesia"),
            (start, staff.one("OR RN", "SURGERY", start), "theatre"),
            (start - 0.1 * HOUR, visit.attending, "see"),
            (over + 0.2 * HOUR, visit.attending, "see"),
            (over + 0.1 * HOUR, staff.one("PACU RN", "PACU", over), "round"),
            (over + 0.6 * HOUR, staff.one("PACU RN", "PACU", over), "meds"),
            (over + 0.9 * HOUR, staff.one("PACU RN", "PACU", over), "round"),
            (start - HOUR, staff.one("PACU RN", "PACU", start - HOUR), "triage"),
        ):
            self.touch(ts + rng.uniform(0, 300), worker, who, style, "SURGERY" if style == "see" else "")

    def _between(self, day: int) -> None:
        """Who calls, wants a refill, or is called: mostly nothing was booked, and one in four leaves no order."""
        if day % 7 > 4:
            return
        rng, staff = self.rng, self.house.staff
        for _ in range(round(60 * self.house.share)):
            home = rng.randrange(len(self.house.people.homes))
            who, doctor = rng.choice(self.house.people.homes[home]), self.house.panel[home]
            ts = at(day, rng.uniform(8.5, 16.2))
            calls = rng.random() < 0.55
            answers = staff.one("AMBULATORY RN" if calls else "MEDICAL ASSISTANT", doctor.unit, ts)
            if who.died is not None or answers is None:
                continue
            self.touch(ts, answers, who, "call" if calls else "refill")
            if rng.random() < 0.75:
                visit = self.house.visit(who, "Telephone", [(doctor.unit, "", ts, ts + 600)], doctor, "telephone")
                if not calls:
                    self.house.order(
                        visit, ts + rng.uniform(0, 4) * HOUR, doctor, ("RX9", "Refill", "PHARM"), entered=answers
                    )
                if rng.random() < 0.4:
                    self.touch(ts + rng.uniform(0.3, 6) * HOUR, doctor, who, "inbox")
