"""Charts opened by those who serve everybody: on an order, from a queue, on a sweep."""

from benchmarks.quality.county.arrivals import WARDS
from benchmarks.quality.county.house import House, Order, Visit, at
from benchmarks.quality.county.people import DAY, HOUR

_COURSES = {
    "PT": ("THERAPIST", "REHAB SERVICES", "therapy"),
    "RT": ("RESPIRATORY", "RESPIRATORY CARE", "treat"),
    "DIET": ("DIETITIAN", "NUTRITION", "diet"),
}


class Services:
    """Laboratory, imaging, pharmacy, therapists and all who have a list of the whole house."""

    def __init__(self, house: House) -> None:
        self.house, self.rng, self.touch = house, house.rng, house.touch

    def play(self) -> None:
        """All orders, then each day's sweeps."""
        seen = set()
        for visit in self.house.visits:
            for order in visit.orders:
                if order.number not in seen:
                    seen.add(order.number)
                    self._ordered(visit, order)
        for day in range(self.house.days):
            self._sweeps(day)
            self._weekly(day)

    def _ordered(self, visit: Visit, order: Order) -> None:
        rng, staff, who, ts = self.rng, self.house.staff, visit.person, order.ts
        outside = visit.klass in ("Office Visit", "Telephone")
        if order.section == "LAB":
            self._blood(visit, order, outside)
        elif order.section == "RAD":
            self._picture(visit, ts + (rng.uniform(0.3, 2) * HOUR if not outside else rng.uniform(1, 90) * HOUR))
        elif order.section == "PHARM" and not outside:
            later = ts + rng.uniform(2, 40) * 60
            self.touch(later, staff.one("PHARMACIST", "PHARMACY", later), who, "verify")
            if rng.random() < 0.6:
                self.touch(later + 600, staff.one("PHARMACY TECH", "PHARMACY", later + 600), who, "dispense")
        elif order.section == "BB":
            self.touch(ts + 1200, staff.one("LAB TECH", "BLOOD BANK", ts + 1200), who, "specimen")
        elif order.section == "CONS":
            unit = "CARDIOLOGY CLINIC" if "cardio" in order.text else "GENERAL SURGERY CLINIC"
            consultant = rng.choice(staff.of("SPECIALIST" if "cardio" in order.text else "SURGEON", unit))
            for k in range(rng.choice((1, 2, 3))):
                self.touch(ts + (rng.uniform(1, 8) + 24 * k) * HOUR, consultant, who, "consult", visit.unit_at(ts))
        elif order.section in _COURSES:
            self._therapy(visit, order)

    def _therapy(self, visit: Visit, order: Order) -> None:
        """Daily until they leave: breathing, moving, eating."""
        template, unit, style = _COURSES[order.section]
        ts = order.ts + self.rng.uniform(0.5, 5) * HOUR
        while ts < visit.end:
            self.touch(
                ts,
                self.house.staff.one(template, unit, ts),
                visit.person,
                style,
                visit.unit_at(ts) if style != "diet" else "",
            )
            ts += (5 if style == "treat" else 24 if style == "therapy" else 60) * HOUR

    def _blood(self, visit: Visit, order: Order, outside: bool) -> None:
        rng, staff = self.rng, self.house.staff
        ts = order.ts + rng.uniform(0.2, 2) * HOUR
        if visit.klass in ("Inpatient", "Hospital Outpatient") and rng.random() < 0.5:
            self.touch(ts, staff.one("PHLEBOTOMIST", "LABORATORY", ts), visit.person, "draw")
        if rng.random() < (0.35 if outside else 0.45):
            self.touch(ts + HOUR, staff.one("LAB TECH", "LABORATORY", ts + HOUR), visit.person, "specimen")

    def _picture(self, visit: Visit, ts: float) -> None:
        """Read in the house by day, from another town or at home by night."""
        rng, staff = self.rng, self.house.staff
        self.touch(ts, staff.one("IMAGING TECH", "RADIOLOGY", ts), visit.person, "scan")
        read = ts + rng.uniform(0.3, 1.5) * HOUR
        here = staff.one("RADIOLOGIST", "RADIOLOGY", read)
        night = staff.one("RADIOLOGIST", "TELERADIOLOGY", read) or rng.choice(staff.of("RADIOLOGIST"))
        self.touch(read, here or night, visit.person, "read", desk="" if here else f"VDI-{night.number}")

    def _sweeps(self, day: int) -> None:
        """Each weekday's lists over the whole house."""
        rng, staff = self.rng, self.house.staff
        ts = at(day, 10)
        lying = [(ward, v) for ward in WARDS for v in self.house.census(ward, ts)]
        if day % 7 < 5:
            for ward, visit in lying:
                managers = staff.on("CASE MANAGER", "CASE MANAGEMENT", ts)
                if managers and rng.random() < 0.75:
                    mine = managers[list(WARDS).index(ward) % len(managers)]
                    self.touch(at(day, rng.uniform(8, 15.5)), mine, visit.person, "plan")
                if rng.random() < 0.3:
                    self.touch(
                        at(day, rng.uniform(9, 15)), staff.one("DIETITIAN", "NUTRITION", ts), visit.person, "diet"
                    )
                if rng.random() < 0.13:
                    self.touch(
                        at(day, rng.uniform(9, 16)), staff.one("CHAPLAIN", "SPIRITUAL CARE", ts), visit.person, "visit"
                    )
            self._cultures(day)
        for _, visit in lying:
            for hour in (4, 12, 20):
                if rng.random() < 0.12:
                    on = staff.one("HOUSE SUPERVISOR", "NURSING ADMINISTRATION", at(day, hour))
                    self.touch(at(day, hour + 2 * rng.random()), on, visit.person, "board")
            if rng.random() < 0.4:
                hour = rng.uniform(7, 21)
                self.touch(at(day, hour), staff.one("PHARMACIST", "PHARMACY", at(day, hour)), visit.person, "verify")

    def _cultures(self, day: int) -> None:
        """Every positive culture of the day before, wherever the patient is or was."""
        rng, staff = self.rng, self.house.staff
        since = at(day, 7) - (3 if day % 7 == 0 else 1) * DAY
        for visit in self.house.visits:
            if visit.start < at(day, 7) and visit.end > since - 2 * DAY and visit.klass in ("Inpatient", "Emergency"):
                grown = any("culture" in o.text or "Urin" in o.text for o in visit.orders)
                if grown and rng.random() < 0.35:
                    self.touch(
                        at(day, rng.uniform(7.5, 11)),
                        staff.one("INFECTION CONTROL", "INFECTION PREVENTION", at(day, 9)),
                        visit.person,
                        "sweep",
                    )

    def _weekly(self, day: int) -> None:
        """The tumour board on Thursday, students on the evening before, transfers before they come."""
        rng, house, staff = self.rng, self.house, self.house.staff
        if day % 7 == 2:
            treated = list(
                {v.person.mrn: v.person for v in house.visits if v.stays[0][0] == "ONCOLOGY INFUSION"}.values()
            )
            doctors = [
                *staff.of("SPECIALIST", "ONCOLOGY INFUSION"),
                *staff.of("SURGEON", "GENERAL SURGERY CLINIC")[:2],
                *staff.of("RADIOLOGIST", "RADIOLOGY")[:1],
            ]
            for who in rng.sample(treated, min(9, len(treated))):
                for doctor in doctors:
                    if rng.random() < 0.7:
                        self.touch(at(day, rng.uniform(16, 21)), doctor, who, "review", desk=f"VDI-{doctor.number}")
        if day % 7 in (0, 2):
            lying = [
                v
                for ward in ("MED SURG 2 EAST", "MED SURG 3 WEST", "TELEMETRY 4")
                for v in house.census(ward, at(day, 18))
            ]
            for student in staff.of("STUDENT"):
                for visit in rng.sample(lying, min(1 + (rng.random() < 0.3), len(lying))):
                    ward = visit.unit_at(at(day, 18))
                    self.touch(at(day, rng.uniform(18, 19.5)), student, visit.person, "review", ward)
                    for hour in (7, 9, 12, 14):
                        self.touch(at(day + 1, hour + 0.7 * rng.random()), student, visit.person, "round", ward)
        for visit in house.visits:
            if visit.reason == "transfer in" and at(day, 0) <= visit.start < at(day + 1, 0):
                ts = visit.start - rng.uniform(2, 6) * HOUR
                on = staff.one("TRANSFER CENTER", "TRANSFER CENTER", ts)
                self.touch(ts, on, visit.person, "review")
                self.touch(ts + HOUR, on, visit.person, "glance")
                self.touch(ts + 0.5 * HOUR, visit.attending, visit.person, "review", "HOSPITAL MEDICINE")
