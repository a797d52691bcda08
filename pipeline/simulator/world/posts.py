"""Who does what beside the wards' nurses and doctors, in which unit of a large department; who comes and goes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from math import ceil

from pipeline.simulator.draws import Draws
from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.world.staff import WARDS, Person

# (department, role) of the first table, share of them, what they are instead.
_SPECIAL = (
    ("Surgery", "physician", 0.3, "Anaesthesia", "anaesthetist"),
    ("Registration", "registrar", 0.3, "Transport", "porter"),
    ("Billing", "coder", 0.2, "Quality", "quality_manager"),
    ("Medicine", "nurse", 0.15, "Therapy", "therapist"),
    ("Medicine", "resident", 0.15, "Medicine", "student"),
    ("Surgery", "resident", 0.15, "Surgery", "student"),
)
# A ward of more people than this has units, each about as large as one ward round can know.
_UNIT_STAFF, _WHOLE_STAFF = 45, 70
_DAY_CLINIC = 0.7
# Turnover a day: about 18 % of the staff change a year (leave and are replaced), and a tenth move within the house.
_LEAVE_A_DAY, _MOVE_A_DAY = 0.0005, 0.0003
# Departments without machines of their own sit at those of another.
SEATS = {"Anaesthesia": "Surgery", "Transport": "Registration", "Quality": "Billing", "Therapy": "Medicine"}


def base_of(department: str) -> str:
    """The department a unit belongs to: `Medicine 3` to Medicine."""
    return department.rstrip("0123456789 ")


def seat_of(department: str) -> str:
    """Department whose workstations someone sits at."""
    base = base_of(department)
    return SEATS.get(base, base)


_SLEEPERS = 4


def retire(draws: Draws, staff: list[Person], start_ts: float) -> list[Person]:
    """A few who leave in the first days and whose accounts nobody closes, each with a number in `staff`."""
    able = [p for p in staff if p.role in ("nurse", "resident", "physician") and not p.begins_ts]
    chosen = draws.rng.sample(able, min(_SLEEPERS, len(able)))
    return [replace(p, ends_ts=start_ts + draws.between(1.5, 4.0) * DAY_S) for p in chosen]


def settle(draws: Draws, staff: list[Person], start_ts: float, end_ts: float) -> list[Person]:
    """Give people their posts; who moves to another unit during the span comes a second time at the end."""
    return _turn_over(draws, _in_units(_by_day(draws, _specialists(draws, staff))), start_ts, end_ts)


def _specialists(draws: Draws, staff: list[Person]) -> list[Person]:
    out = list(staff)
    for department, role, share, to, as_role in _SPECIAL:
        here = [i for i, p in enumerate(out) if p.department == department and p.role == role]
        # At least one, but the last of a kind stays.
        count = min(len(here) - 1, max(1, round(share * len(here))))
        for i in draws.rng.sample(here, max(count, 0)):
            out[i] = replace(out[i], department=to, role=as_role)
    return out


def _by_day(draws: Draws, staff: list[Person]) -> list[Person]:
    """Physicians of wards with clinics work by day, but for those of the night."""
    clinics = [w for w in WARDS if w not in ("Emergency", "Intensive Care")]
    return [
        replace(p, shift="day")
        if p.role == "physician" and p.department in clinics and p.shift != "day" and draws.chance(_DAY_CLINIC)
        else p
        for p in staff
    ]


def _in_units(staff: list[Person]) -> list[Person]:
    sizes: dict[str, int] = defaultdict(int)
    for p in staff:
        sizes[p.department] += 1
    turn: dict[tuple[str, str], int] = defaultdict(int)
    out = []
    for p in staff:
        if p.department in WARDS and sizes[p.department] > _WHOLE_STAFF:
            units = ceil(sizes[p.department] / _UNIT_STAFF)
            place = turn[p.department, p.role] % units
            turn[p.department, p.role] += 1
            p = replace(p, department=f"{p.department} {place + 1}")
        out.append(p)
    return out


def _turn_over(draws: Draws, staff: list[Person], start_ts: float, end_ts: float) -> list[Person]:
    days = (end_ts - start_ts) / DAY_S
    wards = sorted(set(_wards(staff)))
    out, moved = [], []
    for p in staff:
        roll = draws.random()
        ts = draws.between(start_ts, end_ts) // DAY_S * DAY_S + 0.25 * DAY_S
        if roll < _LEAVE_A_DAY * days:
            p = replace(p, ends_ts=ts)
        elif roll < 2 * _LEAVE_A_DAY * days:
            p = replace(p, begins_ts=ts)
        elif roll < (2 * _LEAVE_A_DAY + _MOVE_A_DAY) * days and p.department in wards and len(wards) > 1:
            to = draws.pick([w for w in wards if w != p.department])
            moved.append(replace(p, department=to, begins_ts=ts))
            p = replace(p, ends_ts=ts)
        out.append(p)
    return out + moved


def _wards(staff: Iterable[Person]) -> Iterable[str]:
    return (p.department for p in staff if base_of(p.department) in WARDS)
