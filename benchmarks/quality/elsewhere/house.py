"""Who works and who is ill in the second hospital, its units and its calendar; all that it tells is collected here."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from benchmarks.quality.elsewhere import forms

Thing = TypeVar("Thing")
DAY, HOUR, MINUTE = 86_400.0, 3600.0, 60.0
BEGIN = 1_788_220_800.0 + 6 * HOUR
"""2026-09-01 00:00 local time, six hours behind UTC."""
WARDS = {
    "10110": "4 West Med Surg",
    "10120": "Critical Care",
    "10130": "5 East Telemetry",
    "10140": "Family Birth Center",
    "10150": "Pediatrics",
    "10160": "Behavioral Health Inpatient",
}
ED = "10210"
CLINICS = {
    "20110": "Primary Care",
    "20120": "Heart",
    "20130": "Ortho",
    "20140": "Womens",
    "20150": "Behavioral Virtual",
    "20160": "Endocrine",
}
_OTHERS = (
    # unit, role, how many, shift
    (ED, "RN Emergency", 18, "rota"),
    (ED, "MD Emergency", 8, "rota"),
    (ED, "Pt Access Rep II", 8, "rota"),
    ("10110", "Hospitalist MD", 10, "rota"),
    ("50110", "Resident", 24, "rota"),
    ("50110", "Med Student", 8, "office"),
    ("50130", "Nursing Student", 12, "school"),
    ("50120", "RN Resource Pool", 10, "rota"),
    ("50120", "Agency RN", 8, "rota"),
    ("30110", "MLS", 8, "rota"),
    ("30110", "Phlebotomist", 6, "rota"),
    ("30120", "Rad Tech", 8, "rota"),
    ("30120", "Radiologist", 6, "rota"),
    ("30130", "PharmD", 10, "rota"),
    ("30140", "RRT", 6, "rota"),
    ("30150", "PT/OT", 6, "office"),
    ("30160", "Case Mgr", 6, "office"),
    ("30170", "Dietitian", 3, "office"),
    ("40120", "Call Ctr Agent", 8, "office"),
    ("40130", "Central Scheduler", 6, "office"),
    ("40140", "HIM Coder", 6, "home"),
    ("40140", "ROI Spec", 2, "office"),
    ("40150", "Rev Cycle Analyst", 8, "home"),
    ("40160", "Quality RN", 3, "office"),
    ("40160", "Infection Prev", 2, "office"),
    ("60110", "Clin Research Coord", 3, "office"),
    ("20190", "Nurse Triage", 4, "nights"),
)
_NAMES = [
    a + b
    for a in ("Al", "Bar", "Cor", "Dun", "Els", "Far", "Gar", "Hol", "Kel", "Lor", "Mar", "Nor", "Ost", "Pal")
    for b in ("ano", "berg", "den", "field", "ington", "man", "quist", "rez", "son", "ton", "wick", "zak")
]


@dataclass(eq=False)
class Worker:
    """Somebody with a login."""

    ident: str
    login: str
    role: str
    unit: str
    shift: str
    family: str
    address: str
    number: int
    desk: str = ""
    """Their own, where they have one."""
    works_at: str = ""
    """Where the rota puts them now."""
    nights: bool = False


@dataclass(eq=False)
class Patient:
    """Somebody in the index."""

    ident: str
    family: str
    address: str
    born: int
    sex: str
    doctors: list[Worker] = field(default_factory=list)


class House:
    """One hospital by its seed. `days`: how long it is watched."""

    def __init__(self, seed: int, days: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.days = days
        self.end = BEGIN + days * DAY
        self.told: dict[str, list[tuple[float, forms.Resource]]] = defaultdict(list)
        self._number = 0
        self.patients = self._index(12_000)
        self.staff: list[Worker] = []
        for unit in WARDS:
            self._hire(unit, "RN", 22, "rota")
            self._hire(unit, "Pt Care Tech", 5, "rota")
            self._hire(unit, "Health Unit Coord", 2, "rota")
        for unit in CLINICS:
            self._hire(unit, "Physician", 3, "office")
            self._hire(unit, "CMA", 4, "office")
            self._hire(unit, "Front Desk", 2, "office")
        for other in _OTHERS:
            self._hire(*other)
        self._places()
        self.vip = self.patients[77]
        self.excluded = "P9900"
        """A provider who may not bill."""
        self.left = self.of("Pt Access Rep II")[0]
        """Whose account is never closed."""

    def own_chart(self, worker: Worker) -> Patient:
        """A worker's own; registered where there was none."""
        home = [p for p in self.patients if (p.family, p.address) == (worker.family, worker.address)]
        if not home:
            home = [Patient(self.next_id("E9"), worker.family, worker.address, 1985, "female")]
            self.register(home[0], 0.0)
        return home[0]

    def retire(self) -> None:
        """Nothing more is known of who left after the first week, until the account is used."""
        last = BEGIN + 7 * DAY
        login = self.left.login.upper()
        kept = [(ts, r) for ts, r in self.told["audit"] if ts < last or login not in str(r["agent"][0]["who"]).upper()]
        self.told["audit"] = kept

    def next_id(self, sort: str) -> str:
        """A new identifier."""
        self._number += 1
        return f"{sort}{self._number}"

    def some(self, things: Sequence[Thing]) -> Thing:
        """Any of them."""
        return things[int(self.rng.integers(len(things)))]

    def of(self, role: str, unit: str | None = None) -> list[Worker]:
        """Who has this role, in this unit."""
        return [w for w in self.staff if w.role == role and unit in (None, w.unit)]

    def on_shift(self, ts: float, role: str, unit: str | None = None) -> list[Worker]:
        """Who is at work at a time: three shifts of twelve hours a week, the same half of them by night."""
        local = (ts - BEGIN) % DAY / HOUR
        night = not 7 <= local < 19
        day = int((ts - BEGIN - (7 * HOUR if night else 0)) // DAY)
        there = [
            w for w in self.of(role, unit) if w.shift != "rota" or (w.nights == night and (day + 2 * w.number) % 7 < 3)
        ]
        return there or self.of(role, unit)

    def open(
        self,
        worker: Worker,
        patient: Patient | str,
        ts: float,
        pages: int = 1,
        what: str = "Patient",
        action: str = "read",
        **more: object,
    ) -> None:
        """Somebody opens a chart and looks at so many pages."""
        if ts < BEGIN or ts >= self.end:
            return
        unit = str(more.pop("unit", worker.works_at or worker.unit))
        local = (ts - BEGIN) % DAY / HOUR
        away = worker.shift in ("home", "nights") or (
            worker.role in ("Physician", "Radiologist") and not 7 <= local < 19
        )
        seat = (worker.number * 7 + int((ts - BEGIN) // (4 * HOUR))) % 14 + 1  # some hours at one desk
        desk = f"VPN-{worker.number}" if away else worker.desk or f"W{unit}-{seat:02d}"
        inside = f"10.{int(unit) // 1000}.{int(unit) % 1000 // 10}.{worker.number % 200 + 20 if worker.desk else seat}"
        ip = f"10.250.{worker.number % 8}.{worker.number % 250 + 1}" if away else inside
        login = str(more.pop("login", self._written(worker)))
        ident = patient if isinstance(patient, str) else patient.ident
        pause = 0.0
        kinds = (what, "Observation", "DocumentReference", "MedicationRequest", "DiagnosticReport")
        for page in range(pages):
            kind = kinds[0] if page == 0 else kinds[int(self.rng.integers(1, 5))]
            resource = forms.audit(
                ts + pause, login, ident, kind, action if page == 0 else "read", unit, desk, ip, more
            )
            self.told["audit"].append((ts + pause, resource))
            pause += float(self.rng.exponential(35.0)) + 2.0

    def slip(self, worker: Worker, ts: float) -> None:
        """Two or three of a hundred openings: the wrong name in a list was clicked on, and left again."""
        if self.rng.random() < 0.025:
            self.open(worker, self.some(self.patients), ts - float(self.rng.uniform(4, 25)))

    def care(self, ts: float, resource: forms.Resource) -> None:
        """Something of care becomes known."""
        self.told["care"].append((ts, resource))

    def bill(self, ts: float, resource: forms.Resource) -> None:
        """A claim is made."""
        self.told["claims"].append((ts, resource))

    def register(self, patient: Patient, ts: float, died: float | None = None) -> None:
        """Tell of a patient."""
        p = patient
        self.care(ts, forms.patient(p.ident, ts, p.family, p.address, p.born, p.sex, died))

    def _written(self, worker: Worker) -> str:
        """As the machine that was logged on to writes it."""
        forms_ = (worker.login, worker.login.upper(), f"MRDN\\{worker.login}")
        return forms_[int(self.rng.choice(3, p=(0.8, 0.1, 0.1)))]

    def _index(self, size: int) -> list[Patient]:
        weights = 1.0 / np.arange(3, len(_NAMES) + 3)
        families = self.rng.choice(_NAMES, size // 2, p=weights / weights.sum())
        out: list[Patient] = []
        while len(out) < size:
            home = len(out)
            family = str(families[home % len(families)])
            address = f"{self.rng.integers(1, 900)} {self.some(_NAMES)} Rd|{self.rng.integers(55_000, 55_040)}"
            for _ in range(int(self.rng.integers(1, 5))):
                sex = ("female", "male")[int(self.rng.integers(2))]
                out.append(Patient(f"E{100_000 + len(out)}", family, address, int(self.rng.integers(1932, 2024)), sex))
        for p in out:
            self.register(p, 0.0)
        return out

    def _hire(self, unit: str, role: str, count: int, shift: str) -> None:
        for _ in range(count):
            number = len(self.staff)
            # Seven in ten are in the index themselves, with their families.
            home = self.patients[int(self.rng.integers(len(self.patients)))]
            own = self.rng.random() < 0.7
            family = home.family if own else str(self.some(_NAMES))
            address = home.address if own else f"{number} Staff Ct|55099"
            w = Worker(f"P{7000 + number}", f"{family[:4].lower()}{number}", role, unit, shift, family, address, number)
            w.nights = shift == "nights" or (shift == "rota" and number % 2 == 1)
            if shift == "office":
                w.desk = f"W{unit}-D{number}"
            self.staff.append(w)
            late = BEGIN + self.rng.uniform(2, 9) * DAY if role == "Agency RN" else 0.0
            self.care(late, forms.practitioner(w.ident, late, w.login, family, address))
            self.care(late, forms.post(f"PR{number}", late, w.ident, w.login, role, unit))

    def _places(self) -> None:
        names = WARDS | CLINICS | {ED: "Emergency"}
        for unit in {w.unit for w in self.staff} | names.keys():
            self.care(0.0, forms.place(unit, names.get(unit, f"Dept {unit}")))
        for unit in (*WARDS, ED):
            for bed in range(30):
                self.care(0.0, forms.place(f"{unit}-{bed:02d}", f"Bed {bed}", unit))
