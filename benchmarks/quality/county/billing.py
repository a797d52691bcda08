"""Claims of the house and of the practices around it, which one administrator pays for all plans."""

from dataclasses import replace
from random import Random

from benchmarks.quality.county.claim import FEES, HOUSE_NPI, Claim, Fill, Line, Practice
from benchmarks.quality.county.house import House, Visit, at
from benchmarks.quality.county.people import BEFORE, DAY, Person, some
from benchmarks.quality.county.pharmacy import fills
from benchmarks.quality.county.staff import Worker

_KINDS = (
    ("family practice", 9, [("99213", 0.5), ("99214", 0.32), ("99212", 0.1), ("99396", 0.08)], 10.0),
    ("chiropractor", 8, [("98941", 0.8), ("99203", 0.2)], 9.0),
    ("physical therapy", 9, [("97110", 0.6), ("97140", 0.4)], 8.0),
    ("optometry", 7, [("92014", 1.0)], 6.0),
    ("podiatry", 7, [("11720", 0.6), ("99213", 0.4)], 6.0),
    ("specialist", 14, [("99214", 0.5), ("99213", 0.25), ("99215", 0.08), ("99204", 0.17)], 7.0),
)


class Billing:
    """Honest claims; stories add theirs."""

    def __init__(self, house: House) -> None:
        self.house, self.rng = house, house.rng
        self.claims: list[Claim] = []
        self.habit = {w.npi: house.rng.gauss(0, 0.35) for w in house.staff.all if w.npi}
        members = [p for p in house.people.all if p.payer != "SELF" and p.died is None]
        self.practices = list(self._practices(house.rng, members))
        self.fills: list[Fill] = []

    def play(self) -> None:
        """All that is sent within the span."""
        for visit in self.house.visits:
            self._visit(visit)
        for practice in self.practices:
            self._practice(practice)
        self.fills += fills(self.house, [p.npi for p in self.practices[:9]], self.number)

    def number(self) -> str:
        """Of a claim."""
        return self.house.number("claim", 5_000_000)

    def add(self, claim: Claim) -> Claim:
        """Send one."""
        self.claims.append(claim)
        return claim

    def copy(self, claim: Claim, **changed: object) -> Claim:
        """Another like it."""
        return self.add(replace(claim, number=self.number(), **changed))  # type: ignore[arg-type]

    def _practices(self, rng: Random, members: list[Person]) -> list[Practice]:
        made, n = [], 0
        for kind, heads, codes, a_day in _KINDS:
            for _ in range(heads):
                n += 1
                known = rng.sample(members, min(len(members), rng.randrange(400, 900)))
                share = min(1.0, self.house.share * 2)
                made.append(
                    Practice(f"1{770000000 + n * 104729}", kind, known, codes, a_day * rng.uniform(0.6, 1.3) * share)
                )
        return made

    def level(self, worker: Worker, base: int) -> int:
        """1 to 5, by habit."""
        return max(1, min(5, round(self.rng.gauss(base + self.habit.get(worker.npi, 0.0), 0.7))))

    def _visit(self, visit: Visit) -> None:
        doctor, klass = visit.attending, visit.klass
        lines = self._lines(visit)
        sent = visit.end + self.rng.uniform(2, 12) * DAY
        if not lines or visit.person.payer == "SELF" or not visit.end < self.house.end:
            return
        place = {"Emergency": "23", "Inpatient": "21", "Outpatient Surgery": "22", "Hospital Outpatient": "22"}.get(
            klass, "11"
        )
        rendering = doctor.npi or HOUSE_NPI
        diagnosis = self.rng.choice(("J069", "I10", "E119", "M545", "R079", "R109", "Z0000", "S610"))
        self.add(Claim(self.number(), visit.person, HOUSE_NPI, rendering, visit.start, lines, diagnosis, place, sent))
        if klass in ("Emergency", "Inpatient", "Outpatient Surgery"):
            rooms = (
                [Line("0450")]
                if klass == "Emergency"
                else [Line("0120", max(1.0, (visit.end - visit.start) // DAY))]
                if klass == "Inpatient"
                else [Line("0360")]
            )
            self.add(
                Claim(
                    self.number(),
                    visit.person,
                    HOUSE_NPI,
                    rendering,
                    visit.start,
                    rooms,
                    diagnosis,
                    place,
                    sent + DAY,
                    facility=True,
                    through=visit.end,
                )
            )
        self._daily(visit, diagnosis, sent)

    def _lines(self, visit: Visit) -> list[Line]:
        rng, doctor = self.rng, visit.attending
        if visit.klass == "Office Visit":
            new = rng.random() < 0.12
            level = self.level(doctor, 3)
            return [Line(f"9920{max(2, min(4, level))}" if new else f"9921{level}")]
        if visit.klass == "Emergency":
            return [Line(f"9928{self.level(doctor, 3)}")]
        if visit.klass == "Recurring":
            unit = visit.stays[0][0]
            return {
                "ONCOLOGY INFUSION": [Line("96413")],
                "REHAB SERVICES": [Line("97110", rng.choice((1.0, 2.0))), Line("97140")],
                "ANTICOAGULATION": [Line("93793")],
                "DIABETES EDUCATION": [Line("G0108", 2.0)],
            }[unit]
        if visit.klass == "Hospital Outpatient":
            return [Line(o.code) for o in visit.orders if o.code in FEES]
        if visit.surgery:
            ortho = doctor.unit == "ORTHOPEDICS CLINIC"
            return [Line(rng.choice(("27447", "29881") if ortho else ("47562", "49505")))]
        return []

    def _daily(self, visit: Visit, diagnosis: str, sent: float) -> None:
        """A physician's visits of a stay, and anaesthesia of an operation."""
        rng = self.rng
        if visit.klass == "Inpatient" and visit.reason not in ("newborn", "operation") and visit.attending.npi:
            days = range(int(visit.start // DAY), int(visit.end // DAY) + 1)
            for k, day in enumerate(days):
                code = (
                    "99222"
                    if k == 0
                    else "99238"
                    if k == len(days) - 1
                    else f"9923{min(3, self.level(visit.attending, 2))}"
                )
                self.add(
                    Claim(
                        self.number(),
                        visit.person,
                        HOUSE_NPI,
                        visit.attending.npi,
                        day * DAY,
                        [Line(code)],
                        diagnosis,
                        "21",
                        sent,
                    )
                )
        if visit.surgery:
            start, over = next((s[2], s[3]) for s in visit.stays if s[0] == "SURGERY")
            sleeps = rng.choice([w for w in self.house.staff.of("ANESTHESIA") if w.npi])
            minutes = round((over - start) / 60)
            self.add(
                Claim(
                    self.number(),
                    visit.person,
                    HOUSE_NPI,
                    sleeps.npi,
                    start,
                    [Line("00840", minutes, "AA", "MJ")],
                    diagnosis,
                    "22",
                    sent,
                )
            )

    def _practice(self, practice: Practice) -> None:
        rng = self.rng
        ours = [p.npi for p in self.practices if p.kind == "family practice"]
        sends = {p.mrn: rng.choice(ours) for p in practice.patients}
        for day in range(-BEFORE, self.house.days):
            if day % 7 > 4:
                continue
            for who in some(rng, practice.patients, max(0, round(rng.gauss(practice.a_day, 2)))):
                codes = [(c, w) for c, w in practice.codes if c != "99396" or 40 <= who.age() < 65]
                code = rng.choices([c for c, _ in codes], [w for _, w in codes])[0]
                units = rng.choice((1.0, 2.0)) if code.startswith("97") else 1.0
                ts = at(day, 9 + 7 * rng.random())
                claim = Claim(
                    self.number(),
                    who,
                    practice.npi,
                    practice.npi,
                    ts,
                    [Line(code, units)],
                    "M545",
                    "11",
                    ts + rng.uniform(2, 15) * DAY,
                    "plan",
                )
                claim.referring = sends[who.mrn] if practice.kind == "specialist" else ""
                self.add(claim)
