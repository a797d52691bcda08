"""How stays come about: who comes when, where they are treated and by whom, what is asked of other departments."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from pipeline.simulator.draws import Draws, Weighted
from pipeline.simulator.rhythm import DAY_S, HOUR_S, Curve, human, office
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.posts import base_of
from pipeline.simulator.world.roster import Roster
from pipeline.simulator.world.staff import WARDS, Person
from pipeline.simulator.world.stay import Order, Stay

# Visits and stays a member of staff and day: a house of 1,000 has about 500, of which 50 are admissions.
_PER_STAFF_DAY = 0.5
# A small population cannot fill a large house.
_PER_PATIENT_DAY = 0.35
_KINDS = Weighted(("ambulatory", "emergency", "inpatient", "therapy"), (64, 21, 10, 5))
_LENGTH_S = {"ambulatory": 1.2 * HOUR_S, "emergency": 4.5 * HOUR_S, "inpatient": 3.0 * DAY_S, "therapy": 0.7 * HOUR_S}
_INPATIENT = Weighted(("Intensive Care", "Medicine", "Surgery", "Paediatrics"), (10, 42, 36, 12))
_CLINIC = Weighted(("Medicine", "Surgery", "Paediatrics"), (52, 36, 12))
_ORDERS = Weighted(("Laboratory", "Radiology", "Pharmacy"), (5, 2, 5))
_ADULT_YEARS = 18
# People with a chronic illness: this part of the population makes that part of the visits, and all series of therapy.
_REGULAR_PART, _REGULAR_VISITS = 0.03, 0.25
_OPERATED, _CONSULT, _MOVED, _STUDENT, _NAMED = 0.5, 0.15, 0.2, 0.25, 0.7
# Orders entered at once; others follow late, some at the end of the shift.
_AT_ONCE, _LATE_S, _LATEST_S = 0.75, 0.7 * HOUR_S, 7 * HOUR_S
_NURSES = {"ambulatory": 1, "emergency": 2, "inpatient": 6, "therapy": 0}


class Planner:
    """Plans the stays of a span, in order of their beginning."""

    def __init__(self, draws: Draws, staff: list[Person], roster: Roster, patients: list[Patient], year: int) -> None:
        self._draws, self._roster, self._year = draws, roster, year
        self._staff_n = len(staff)
        living = [p for p in patients if p.died_days is None]
        self._young = [p for p in living if year - p.birth_year < _ADULT_YEARS] or living
        self._adult = [p for p in living if year - p.birth_year >= _ADULT_YEARS] or living
        self._regular = self._adult[: max(3, int(_REGULAR_PART * len(living)))]
        self._per_day = min(_PER_STAFF_DAY * len(staff), _PER_PATIENT_DAY * len(living))
        posts = {(p.department, p.role) for p in staff}
        self.wards = sorted(d for d, role in posts if role == "physician" and base_of(d) in WARDS)
        self._units = {base: [w for w in self.wards if base_of(w) == base] for base in WARDS}
        self._roles: dict[str, set[str]] = defaultdict(set)
        for department, role in posts:
            self._roles[department].add(role)
        self._busy: dict[str, float] = {}
        self._load: Counter[tuple[str, int]] = Counter()

    def stays(self, first: float, end: float) -> list[Stay]:
        """Everything that begins in [first, end)."""
        d = self._draws
        kinds = [_KINDS.pick(d) for _ in range(max(40, int(self._per_day * (end - first) / DAY_S)))]
        arrivals = sorted((self._arrival(kind, first, end), kind) for kind in kinds)
        return [s for i, (ts, kind) in enumerate(arrivals) if (s := self._stay(i, ts, kind)) is not None]

    def _arrival(self, kind: str, first: float, end: float) -> float:
        d = self._draws
        planned = kind in ("ambulatory", "therapy") or (kind == "inpatient" and d.chance(0.5))
        curve: Curve = office if planned else human
        for _ in range(60):
            ts = d.between(first, end)
            if d.random() * 2.2 < curve(ts):
                return ts
        return ts

    def _who(self, kind: str, base: str) -> Patient | None:
        d = self._draws
        if kind == "therapy" or (base != "Paediatrics" and d.chance(_REGULAR_VISITS)):
            return d.pick(self._regular)
        young = base == "Paediatrics" or (base == "Emergency" and d.chance(0.2))
        return d.pick(self._young if young else self._adult)

    def _stay(self, index: int, start: float, kind: str) -> Stay | None:
        d = self._draws
        bases = {"inpatient": _INPATIENT, "ambulatory": _CLINIC}
        base = bases[kind].pick(d) if kind in bases else {"emergency": "Emergency", "therapy": "Therapy"}[kind]
        patient = self._who(kind, base)
        if patient is None or self._busy.get(patient.id, 0.0) > start:
            return None
        department = d.pick(self._units[base]) if base in self._units else base
        end = start + d.lognormal(_LENGTH_S[kind], 0.5)
        self._busy[patient.id] = end + HOUR_S
        attending = self._attending(start, department, "therapist" if kind == "therapy" else "physician")
        operated = base == "Surgery" and kind == "inpatient" and d.chance(_OPERATED)
        move = None
        if kind == "inpatient" and d.chance(_MOVED):
            others = [w for w in self.wards if w != department and base_of(w) not in ("Emergency", "Paediatrics")]
            move = (d.between(start, end), d.pick(others)) if others else None
        team = self._team(kind, start, end, attending, department, move)
        orders = list(self._orders(index, kind, start, end, team, department, operated=operated))
        named = [attending, *(p for p in team[1:] if d.chance(_NAMED))]
        booked = kind in ("ambulatory", "therapy") and d.chance(0.93)
        booked = booked or (kind == "inpatient" and base == "Surgery" and d.chance(0.5))
        booked_ts = start - min(d.lognormal(5 * DAY_S, 1.0), 20 * DAY_S) if booked else None
        return Stay(
            f"e{index:06d}", patient, department, kind, start, end, attending, team, named, orders, move, booked_ts
        )

    def _attending(self, start: float, department: str, role: str) -> Person:
        """Of two who are there, the one with fewer patients today: lists are filled evenly."""
        both = [self._roster.pick(self._draws, start, department, role) for _ in range(2)]
        day = int(start // DAY_S)
        chosen = min(both, key=lambda p: self._load[p.id, day])
        self._load[chosen.id, day] += 1
        return chosen

    def _team(
        self, kind: str, start: float, end: float, attending: Person, department: str, move: tuple[float, str] | None
    ) -> list[Person]:
        d, pick = self._draws, self._roster.pick
        team = [attending]
        has = self._roles[department]
        if kind != "therapy" and "resident" in has and d.chance(0.6):
            team.append(pick(d, start, department, "resident"))
        for _ in range(_NURSES[kind]):
            team.append(pick(d, d.between(start, end), department, "nurse"))
        if "student" in has and kind == "inpatient" and d.chance(_STUDENT):
            team.append(pick(d, start, department, "student"))
        if move is not None:
            team.append(pick(d, move[0], move[1], "physician"))
            team += [pick(d, d.between(move[0], end), move[1], "nurse") for _ in range(3)]
        return list({p.id: p for p in team}.values())

    def _orders(
        self, index: int, kind: str, start: float, end: float, team: list[Person], department: str, *, operated: bool
    ) -> Iterable[Order]:
        d = self._draws
        wanted = {"ambulatory": d.whole(0, 3), "emergency": d.whole(1, 5), "inpatient": d.whole(2, 9), "therapy": 0}
        what = [(_ORDERS.pick(d), "") for _ in range(wanted[kind])]
        if kind == "inpatient":
            what += [("Transport", "") for department, _ in what if department == "Radiology"]
            what += [("Therapy", "")] if d.chance(0.3) else []
        if operated:
            what.append(("Anaesthesia", ""))
        if kind in ("inpatient", "emergency") and d.chance(_CONSULT) and len(self.wards) > 1:
            what.append((d.pick([w for w in self.wards if w != department]), "consult"))
        doctors = [p for p in team if p.role != "nurse"]
        for k, (place, service) in enumerate(what):
            ts = d.between(start, end if kind == "inpatient" else min(end, start + HOUR_S))
            late = d.lognormal(40, 0.8) if d.chance(_AT_ONCE) else min(d.lognormal(_LATE_S, 0.9), _LATEST_S)
            yield Order(f"o{index:06d}-{k}", ts, d.pick(doctors).id, place, service or place.lower(), ts + late)
