"""Who works there, under which template, for how many hours: HR's titles differ from the record system's templates."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from benchmarks.quality.county.people import BEGIN, DAY, HOUR, People, Person
from benchmarks.quality.county.rotas import ROTAS

POSTS = """
ED RN|Registered Nurse II|EMERGENCY DEPT|38|twelve
ED PHYSICIAN|Physician|EMERGENCY DEPT|11|ed
ED TECH|Emergency Technician|EMERGENCY DEPT|9|twelve
UNIT CLERK|Health Unit Coordinator|EMERGENCY DEPT|5|twelve
INPATIENT RN|Registered Nurse II|MED SURG 2 EAST|24|twelve
INPATIENT RN|Registered Nurse II|MED SURG 3 WEST|24|twelve
INPATIENT RN|Registered Nurse II|TELEMETRY 4|22|twelve
INPATIENT RN|Registered Nurse III|ICU|20|twelve
INPATIENT RN|Registered Nurse II|MOTHER BABY|18|twelve
INPATIENT RN|Registered Nurse II|BEHAVIORAL HEALTH|11|twelve
NURSING ASSISTANT|Certified Nursing Assistant|MED SURG 2 EAST|10|twelve
NURSING ASSISTANT|Certified Nursing Assistant|MED SURG 3 WEST|10|twelve
NURSING ASSISTANT|Certified Nursing Assistant|TELEMETRY 4|7|twelve
NURSING ASSISTANT|Mental Health Technician|BEHAVIORAL HEALTH|8|twelve
UNIT CLERK|Health Unit Coordinator|MED SURG 2 EAST|2|twelve
UNIT CLERK|Health Unit Coordinator|MED SURG 3 WEST|2|twelve
UNIT CLERK|Health Unit Coordinator|TELEMETRY 4|2|twelve
FLOAT RN|Registered Nurse II|FLOAT POOL|10|twelve
FLOAT RN|Agency Registered Nurse|FLOAT POOL|6|twelve
HOSPITALIST|Physician|HOSPITAL MEDICINE|10|week
NOCTURNIST|Physician|HOSPITAL MEDICINE|3|nights
INTENSIVIST|Physician|ICU|3|week
OB PHYSICIAN|Physician|WOMENS HEALTH CLINIC|5|clinic
PSYCHIATRIST|Physician|BEHAVIORAL HEALTH|3|clinic
SURGEON|Physician|GENERAL SURGERY CLINIC|5|clinic
SURGEON|Physician|ORTHOPEDICS CLINIC|4|clinic
SPECIALIST|Physician|CARDIOLOGY CLINIC|4|clinic
SPECIALIST|Physician|ONCOLOGY INFUSION|2|clinic
ANESTHESIA|Physician|ANESTHESIA|4|early
ANESTHESIA|Nurse Anesthetist|ANESTHESIA|5|early
PRIMARY CARE|Physician|FAMILY MEDICINE NORTH|5|clinic
PRIMARY CARE|Physician|FAMILY MEDICINE SOUTH|4|clinic
PRIMARY CARE|Physician|PEDIATRICS CLINIC|3|clinic
ADVANCED PRACTICE|Nurse Practitioner|FAMILY MEDICINE NORTH|2|clinic
ADVANCED PRACTICE|Nurse Practitioner|WOMENS HEALTH CLINIC|2|clinic
ADVANCED PRACTICE|Physician Assistant|URGENT CARE EASTGATE|4|urgent
ADVANCED PRACTICE|Nurse Practitioner|SCHOOL HEALTH LINCOLN|2|clinic
RESIDENT|Resident Physician|FAMILY MEDICINE RESIDENCY|9|clinic
MEDICAL ASSISTANT|Medical Assistant|FAMILY MEDICINE NORTH|6|clinic
MEDICAL ASSISTANT|Medical Assistant|FAMILY MEDICINE SOUTH|5|clinic
MEDICAL ASSISTANT|Medical Assistant|PEDIATRICS CLINIC|4|clinic
MEDICAL ASSISTANT|Medical Assistant|WOMENS HEALTH CLINIC|4|clinic
MEDICAL ASSISTANT|Medical Assistant|CARDIOLOGY CLINIC|4|clinic
MEDICAL ASSISTANT|Medical Assistant|ORTHOPEDICS CLINIC|3|clinic
MEDICAL ASSISTANT|Medical Assistant|GENERAL SURGERY CLINIC|2|clinic
MEDICAL ASSISTANT|Medical Assistant|URGENT CARE EASTGATE|4|urgent
AMBULATORY RN|Registered Nurse I|FAMILY MEDICINE NORTH|2|clinic
AMBULATORY RN|Registered Nurse I|FAMILY MEDICINE SOUTH|2|clinic
AMBULATORY RN|Registered Nurse I|PEDIATRICS CLINIC|1|clinic
AMBULATORY RN|Registered Nurse II|ONCOLOGY INFUSION|5|clinic
AMBULATORY RN|Diabetes Educator|DIABETES EDUCATION|2|clinic
AMBULATORY RN|Registered Nurse II|ANTICOAGULATION|2|clinic
FRONT DESK|Patient Services Rep|FAMILY MEDICINE NORTH|3|clinic
FRONT DESK|Patient Services Rep|FAMILY MEDICINE SOUTH|3|clinic
FRONT DESK|Patient Services Rep|PEDIATRICS CLINIC|2|clinic
FRONT DESK|Patient Services Rep|WOMENS HEALTH CLINIC|2|clinic
FRONT DESK|Patient Services Rep|CARDIOLOGY CLINIC|2|clinic
FRONT DESK|Patient Services Rep|ORTHOPEDICS CLINIC|2|clinic
FRONT DESK|Patient Services Rep|ONCOLOGY INFUSION|1|clinic
FRONT DESK|Patient Services Rep|URGENT CARE EASTGATE|3|urgent
LAB TECH|Medical Technologist|LABORATORY|12|round
PHLEBOTOMIST|Phlebotomist|LABORATORY|8|early
LAB TECH|Blood Bank Technologist|BLOOD BANK|4|round
IMAGING TECH|Radiologic Technologist|RADIOLOGY|14|round
RADIOLOGIST|Physician|RADIOLOGY|4|clinic
RADIOLOGIST|Physician|TELERADIOLOGY|2|nights
PHARMACIST|Pharmacist|PHARMACY|10|round
PHARMACY TECH|Pharmacy Technician|PHARMACY|8|round
RESPIRATORY|Respiratory Therapist|RESPIRATORY CARE|11|twelve
THERAPIST|Physical Therapist|REHAB SERVICES|7|clinic
THERAPIST|Occupational Therapist|REHAB SERVICES|4|clinic
THERAPIST|Speech Pathologist|REHAB SERVICES|2|clinic
DIETITIAN|Registered Dietitian|NUTRITION|3|clinic
CASE MANAGER|Case Manager RN|CASE MANAGEMENT|7|clinic
CASE MANAGER|Social Worker|CASE MANAGEMENT|4|clinic
CHAPLAIN|Chaplain|SPIRITUAL CARE|2|clinic
INTERPRETER|Medical Interpreter|INTERPRETER SERVICES|3|clinic
OR RN|Registered Nurse II|SURGERY|12|early
PACU RN|Registered Nurse II|PACU|7|early
AMBULATORY RN|Registered Nurse II|PRE ADMISSION TESTING|3|clinic
INFECTION CONTROL|Infection Preventionist|INFECTION PREVENTION|2|clinic
QUALITY|Quality Abstractor|QUALITY|4|clinic
CODER|Coding Specialist|HIM CODING|7|home
HIM ROI|Release of Information Specialist|HIM RELEASE OF INFORMATION|3|clinic
HIM CLERK|Document Imaging Clerk|HIM SCANNING|3|clinic
REGISTRAR|Patient Access Rep|PATIENT ACCESS|16|round
SCHEDULER|Central Scheduler|CENTRAL SCHEDULING|7|clinic
BILLING|Billing Specialist|PATIENT FINANCIAL SERVICES|11|clinic
BILLING|Authorization Specialist|PRIOR AUTHORIZATION|4|clinic
HOUSE SUPERVISOR|Nursing Supervisor|NURSING ADMINISTRATION|5|twelve
TRANSFER CENTER|Transfer Coordinator RN|TRANSFER CENTER|4|twelve
EICU RN|Registered Nurse III|EICU HUB|6|twelve
RESEARCH|Research Coordinator|CLINICAL RESEARCH|3|clinic
IT ANALYST|Clinical Applications Analyst|IT CLINICAL APPS|7|clinic
AMBULATORY RN|Occupational Health Nurse|EMPLOYEE HEALTH|2|clinic
AMBULATORY RN|Transplant Coordinator|TRANSPLANT COORDINATION|2|clinic
QUALITY|Trauma Registrar|TRAUMA REGISTRY|1|clinic
PRIVACY|Privacy and Risk Specialist|RISK MANAGEMENT|2|clinic
STUDENT|Nursing Student|NURSING EDUCATION|10|student
"""
_PHYSICIANS = (
    "ED PHYSICIAN|HOSPITALIST|NOCTURNIST|INTENSIVIST|OB PHYSICIAN|PSYCHIATRIST|SURGEON|SPECIALIST|ANESTHESIA|"
    "PRIMARY CARE|ADVANCED PRACTICE|RESIDENT|RADIOLOGIST"
)
PHYSICIANS = frozenset(_PHYSICIANS.split("|"))
_AT_HOME = frozenset({"TELERADIOLOGY", "HIM CODING", "EICU HUB"})


@dataclass(slots=True, eq=False)
class Worker:
    """A member of staff. `unit` is where they log in unless they float; `shifts` are sorted (start, end)."""

    login: str
    number: str
    provider: str
    npi: str
    name: tuple[str, str]
    template: str
    title: str
    unit: str
    rota: str
    person: Person | None
    address: tuple[str, str, str]
    hired: float
    shifts: list[tuple[float, float]] = field(default_factory=list)
    moved: tuple[float, str] | None = None
    left: float | None = None

    def unit_at(self, ts: float) -> str:
        """Where they work at a time."""
        return self.moved[1] if self.moved and ts >= self.moved[0] else self.unit


class Staff:
    """Everyone, and who is on at a moment."""

    def __init__(self, rng: Random, people: People, days: int, share: float) -> None:
        self._rng, self.all = rng, list[Worker]()
        self._logins: set[str] = set()
        grown = [p for p in people.all if 21 < p.age() < 66 and p.died is None]
        rng.shuffle(grown)
        for line in POSTS.strip().splitlines():
            template, title, unit, heads, rota = line.split("|")
            for _ in range(max(2, round(int(heads) * share)) if share < 1 else int(heads)):
                self.all.append(self._worker(people, grown, (template, title, unit, rota)))
        for worker in self.all:
            self.schedule(worker, days)
        self._on: dict[tuple[str, str, int], list[Worker]] = defaultdict(list)
        for worker in self.all:
            self.enter(worker)

    def enter(self, worker: Worker) -> None:
        """Make the shifts known."""
        for start, end in worker.shifts:
            for hour in range(int(start // HOUR), int((end - 1) // HOUR) + 1):
                self._on[worker.template, worker.unit, hour].append(worker)

    def move(self, worker: Worker, ts: float, unit: str) -> None:
        """To another unit for good."""
        for start, end in worker.shifts:
            for hour in range(int(start // HOUR), int((end - 1) // HOUR) + 1):
                if start >= ts:
                    self._on[worker.template, worker.unit, hour].remove(worker)
                    self._on[worker.template, unit, hour].append(worker)
        worker.moved = (ts, unit)

    def absent(self, worker: Worker, since: float, until: float) -> None:
        """No shift within that time."""
        for start, end in worker.shifts:
            for hour in range(int(start // HOUR), int((end - 1) // HOUR) + 1):
                if since <= start < until:
                    self._on[worker.template, worker.unit, hour].remove(worker)
        worker.shifts = [s for s in worker.shifts if not since <= s[0] < until]

    def on(self, template: str, unit: str, ts: float) -> list[Worker]:
        """Who works at a time."""
        return self._on.get((template, unit, int(ts // HOUR)), [])

    def of(self, template: str, unit: str = "") -> list[Worker]:
        """Everybody of a template, in a unit."""
        return [w for w in self.all if w.template == template and unit in ("", w.unit) and w.left is None]

    def one(self, template: str, unit: str, ts: float) -> Worker | None:
        """Any of those who work at a time."""
        here = self.on(template, unit, ts)
        return self._rng.choice(here) if here else None

    def _worker(self, people: People, grown: list[Person], post: tuple[str, str, str, str]) -> Worker:
        rng = self._rng
        person = grown.pop() if grown and rng.random() < 0.7 else None
        sex = person.sex if person else rng.choice("FFFM")
        last, first = (person.last, person.first) if person else people.name(sex)
        address = (
            (person.street, person.town, person.postcode) if person else people.address(rng.randrange(9000, 12000))
        )
        login, k = f"{first[0]}{last}".upper()[:9], 1
        while login in self._logins:
            k += 1
            login = f"{first[0]}{last}".upper()[:8] + str(k)
        self._logins.add(login)
        n = len(self.all)
        clinical = post[0] in PHYSICIANS or post[1].startswith("Nurse A")
        npi = f"1{(n * 7919 + 123457) % 10**9:09d}" if clinical else ""
        hired = BEGIN - rng.expovariate(1 / 1800) * DAY - 40 * DAY
        return Worker(
            login,
            f"{100000 + n * 13}",
            f"P{20000 + n * 7}",
            npi,
            (last, first),
            post[0],
            post[1],
            post[2],
            post[3],
            person,
            address,
            hired,
        )

    def schedule(self, worker: Worker, days: int) -> None:
        """Shifts by the worker's rota, from the first day of visits on."""
        rng = self._rng
        rhythm = ROTAS[worker.rota](rng)
        worker.shifts.clear()
        for day in range(-36, days + 1):
            for start_h, hours in rhythm(day):
                start = BEGIN + day * DAY + start_h * HOUR
                worker.shifts.append(
                    (start - rng.uniform(0.02, 0.25) * HOUR, start + hours * HOUR + rng.uniform(0, 0.6) * HOUR)
                )


def home(worker: Worker) -> bool:
    """Works from home by trade."""
    return worker.unit in _AT_HOME
