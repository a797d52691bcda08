"""Stays and emergency visits: who opens the chart of somebody in bed, over a day of twelve-hour shifts."""

from benchmarks.quality.elsewhere import forms
from benchmarks.quality.elsewhere.house import BEGIN, DAY, ED, HOUR, MINUTE, WARDS, House, Patient, Worker

_CONSULTS = {"Heart": "20120", "Ortho": "20130", "Endocrine": "20160"}
_SERVICES = (
    ("PT/OT evaluation", "PT/OT", 0.4),
    ("Respiratory therapy", "RRT", 0.25),
    ("Nutrition consult", "Dietitian", 0.15),
    ("Case management", "Case Mgr", 0.6),
)
_STAYS_A_DAY = 3.6
_VISITS_A_DAY = 70


class Wards:
    """All stays of a house. Agency and pool nurses fill the rota; residents change units when the month does."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._until: dict[str, float] = {}
        """When whoever was in the house leaves it."""
        self._rotate(BEGIN)
        self._nurses: dict[tuple[str, int], list[Worker]] = {}

    def play(self) -> None:
        """Days before the watch, too, so that beds are full when it begins; care of then is told at the beginning."""
        house = self.house
        for day in range(-6, house.days):
            start = BEGIN + day * DAY
            if day == house.days // 2:
                self._rotate(start)
            for unit in WARDS:
                for _ in range(int(house.rng.poisson(_STAYS_A_DAY * 0.5))):
                    begin = start + float(house.rng.uniform(7, 18)) * HOUR
                    self._stay(self._patient(unit, begin), unit, begin, None)
            for _ in range(int(house.rng.poisson(_VISITS_A_DAY))):
                self._emergency(start + float(house.rng.uniform(0, 24)) * HOUR)

    def _rotate(self, ts: float) -> None:
        """The month's places; of three in ten the directory goes on saying that they belong to medical education."""
        house = self.house
        for n, w in enumerate(house.of("Resident") + house.of("Med Student") + house.of("Nursing Student")):
            w.works_at = (*WARDS, ED)[(n + int((ts - BEGIN) // DAY)) % 7]
            if w.role == "Resident" and house.rng.random() < 0.7:
                house.care(ts, forms.post(f"PR{w.number}", ts, w.ident, w.login, w.role, w.works_at))

    def _patient(self, unit: str, ts: float) -> Patient:
        """Somebody who is not in the house."""
        while True:
            p = self.house.some(self.house.patients)
            if self._until.get(p.ident, 0.0) > ts - DAY:
                continue
            if unit == ED:
                return p
            if unit == "10140" and not (p.sex == "female" and 1981 < p.born < 2007):
                continue
            if (unit == "10150") == (p.born >= 2009):
                return p

    def nurse(self, unit: str, ts: float, place: int) -> Worker:
        """Whose patient somebody is on this shift: one of five or so, every sixth from the pool or an agency."""
        shift = int((ts - BEGIN - 7 * HOUR) // (12 * HOUR))
        if (unit, shift) not in self._nurses:
            own = self.house.on_shift(ts, "RN", unit)
            extra = self.house.on_shift(ts, "RN Resource Pool") + self.house.on_shift(ts, "Agency RN")
            extra = extra[list(WARDS).index(unit) :: len(WARDS)] or own  # each in one ward a shift
            rng = self.house.rng
            chosen = [
                extra[int(rng.integers(len(extra)))] if rng.random() < 1 / 6 else w
                for w in rng.permutation(own)[:5].tolist()
            ]
            self._nurses[unit, shift] = chosen
        rota = self._nurses[unit, shift]
        return rota[place % len(rota)]

    def _stay(self, patient: Patient, unit: str, begin: float, arrived: float | None) -> None:
        house, rng = self.house, self.house.rng
        end = begin + max(float(rng.lognormal(1.1, 0.6)), 0.6) * DAY
        ident, bed = house.next_id("HAR"), f"{unit}-{rng.integers(30):02d}"
        chief = house.some(house.of("Hospitalist MD") if unit in ("10110", "10130", "10120") else house.of("Physician"))
        house.care(begin, forms.encounter(ident, patient.ident, arrived or begin, None, [bed], chief.ident, "IMP"))
        residents = [w for w in house.of("Resident") if w.works_at == unit]
        team = [house.some(residents)] if residents else []
        place = int(rng.integers(1000))
        if rng.random() < 0.6:
            members = [chief.ident, *(w.ident for w in team), self.nurse(unit, begin, place).ident]
            house.care(begin, forms.care_team(house.next_id("CT"), patient.ident, begin, members))
        self._until[patient.ident] = end
        self._order_day(patient, unit, begin, [chief, *team])
        newborn = self._birth(patient, bed, begin, chief) if unit == "10140" and rng.random() < 0.8 else None
        moved = unit == "10120" and rng.random() < 0.6  # from critical care to the ward with telemetry
        day, leaves = begin, begin + (end - begin) / 2 if moved else end
        while day < leaves:
            self._day(patient, unit, day, min(day + DAY, leaves), place, chief, team)
            if newborn is not None:
                for h in (2, 8, 15, 21):
                    self._look(self.nurse(unit, day + h * HOUR, place), newborn, day + h * HOUR, 2, "read", unit)
            day += DAY
        beds = [bed]
        if moved:
            beds.append(f"10130-{rng.integers(30):02d}")
            house.care(leaves, forms.encounter(ident, patient.ident, begin, None, beds, chief.ident, "IMP"))
            for start in range(int((end - leaves) // DAY) + 1):
                self._day(
                    patient, "10130", leaves + start * DAY, min(leaves + (start + 1) * DAY, end), place, chief, []
                )
        if end < house.end:
            house.care(end, forms.encounter(ident, patient.ident, begin, end, beds, chief.ident, "IMP"))
        self._afterwards(patient, unit, begin, end, chief)

    def _birth(self, mother: Patient, bed: str, begin: float, chief: Worker) -> Patient:
        """A chart of its own within the hour, under the mother's name, whose nurses are the mother's."""
        house, born = self.house, begin + float(self.house.rng.uniform(3, 12)) * HOUR
        baby = Patient(house.next_id("NB"), mother.family, mother.address, 2026, "female")
        house.register(baby, born)
        house.care(born, forms.encounter(house.next_id("HAR"), baby.ident, born, None, [bed], chief.ident, "IMP"))
        return baby

    def _look(
        self, worker: Worker, patient: Patient, ts: float, pages: int, action: str = "read", unit: str | None = None
    ) -> None:
        rng = self.house.rng
        moment = ts + float(rng.normal(0, 20)) * MINUTE
        self.house.slip(worker, moment)
        what = "Observation" if action == "update" else "Patient"
        at = {} if unit is None else {"unit": unit}  # who floats logs on where the work is
        self.house.open(worker, patient, moment, 1 + int(rng.poisson(pages - 1)), what, action, **at)

    def _day(
        self, patient: Patient, unit: str, start: float, end: float, place: int, chief: Worker, team: list[Worker]
    ) -> None:
        """24 hours in bed."""
        house, rng = self.house, self.house.rng
        for h in range(0, 24, 2):
            ts = start + h * HOUR
            if ts >= end:
                return
            self._look(self.nurse(unit, ts, place), patient, ts, 2, ("read", "update")[int(rng.integers(2))], unit)
            if h % 6 == 0:
                tech = house.on_shift(ts, "Pt Care Tech", unit)
                self._look(tech[place % len(tech)], patient, ts, 1, "update")
        local = start - (start - BEGIN) % DAY
        for w in (*team, *[s for s in house.of("Med Student") if s.works_at == unit and s.number % 4 == place % 4]):
            self._look(w, patient, local + 7.5 * HOUR, 4)
            self._look(w, patient, local + 14 * HOUR, 2, "update")
        self._look(chief, patient, local + 10 * HOUR, 3)
        if int((local - BEGIN) // DAY) % 7 in (1, 3):  # the school's days on the wards
            for s in house.of("Nursing Student"):
                if s.works_at == unit and s.number % 6 == place % 6:
                    self._look(s, patient, local + 8 * HOUR, 3)
        if rng.random() < 0.2:  # the night's resident is called to whoever is worse
            self._look(house.some(house.on_shift(local + 26 * HOUR, "Resident")), patient, local + 26 * HOUR, 2)
        coordinators = house.of("Health Unit Coord", unit)
        self._look(coordinators[place % len(coordinators)], patient, local + 9 * HOUR, 1)
        if rng.random() < 0.5:
            self._order_day(patient, unit, local + 9 * HOUR, [chief, *team])

    def _order_day(self, patient: Patient, unit: str, ts: float, doctors: list[Worker]) -> None:
        """What is asked for, and who does it."""
        house, rng = self.house, self.house.rng
        by = doctors[-1]

        def ask(item: str, role: str, after_h: float, named: bool = False, drug: bool = False) -> None:
            there = house.on_shift(ts + after_h * HOUR, role)
            doer = house.some(there)
            house.care(
                ts,
                forms.order(
                    house.next_id("ORD"), patient.ident, ts, by.ident, item, [doer.ident] if named else [], drug
                ),
            )
            self._look(doer, patient, ts + after_h * HOUR, 2, "update")

        ask("CBC and metabolic panel", "MLS", 1.0)
        if rng.random() < 0.7:
            self._look(house.some(house.on_shift(ts, "Phlebotomist")), patient, ts + 0.5 * HOUR, 1)
        ask("Medication", "PharmD", 0.4, drug=True)
        if rng.random() < 0.35:
            ask("XR chest", "Rad Tech", 1.2)
            self._look(house.some(house.on_shift(ts + 2 * HOUR, "Radiologist")), patient, ts + 2 * HOUR, 2, "create")
        for item, role, chance in _SERVICES:
            if rng.random() < chance * 0.5:
                ask(item, role, float(rng.uniform(1, 6)))
        if rng.random() < 0.12:
            name = str(house.some(list(_CONSULTS)))
            seen = house.some(house.of("Physician", _CONSULTS[name]))
            house.care(
                ts,
                forms.order(
                    house.next_id("ORD"),
                    patient.ident,
                    ts,
                    by.ident,
                    f"Consult to {name}",
                    [seen.ident] * (rng.random() < 0.5),
                ),
            )
            for d in range(2):
                self._look(seen, patient, ts + (5 + 24 * d) * HOUR, 4, "create")

    def _afterwards(self, patient: Patient, unit: str, begin: float, end: float, chief: Worker) -> None:
        """Coded, billed, now and then audited, asked for by other houses."""
        house, rng = self.house, self.house.rng
        self._look(house.some(house.of("HIM Coder")), patient, end + float(rng.uniform(2, 6)) * DAY, 6)
        billed = end + float(rng.uniform(4, 14)) * DAY
        self.house.bill(
            billed,
            forms.claim(
                house.next_id("UB"),
                patient.ident,
                billed,
                begin,
                "MRDN",
                [("0120", 2100.0 * max(1.0, (end - begin) / DAY // 1))],
                "institutional",
                end,
            ),
        )
        for d in range(int((end - begin) // DAY) + 1):
            code = ("99223", 210.0) if d == 0 else ("99232", 90.0)
            house.bill(
                billed, forms.claim(house.next_id("PB"), patient.ident, billed, begin + d * DAY, chief.ident, [code])
            )
        for role, chance, most_d in (
            ("Rev Cycle Analyst", 0.4, 30),
            ("Quality RN", 0.06, 20),
            ("ROI Spec", 0.1, 25),
            ("Infection Prev", 0.1, 2),
        ):
            if rng.random() < chance:
                self._look(house.some(house.of(role)), patient, end + float(rng.uniform(0.2, most_d)) * DAY, 3)

    def _emergency(self, ts: float) -> None:
        house, rng = self.house, self.house.rng
        patient = self._patient(ED, ts)
        self._until[patient.ident] = ts + 8 * HOUR
        merged = rng.random() < 0.02  # brought in unknown: a chart that is merged into the right one within hours
        name = Patient(house.next_id("UNK"), "Doe", f"{ts:.0f} Unknown|00000", 1980, patient.sex) if merged else patient
        end, ident = ts + float(rng.uniform(2, 6)) * HOUR, house.next_id("CSN")
        doctor = house.some(house.on_shift(ts, "MD Emergency"))
        house.care(ts, forms.encounter(ident, name.ident, ts, None, [ED], doctor.ident, "EMER"))
        nurses = house.on_shift(ts, "RN Emergency")
        nurse = house.some(nurses)
        self._look(house.some(house.on_shift(ts, "Pt Access Rep II")), name, ts + 10 * MINUTE, 2, "update")
        for after in (0.2, 0.8, 1.6):
            self._look(nurse, name, ts + after * HOUR, 2, "update")
        if merged:
            house.care(ts + HOUR, forms.encounter(ident, patient.ident, ts, None, [ED], doctor.ident, "EMER"))
            name = patient
        self._look(doctor, name, ts + 0.9 * HOUR, 4)
        residents = [w for w in house.of("Resident") if w.works_at == ED]
        self._order_day(name, ED, ts + 0.7 * HOUR, [doctor, *residents[:1]])
        self._look(doctor, name, end, 2, "update")
        house.care(end, forms.encounter(ident, name.ident, ts, end, [ED], doctor.ident, "EMER"))
        house.bill(
            end + 4 * DAY,
            forms.claim(
                house.next_id("PB"),
                name.ident,
                end + 4 * DAY,
                ts,
                doctor.ident,
                [(str(house.some(["99283", "99284", "99285"])), 190.0)],
            ),
        )
        if rng.random() < 0.25:
            units = ("10150",) if name.born >= 2009 else ("10110", "10120", "10130", "10160")
            self._stay(name, str(house.some(list(units))), end, ts)
