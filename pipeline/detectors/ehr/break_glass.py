"""Emergency access to a record by someone, or as often, as it hardly ever happens."""

from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import mix64
from pipeline.features.naming import named
from schemas.finding import Feature

USERS = 4096  # users per key group
COHORTS = 256  # departments or roles per key group
RING = 16  # patients of one user within a day that are told apart
DAY_S = 86_400.0
DAYS, EVENTS, TODAY, PENDING = range(4)  # columns of a rate
OWN_DAYS = 60.0  # active days after which a user's past has faded
COHORT_DAYS = 3000.0  # the same for user-days of a department
PRIOR_RATE, PRIOR_DAYS = 0.01, 20.0  # before anything is known: one emergency access in a hundred user-days
LEND_DAYS = 10.0  # a user's own rate is mixed with that many days of the department's
SURGE_S = 7200.0  # emergencies that involve a whole department fade with this time constant
CAP = 3  # emergency accesses of one user and day that are learned as normal


class BreakGlass(Detector):
    """How unlikely the k-th patient opened by emergency access today is, for this user in this department.

    The rate per user-day is learned per department and user; the tail is geometric, that is Poisson with a rate
    that differs between people (gamma, shape 1). A single emergency access is found where it is rare, and only
    a run of them where it is routine. Found are at most a share of `rare` of user-days, whatever the routine.
    """

    id = "ehr.break_glass"
    title = "Emergency access to a record"
    severity = 3
    attacks = ("T1213", "T1078")
    source = "ehr"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "department", "role", "patient", "purpose", "break_glass")
    misses = (
        "Emergency accesses spread thinly over many accounts or departments, an account for which they are "
        "routine, and systems that do not mark emergency access; whether there was an emergency it does not "
        "know."
    )
    cost = "O(1) an access, O(16) an emergency access; 200 bytes a user"
    reference = "geometric tail of a gamma-Poisson rate (negative binomial, shape 1)"
    defaults = {"rare": 0.02}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        rate: dict[str, tuple[tuple[int, ...], Any]] = {"rate": ((4,), np.float64)}
        ring: dict[str, tuple[tuple[int, ...], Any]] = dict.fromkeys(("items", "at"), ((RING,), np.uint32))
        surge: dict[str, tuple[tuple[int, ...], Any]] = {"surge": ((2,), np.float64)}
        self._parts = {
            "users": EntityState(setup.groups, USERS, rate | surge | ring),
            "cohorts": EntityState(setup.groups, COHORTS, rate | surge),
        }

    def score(self, batch: Batch) -> Scores:
        user = batch.hash("user")
        rows = np.flatnonzero(user != 0)
        role, department = batch.hash("role"), batch.hash("department")
        cohort = np.where(department != 0, department, np.where(role != 0, role, np.uint64(1)))
        glass = (batch.number("break_glass") == 1.0) | batch.is_in("purpose", ("BTG", "ETREAT"))
        patient = batch.hash("patient")
        what = np.where(patient != 0, patient, batch.hash("event_id"))
        u, c = self._parts["users"].arrays(), self._parts["cohorts"].arrays()
        out = np.full((3, batch.n), np.nan)
        if len(rows):
            out[:, rows] = _judge(
                user[rows], cohort[rows], what[rows], glass[rows], batch.ts[rows], batch.groups[rows],
                (u["keys"], u["seen"], u["rate"], u["items"], u["at"], u["surge"]),
                (c["keys"], c["seen"], c["rate"], c["surge"]),
                float(self.option["rare"]),
            )  # fmt: skip
        return Scores(out[0], {"count": out[1], "rate": out[2]})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        count, rate = float(scores.evidence["count"][row]), float(scores.evidence["rate"][row])
        who = named(batch, row, "user", otherwise="Someone unnamed")
        where = named(batch, row, "department", "role", otherwise="")
        patients = "a patient's record" if count == 1 else f"the records of {count:.0f} patients"
        if count >= RING:
            patients = f"the records of {RING} or more patients"
        usual = f"one in {1 / rate:.0f} working days" if 0 < rate < 0.5 else f"{rate:.1f} a working day"
        message = f"{who} opened {patients} by emergency access within a day; for them"
        message += f" in {where} usual is {usual}." if where else f" usual is {usual}."
        features = [
            Feature(name="emergency_patients", value=count, unit="per day", usual_low=0, usual_high=round(rate, 3))
        ]
        return Explanation(message, f"About {usual}.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def access(user: str, day: int, number: int, department: str, glass: bool) -> dict[str, object]:
            at = {"ts": 1e6 + DAY_S * day + 300.0 * number, "patient": f"p-{user}-{day}-{number}"}
            return at | {"kind": "access", "user": user, "department": department, "break_glass": glass}

        ward = [access("nurse1", d, n, "Medicine", False) for d in range(20) for n in range(4)]
        urgent = [access("doctor1", d, n, "Emergency", n < 2) for d in range(40) for n in range(4)]
        return (
            Example("never before", [*ward, access("nurse1", 20, 9, "Medicine", True)], True),
            Example(
                "a run of them, even in the emergency department",
                urgent + [access("doctor1", 40, n, "Emergency", True) for n in range(15)],
                True,
            ),
            Example("ordinary care", ward, False),
        )


@nb.njit(cache=True, nogil=True)
def _new_day(rate: np.ndarray, day: float, memory: float) -> bool:
    """Whether `day` is a later one than this rate [4] has seen; then it counts, what the day before brought is
    learned, and the past fades."""
    if day <= rate[TODAY] and day > rate[TODAY] - 8.0:
        return False
    keep = 1.0 - 1.0 / memory
    rate[DAYS] = rate[DAYS] * keep + 1.0
    rate[EVENTS] = rate[EVENTS] * keep + rate[PENDING]
    rate[TODAY] = day
    rate[PENDING] = 0.0
    return True


@nb.njit(cache=True, nogil=True)
def _opened(items: np.ndarray, at: np.ndarray, item: np.uint64, ts: float) -> bool:
    """Whether the ring [RING] of a user's day holds this patient already."""
    short = np.uint32(item & np.uint64(0xFFFFFFFF))
    return bool(((items == short) & (at != 0) & (at + DAY_S >= ts)).any())


@nb.njit(cache=True, nogil=True)
def _surge(surge: np.ndarray, ts: float, more: float) -> float:
    """Add `more` to a fading sum, [sum, time of the last change]; the sum as it was before."""
    before = surge[0] * np.exp(-max(ts - surge[1], 0.0) / SURGE_S)
    if more > 0.0:
        surge[0] = before + more
        surge[1] = max(surge[1], ts) if ts > surge[1] - DAY_S else ts
    return before


@nb.njit(cache=True, nogil=True)
def _places(user, cohort, ts, g, users, cohorts):  # type: ignore[no-untyped-def]
    """Slots of a user and of the cohort, emptied when they are new."""
    s, fresh = claim_slot(users[0][g], users[1][g], user, ts)
    if fresh:
        users[2][g, s] = 0.0
        users[3][g, s] = 0
        users[4][g, s] = 0
        users[5][g, s] = 0.0
    c, fresh = claim_slot(cohorts[0][g], cohorts[1][g], cohort, ts)
    if fresh:
        cohorts[2][g, c] = 0.0
        cohorts[3][g, c] = 0.0
    return s, c


@nb.njit(cache=True, nogil=True)
def _judge(user, cohort, what, glass, ts, groups, users, cohorts, rare):  # type: ignore[no-untyped-def]
    """float64[3, m]: score, patients within a day, expected rate a user-day; NaN for what is no emergency access.

    Columns [m]; users (keys, seen, rate [G, capacity, 4], items, at [G, capacity, RING], surge [G, capacity, 2]);
    cohorts (keys, seen, rate, surge).
    """
    out = np.full((3, len(user)), np.nan)
    bend = np.log(0.5) / np.log(rare)  # a tail of `rare` scores 0.5
    for i in range(len(user)):
        g = groups[i]
        s, c = _places(user[i], cohort[i], ts[i], g, users, cohorts)
        own, peers = users[2][g, s], cohorts[2][g, c]
        pending = own[PENDING]
        if _new_day(own, np.floor(ts[i] / DAY_S), OWN_DAYS):
            keep = 1.0 - 1.0 / COHORT_DAYS
            peers[DAYS] = peers[DAYS] * keep + 1.0
            peers[EVENTS] = peers[EVENTS] * keep + pending
        if not glass[i]:
            continue
        item = mix64(what[i])
        new = 0.0 if _opened(users[3][g, s], users[4][g, s], item, ts[i]) else 1.0
        count = float(note_distinct(users[3][g, s], users[4][g, s], item, ts[i], DAY_S))
        common = (PRIOR_RATE * PRIOR_DAYS + peers[EVENTS]) / (PRIOR_DAYS + peers[DAYS])
        expected = (common * LEND_DAYS + own[EVENTS]) / (LEND_DAYS + own[DAYS])
        others = _surge(cohorts[3][g, c], ts[i], new) - _surge(users[5][g, s], ts[i], new)
        expected += max(others - 1.0, 0.0)  # one colleague's emergency is not yet everybody's
        out[0, i] = 1.0 - (expected / (1.0 + expected)) ** (count * bend)
        out[1, i] = count
        out[2, i] = expected
        own[PENDING] = min(own[PENDING] + new, CAP)
    return out
