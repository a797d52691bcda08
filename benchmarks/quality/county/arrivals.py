"""Who comes to the hospital itself: the emergency department, admissions, operations, births."""

from math import exp

from benchmarks.quality.county.house import Booking, House, Visit, at
from benchmarks.quality.county.people import DAY, HOUR, Person
from benchmarks.quality.county.staff import Worker

WARDS = {
    "MED SURG 2 EAST": 24,
    "MED SURG 3 WEST": 24,
    "TELEMETRY 4": 20,
    "ICU": 10,
    "MOTHER BABY": 12,
    "BEHAVIORAL HEALTH": 12,
}
LABS = [
    ("80053", "Comprehensive metabolic panel", "LAB"),
    ("85025", "CBC with differential", "LAB"),
    ("84484", "Troponin", "LAB"),
    ("87040", "Blood culture", "LAB"),
    ("81001", "Urinalysis", "LAB"),
    ("83036", "Hemoglobin A1c", "LAB"),
    ("80061", "Lipid panel", "LAB"),
    ("84443", "TSH", "LAB"),
]
SCANS = [
    ("71046", "XR chest 2 views", "RAD"),
    ("70450", "CT head", "RAD"),
    ("74177", "CT abdomen pelvis", "RAD"),
    ("73610", "XR ankle", "RAD"),
    ("76705", "US abdomen limited", "RAD"),
    ("77067", "Screening mammogram", "RAD"),
]
DRUGS = [
    ("RX1", "Ondansetron 4 mg", "PHARM"),
    ("RX2", "Ceftriaxone 1 g", "PHARM"),
    ("RX3", "Heparin 5000 units", "PHARM"),
    ("RX4", "Furosemide 40 mg", "PHARM"),
    ("RX5", "Metoprolol 25 mg", "PHARM"),
    ("RX6", "Hydrocodone-acetaminophen 5-325", "PHARM"),
]
REASONS = (
    "chest pain",
    "abdominal pain",
    "fall",
    "shortness of breath",
    "fever",
    "headache",
    "laceration",
    "back pain",
)
_CURVE = [exp(-(((h - 15) / 6.5) ** 2)) + 0.18 for h in range(24)]


class Arrivals:
    """Writes visits, beds and orders; opens no chart."""

    def __init__(self, house: House) -> None:
        self.house, self.rng = house, house.rng

    def play(self, day: int) -> None:
        """A day."""
        for _ in range(max(1, round(self.rng.gauss(52, 6) * self.house.share))):
            self.emergency(at(day, self.rng.choices(range(24), _CURVE)[0] + self.rng.random()))
        for _ in range(self._drawn(2.0)):
            self._birth(at(day, self.rng.uniform(0, 24)))
        for _ in range(self._drawn(1.2)):
            self._transferred(at(day, self.rng.uniform(0, 24)))
        if day % 7 < 5:
            for _ in range(self._drawn(9.0)):
                self._operation(day)

    def _drawn(self, mean: float) -> int:
        mean *= self.house.share
        return int(mean) + (self.rng.random() < mean % 1)

    def emergency(self, ts: float, who: Person | None = None, admit: float = 0.25) -> Visit:
        """A visit to the emergency department; some wait there for a bed, for hours."""
        rng, house = self.rng, self.house
        hours = rng.lognormvariate(1.05, 0.45)
        seen_by = house.staff.one("ED PHYSICIAN", "EMERGENCY DEPT", ts + HOUR) or rng.choice(
            house.staff.of("ED PHYSICIAN")
        )
        admitted = rng.random() < admit
        boarding = rng.choice((0.5, 1, 2, 5, 9)) if admitted else 0.0
        left = ts + (hours + boarding) * HOUR
        person = house.patient(ts, left + 0.5 * DAY, who=who)
        stays = [("EMERGENCY DEPT", f"ED{rng.randrange(1, 31):02d}", ts, left)]
        if admitted:
            stays += self._ward(person, left)
            house.busy[person.mrn] = stays[-1][3] + 0.5 * DAY
        visit = house.visit(person, "Inpatient" if admitted else "Emergency", stays, seen_by, rng.choice(REASONS))
        self.asked(visit, ts + rng.uniform(0.2, 1) * HOUR, seen_by, 2.5, 0.7, 1.3)
        if admitted:
            visit.attending = self.attends(stays[1][0], left)
            self._days(visit)
        return visit

    def attends(self, unit: str, ts: float) -> Worker:
        """Who answers for patients of a ward."""
        staff = self.house.staff
        if unit == "MOTHER BABY":
            return self.rng.choice(staff.of("OB PHYSICIAN"))
        if unit == "BEHAVIORAL HEALTH":
            return self.rng.choice(staff.of("PSYCHIATRIST"))
        template, where = ("INTENSIVIST", "ICU") if unit == "ICU" else ("HOSPITALIST", "HOSPITAL MEDICINE")
        noon = ts // DAY * DAY + 12 * HOUR
        return staff.one(template, where, noon) or self.rng.choice(staff.of(template))

    def _ward(self, person: Person, ts: float) -> list[tuple[str, str, float, float]]:
        rng = self.rng
        first = rng.choices(
            ("MED SURG 2 EAST", "MED SURG 3 WEST", "TELEMETRY 4", "ICU", "BEHAVIORAL HEALTH"), (30, 30, 24, 10, 6)
        )[0]
        stays, begin = [], ts
        if first == "ICU":
            begin = ts + rng.uniform(1, 3) * DAY
            stays.append(("ICU", f"ICU{rng.randrange(1, 11):02d}", ts, begin))
            first = rng.choice(("TELEMETRY 4", "MED SURG 2 EAST"))
        bed = f"{first.split()[-2][:2] if first[-1] == 'T' else first[:2]}{rng.randrange(1, WARDS[first] + 1):02d}"
        noon = begin + max(0.6, rng.lognormvariate(1.05, 0.55)) * DAY
        return [
            *stays,
            (first, bed, begin, noon // DAY * DAY + rng.uniform(10, 18) * HOUR if noon // DAY > begin // DAY else noon),
        ]

    def asked(self, visit: Visit, ts: float, by: Worker, labs: float, scans: float, drugs: float) -> None:
        """Orders, some typed in by somebody else on the physician's word."""
        rng, house = self.rng, self.house
        for items, mean in ((LABS, labs), (SCANS, scans), (DRUGS, drugs)):
            for item in rng.sample(items, min(len(items), int(mean + rng.random()))):
                if item[1] == "Screening mammogram":
                    continue
                house.order(visit, ts + rng.uniform(0, 0.5) * HOUR, by, item)

    def _days(self, visit: Visit) -> None:
        """Daily orders of an inpatient, and services asked for."""
        rng, house = self.rng, self.house
        unit, _, start, end = visit.stays[-1]
        ts = visit.stays[1][2] if len(visit.stays) > 1 else start
        while ts < end:
            asks = self.attends(unit, ts) if rng.random() < 0.3 else visit.attending
            self.asked(visit, ts + rng.uniform(0, 3) * HOUR, asks, 1.4, 0.2, 1.5)
            ts = (ts // DAY + 1) * DAY + rng.uniform(7, 11) * HOUR
        day = visit.stays[-1][2]
        for p, item in (
            (0.4, ("PT EVAL", "Physical therapy evaluate and treat", "PT")),
            (0.3, ("RT NEB", "Nebulizer treatment", "RT")),
            (0.3, ("DIET CONS", "Nutrition consult", "DIET")),
            (0.2, ("CARD CONS", "Consult to cardiology", "CONS")),
            (0.12, ("SURG CONS", "Consult to general surgery", "CONS")),
            (0.12, ("86900", "Type and screen", "BB")),
            (0.08, ("WOUND", "Wound care consult", "PT")),
        ):
            if rng.random() < p:
                house.order(visit, min(end - 60, day + rng.uniform(1, 30) * HOUR), visit.attending, item)

    def _transferred(self, ts: float) -> None:
        """Sent by another hospital, arranged by the transfer center hours before."""
        person = self.house.patient(ts, ts + DAY)
        stays = self._ward(person, ts)
        self.house.busy[person.mrn] = stays[-1][3] + DAY
        visit = self.house.visit(person, "Inpatient", stays, self.attends(stays[0][0], ts), "transfer in")
        self._days(visit)

    def _birth(self, ts: float) -> None:
        rng, house = self.rng, self.house
        mothers = [
            p for p in rng.sample(house.people.all, 400) if p.sex == "F" and 18 < p.age() < 42 and p.died is None
        ]
        mother = next((p for p in mothers if house.busy.get(p.mrn, 0.0) < ts - 2 * DAY), None)
        if mother is None:
            return
        end = ts + rng.uniform(1.5, 3) * DAY
        house.busy[mother.mrn] = end + 5 * DAY
        doctor = self.attends("MOTHER BABY", ts)
        visit = house.visit(
            mother, "Inpatient", [("MOTHER BABY", f"MB{rng.randrange(1, 13):02d}", ts, end)], doctor, "labor"
        )
        self.asked(visit, ts, doctor, 1.5, 0, 2)
        child = house.people.newcomer(mother.last, rng.choice("FM"), 0.0, mother.home)
        child.payer, child.member, child.dependant = (
            mother.payer,
            mother.member,
            9 if mother.member.startswith("CEP") else 0,
        )
        if child.member and not child.dependant:
            child.member = f"{mother.payer[:2]}{rng.randrange(10**9):09d}"
        house.busy[child.mrn] = end + DAY
        born = ts + rng.uniform(2, 12) * HOUR
        house.visit(child, "Inpatient", [("MOTHER BABY", visit.stays[0][1] + "N", born, end)], doctor, "newborn")

    def _operation(self, day: int) -> None:
        rng, house = self.rng, self.house
        surgeon = rng.choice(house.staff.of("SURGEON") + house.staff.of("OB PHYSICIAN")[:2])
        start = at(day, rng.uniform(7, 14.5))
        over, awake = start + rng.uniform(0.7, 3) * HOUR, rng.uniform(0.8, 2.2) * HOUR
        person = house.patient(start - 4 * DAY, over + awake + DAY)
        stays = [
            ("SURGERY", f"OR{rng.randrange(1, 6)}", start, over),
            ("PACU", f"PA{rng.randrange(1, 9)}", over, over + awake),
        ]
        inpatient = rng.random() < 0.22
        if inpatient:
            ward = rng.choice(("MED SURG 2 EAST", "MED SURG 3 WEST"))
            end = over + awake + rng.uniform(1, 4) * DAY
            stays.append((ward, f"{ward[9:11]}{rng.randrange(1, 25):02d}", over + awake, end))
            house.busy[person.mrn] = end + DAY
        visit = house.visit(person, "Inpatient" if inpatient else "Outpatient Surgery", stays, surgeon, "operation")
        visit.surgery = True
        booked = start - rng.uniform(5, 28) * DAY
        house.bookings.append(
            Booking(house.number("appt", 900_000), person, "SURGERY", surgeon, booked, start, "operation")
        )
        self.asked(visit, start - 3 * DAY, surgeon, 1.5, 0.2, 0)
        self.asked(visit, over, surgeon, 0.3, 0.1, 1.5)
        if inpatient:
            self._days(visit)
