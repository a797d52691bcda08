"""Somebody does in the record system what others do there, but hardly anyone of the same role."""

from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.daily_usual import fewest
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import COUNTING, EMERGENCY, RELATIONS, SUMMING, accesses, exported, who
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from pipeline.models.count_tail import upper_tail
from schemas.finding import Feature

USERS = 1024  # per key group
PARTS = 8  # key groups whose counts are told apart; of more some share a place, and less is known
DAY_S = 86_400.0
SIZE = 0.5  # a role of which nothing is known made half an access of the kind (Jeffreys)
DIFFER = 1.0  # squared coefficient of variation of the rate of people and days: what is done comes in runs
HELD = 0.45  # highest score of fewer than `least`
TODAY, EXPECTED, KNOWN, DID = range(1, 5)


class RoleMismatch(Detector):
    """How unlikely a user's strays of a day are, given how often others of the role did the like.

    A stray is an access whose action and kind of record others make and hardly anybody of the role (`role_habits` of
    the relay says so: it counts in each key group of patients what every role does, as all of them meet there). What
    the user did on earlier days is none, nor what several of the role begin to do within a week. The rate of the role
    is known as well as accesses of others were counted (Gamma and Poisson); 0.5 at a tail of `rare`, from `least`
    strays on.
    """

    id = "ehr.role_mismatch"
    title = "Use of the record system that does not fit the role"
    severity = 2
    attacks = ("T1078",)
    source = "judged"
    alert_days = 7
    beside = (*COUNTING, *RELATIONS, SUMMING, EMERGENCY, "ehr.odd_hours")
    entity = ("user",)
    entity_type = "user"
    inputs = (
        "user", "role", "department", "resource", "action", "role_known", "role_did", "role_day", "role_part",
        "all_share", "withdrawn",
    )  # fmt: skip
    misses = (
        "Misuse by means that the role has anyway, roles that one person alone has, accesses without a patient, and "
        "record systems that do not say what kind of record was touched."
    )
    cost = "O(8) a stray; 290 bytes a user who strays: 0.3 MB a key group"
    reference = "Gamma-Poisson tail (negative binomial); Chen and Malin, Detection of Anomalous Insiders, 2011"
    defaults = {"rare": 1e-4, "least": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns: dict[str, tuple[tuple[int, ...], Any]] = {
            "day": ((), np.float64), "strays": ((), np.float64), "kinds": ((), np.uint64),
            "parts": ((PARTS, 3), np.float64),
        }  # fmt: skip
        self._users = EntityState(setup.groups, USERS, columns)
        self._parts = {"users": self._users}

    def score(self, batch: Batch) -> Scores:
        out = np.full((5, batch.n), np.nan)
        counted = np.stack([batch.number(name) for name in ("role_known", "role_did", "role_day")], axis=1)
        rows = np.flatnonzero(accesses(batch) & ~exported(batch) & ~np.isnan(counted).any(axis=1))
        if len(rows):
            u = self._users.arrays()
            what = combine_many(batch.hash("action"), batch.hash("resource"))
            part = filled(batch.number("role_part")).astype(np.int64) % PARTS
            out[:, rows] = _judge(
                batch.hash("user")[rows], what[rows], part[rows], counted[rows], batch.ts[rows], batch.groups[rows],
                tuple(u[k] for k in ("keys", "seen", "day", "strays", "kinds", "parts")),
                float(self.option["rare"]), float(self.option["least"]),
            )  # fmt: skip
        return Scores(out[0], dict(zip(("today", "expected", "known", "did"), out[1:], strict=True)))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        today, expected, known, did = (float(scores.evidence[n][row]) for n in ("today", "expected", "known", "did"))
        action, kind = named(batch, row, "action", otherwise="use"), named(batch, row, "resource", otherwise="records")
        share = batch.value("all_share", row) or 0.0
        message = (
            f"{who(batch, row)} did {count_of(today, 'time')} within a day what does not fit the role, last {action} "
            f"of {kind}: {100 * share:.2g} % of all accesses, and {did:.0f} of {known:.0f} by others of the role."
        )
        rare, least, shape = float(self.option["rare"]), float(self.option["least"]), _shape(did)
        fewer = fewest(expected, expected + expected * expected / shape, rare, self.limit(scores, row), least)
        features = [
            Feature(name="acts_unlike_the_role", value=today, unit="per day", usual_low=0, usual_high=fewer - 1),
            Feature(name="acts_expected_of_the_role", value=round(expected, 4), unit="per day"),
            Feature(name="share_of_it_in_all", value=round(share, 6)),
        ]
        return Explanation(message, f"Fewer than {fewer} of them within a day.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        treated = {"reason": "encounter", "strength": 0.8, "action": "create", "resource": "MedicationRequest"}

        def stray(number: int, **more: object) -> dict[str, object]:
            counts: dict[str, object] = {"role_known": 60, "role_did": 0, "role_day": number + 1, "all_share": 0.01}
            access = judged_access(36_000.0 + 60.0 * number, f"p{number}", role_part=number % 8, **treated)
            return access | counts | more

        return (
            Example("a porter prescribes", [stray(i) for i in range(8)], True),
            Example("once, by mistake", [stray(0)], False),
            Example("some of the role do it", [stray(i, role_did=4, role_known=100) for i in range(3)], False),
        )


@nb.njit(cache=True, nogil=True)
def _shape(did):  # type: ignore[no-untyped-def]
    """Of the negative binomial, where others did so many."""
    return min(SIZE + did, 1.0 / DIFFER)


@nb.njit(cache=True, nogil=True)
def _kinds(bits):  # type: ignore[no-untyped-def]
    """How many bits are set in a uint64."""
    count = 0
    while bits:
        bits &= bits - np.uint64(1)
        count += 1
    return count


@nb.njit(cache=True, nogil=True)
def _judge(user, what, part, counted, ts, groups, users, rare, least):  # type: ignore[no-untyped-def]
    """float64[5, m]: score, strays of the day, how many were expected, accesses of the role known, and those alike.

    user, what, part, ts, groups [m]; counted [m, 3]: others' accesses, those alike, the user's of the day; users (keys,
    seen, day, strays, kinds [G, capacity], parts [G, capacity, PARTS, 3]).
    """
    out = np.full((5, len(user)), np.nan)
    bend = np.log(0.5) / np.log(rare)
    for i in range(len(user)):
        g, day = groups[i], np.floor(ts[i] / DAY_S)
        s, fresh = claim_slot(users[0][g], users[1][g], user[i], ts[i])
        parts = users[5][g, s]
        if fresh or day > users[2][g, s]:
            users[2][g, s], users[3][g, s], users[4][g, s] = day, 0.0, np.uint64(0)
            parts[:] = 0.0
        if day < users[2][g, s]:
            continue  # of a day that is over
        users[3][g, s] += 1.0
        users[4][g, s] |= np.uint64(1) << (what[i] & np.uint64(63))
        for k in range(3):
            parts[part[i], k] = max(parts[part[i], k], counted[i, k])
        known, did, work = parts[:, 0].sum(), parts[:, 1].sum() * _kinds(users[4][g, s]), parts[:, 2].sum()
        strays, shape = users[3][g, s], _shape(did)
        mean = max(work, strays) * (SIZE + did) / (known + 1.0)
        value = 1.0 - upper_tail(strays, mean, mean + mean * mean / shape) ** bend
        out[0, i] = value if strays >= least else min(value, HELD)
        out[TODAY, i], out[EXPECTED, i], out[KNOWN, i], out[DID, i] = strays, mean, known, did
    return out
