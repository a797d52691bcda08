"""Appointments made weeks ahead, visits by video, the call centre, offices, and relatives at the portal."""

from benchmarks.quality.elsewhere import forms
from benchmarks.quality.elsewhere.house import BEGIN, CLINICS, DAY, HOUR, MINUTE, House, Patient, Worker

_A_DAY = 11
_CODES = ("99212", "99213", "99214", "99215")
_AMOUNTS = {"99212": 60.0, "99213": 95.0, "99214": 135.0, "99215": 185.0, "90837": 150.0}


class Clinics:
    """All visits of a house by appointment."""

    def __init__(self, house: House) -> None:
        self.house = house
        rng = house.rng
        self._habits = {w.ident: rng.dirichlet((1.0, 8.0, 7.0, 1.5)) for w in house.of("Physician")}
        self._panels: dict[str, list[Patient]] = {}
        self._seen: dict[str, float] = {}
        self._booked: list[tuple[float, Patient, Worker]] = []
        for w in house.of("Physician"):
            chosen = rng.choice(len(house.patients), 1500, replace=False)
            self._panels[w.ident] = [house.patients[i] for i in chosen]
            for p in self._panels[w.ident]:
                p.doctors.append(w)

    def play(self) -> None:
        """Every day, and what the offices do; visits go on beyond the watch, as they are booked before."""
        for day in range(-21, self.house.days + 30):
            if day % 7 < 5:
                for w in self.house.of("Physician"):
                    for slot in range(_A_DAY):
                        self._visit(w, BEGIN + day * DAY + (8 + 0.75 * slot) * HOUR)
        for day in range(self.house.days):
            start = BEGIN + day * DAY
            if day % 7 < 5:
                self._offices(start)
            self._nights(start)
            self._portal(start)

    def _visit(self, doctor: Worker, ts: float) -> None:
        house, rng = self.house, self.house.rng
        while True:  # who comes back does so after weeks, and hardly anybody goes to two clinics on a day
            patient = house.some(self._panels[doctor.ident])
            if abs(ts - self._seen.get(patient.ident, 0.0)) > 16 * DAY:
                break
        self._seen[patient.ident] = ts
        made = ts - float(rng.uniform(2, 45)) * DAY
        ident, clinic = house.next_id("APT"), doctor.unit
        missed = rng.random() < 0.08
        self._booked.append((ts, patient, doctor))
        house.care(made, forms.appointment(ident, patient.ident, made, ts, doctor.ident, clinic))
        scheduler = house.some(house.of("Central Scheduler") if rng.random() < 0.6 else house.of("Front Desk", clinic))
        house.open(scheduler, patient, made + MINUTE, 2, "Appointment", "create")
        aide = house.some(house.of("CMA", clinic))
        house.open(aide, patient, ts - float(rng.uniform(18, 44)) * HOUR, 3)  # the chart is prepared the day before
        if missed:
            house.care(ts + HOUR, forms.appointment(ident, patient.ident, made, ts, doctor.ident, clinic, "noshow"))
            return
        begin = ts + float(rng.normal(4, 8)) * MINUTE
        house.care(
            begin,
            forms.encounter(
                house.next_id("CSN"),
                patient.ident,
                begin,
                begin + 1500,
                [clinic],
                doctor.ident,
                "VR" if clinic == "20150" else "AMB",
            ),
        )
        house.open(house.some(house.of("Front Desk", clinic)), patient, begin - 9 * MINUTE, 1, "Coverage")
        house.slip(aide, begin)
        house.open(aide, patient, begin, 2, "Observation", "update")
        house.open(doctor, patient, begin + 10 * MINUTE, 5)
        house.open(doctor, patient, begin + float(rng.uniform(0.5, 10)) * HOUR, 2, "DocumentReference", "create")
        if rng.random() < 0.35:
            house.care(
                begin + 1200,
                forms.order(house.next_id("ORD"), patient.ident, begin + 1200, doctor.ident, "Lipid panel", []),
            )
            house.open(
                house.some(house.on_shift(begin + 3 * HOUR, "MLS")),
                patient,
                begin + 3 * HOUR,
                1,
                "Observation",
                "create",
            )
            house.open(doctor, patient, begin + float(rng.uniform(1, 5)) * DAY, 2, "DiagnosticReport")
            if rng.random() < 0.4:
                house.open(aide, patient, begin + float(rng.uniform(5, 9)) * DAY, 1)
        code = "90837" if clinic == "20150" else _CODES[int(rng.choice(4, p=self._habits[doctor.ident]))]
        billed = begin + float(rng.uniform(1, 6)) * DAY
        house.bill(
            billed,
            forms.claim(house.next_id("PB"), patient.ident, billed, begin, doctor.ident, [(code, _AMOUNTS[code])]),
        )
        for role, chance, most_d in (("HIM Coder", 0.1, 5), ("Rev Cycle Analyst", 0.15, 25)):
            if rng.random() < chance:
                house.open(house.some(house.of(role)), patient, begin + float(rng.uniform(1, most_d)) * DAY, 3)

    def _caller(self, ts: float) -> tuple[Patient, Worker | None]:
        """(who rings, whose patient): six in ten were or will be seen within weeks, two are of somebody's panel, and
        two are nobody's yet."""
        house, kind = self.house, self.house.rng.random()
        if kind < 0.6:
            while True:
                when, patient, doctor = self._booked[int(house.rng.integers(len(self._booked)))]
                if abs(when - ts) < 25 * DAY:
                    return patient, doctor
        anybody = house.some(house.patients)
        if kind < 0.8 and anybody.doctors:
            return anybody, house.some(anybody.doctors)
        return anybody, None

    def _answer(self, patient: Patient, doctor: Worker, ts: float) -> None:
        """A message goes to the clinic's pool: most record systems count that as a visit by telephone."""
        house, rng = self.house, self.house.rng
        if rng.random() < 0.8:
            house.care(
                ts,
                forms.encounter(house.next_id("TEL"), patient.ident, ts, ts + HOUR, [doctor.unit], doctor.ident, "VR"),
            )
        house.open(house.some(house.of("CMA", doctor.unit)), patient, ts + float(rng.uniform(0.3, 5)) * HOUR, 2)
        if rng.random() < 0.5:
            again = ts + float(rng.uniform(1, 20)) * HOUR
            house.care(again, forms.order(house.next_id("ORD"), patient.ident, again, doctor.ident, "Refill", [], True))
            house.open(doctor, patient, again - MINUTE, 2)

    def _offices(self, start: float) -> None:
        house, rng = self.house, self.house.rng
        for role, count in (("Call Ctr Agent", 40), ("Central Scheduler", 15)):
            for w in house.of(role):
                for _ in range(int(rng.poisson(count))):
                    ts = start + float(rng.uniform(8, 17)) * HOUR
                    patient, doctor = self._caller(ts)
                    house.open(w, patient, ts, 2)
                    if role == "Call Ctr Agent" and doctor is not None and rng.random() < 0.3:
                        self._answer(patient, doctor, ts + 3 * MINUTE)
        for w in house.of("Clin Research Coord"):  # screens lists of a clinic for a study
            clinic = list(CLINICS)[w.number % len(CLINICS)]
            panel = self._panels[house.of("Physician", clinic)[0].ident]
            for _ in range(int(rng.poisson(12))):
                house.open(w, house.some(panel), start + float(rng.uniform(9, 15)) * HOUR, 3, purpose="HRESCH")

    def _nights(self, start: float) -> None:
        """Nurses at home answer who rings at night; physicians on call look from home."""
        house, rng = self.house, self.house.rng
        for w in house.of("Nurse Triage"):
            if (int((start - BEGIN) // DAY) + w.number) % 2:
                for _ in range(int(rng.poisson(9))):
                    ts = start + float(rng.uniform(19, 31)) * HOUR
                    patient, doctor = self._caller(ts)
                    house.open(w, patient, ts, 3)
                    if doctor is not None:
                        house.care(
                            ts,
                            forms.encounter(
                                house.next_id("TEL"), patient.ident, ts, ts + HOUR, [doctor.unit], doctor.ident, "VR"
                            ),
                        )
        for unit in CLINICS:
            doctors = house.of("Physician", unit)
            w = doctors[int((start - BEGIN) // DAY) % len(doctors)]
            for _ in range(int(rng.poisson(2))):
                ts = start + float(rng.uniform(19, 30)) * HOUR
                house.open(
                    w,
                    next((p for p, d in (self._caller(ts) for _ in range(200)) if d in doctors), self._booked[0][1]),
                    ts,
                    2,
                )

    def _portal(self, start: float) -> None:
        house, rng = self.house, self.house.rng
        for _ in range(int(rng.poisson(60))):
            patient = house.some(house.patients)
            ts = start + float(rng.uniform(7, 23)) * HOUR
            house.told["audit"].append((ts, forms.portal(ts, patient.ident, f"RP{patient.ident}")))
        for _ in range(2):  # somebody marries
            patient = house.some(house.patients)
            patient.family = str(house.some([p.family for p in house.patients[:500]]))
            house.register(patient, start + 10 * HOUR)
