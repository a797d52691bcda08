"""Somebody reads far more patients' records than they or their colleagues ever do."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.batch import Batch
from pipeline.features.distinct_bitmap import PARTS, count_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import mix64
from pipeline.features.leaf import leaf
from pipeline.features.naming import named
from pipeline.features.norm import PEAK, SIZE, score_of, settle, surprise, take
from schemas.finding import Feature

USERS = 4096  # norms per key group
ACTIVE = 1024  # users per key group whose present windows are kept
COHORTS = 256  # roles or departments per key group
HOUR_S, DAY_S = 3600.0, 86_400.0
OWN_MEMORY, PEER_MEMORY = 60.0, 1000.0  # samples: about two months of days; a thousand colleagues' hours


class RecordVolume(Detector):
    """Distinct patients a user opened within an hour and within a day, against the own norm and that of the
    role.

    Norms are decayed means and variances of log counts. A user without history is judged by the peers; without
    peers either there is no opinion, unless the count passes an absolute limit. Counts are exact to about 2 %.
    """

    id = "ehr.record_volume"
    title = "Unusually many patient records opened"
    severity = 3
    attacks = ("T1213",)
    source = "ehr"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "role", "department", "patient", "outcome")
    misses = (
        "A few charts a day opened without reason, by someone whose work opens many anyway; slow collecting "
        "over weeks within the usual number."
    )
    cost = "O(1) an access; 96 bytes a user, 1.6 KiB a user active today"
    reference = "Whang et al., A Linear-Time Probabilistic Counting Algorithm, ACM TODS 1990; log-normal tail"
    defaults = {
        "deviations": 4.0,
        "least_hour": 12.0,
        "least_day": 25.0,
        "unknown_hour": 100.0,
        "unknown_day": 300.0,
    }

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        norms = {"norm": ((2, SIZE), np.float64)}
        windows = {
            "hour": ((PARTS, 16), np.uint64),
            "day": ((PARTS, 32), np.uint64),
            "mark": ((2, 2), np.int64),
        }
        self._parts = {
            "users": EntityState(setup.groups, USERS, norms),
            "peers": EntityState(setup.groups, COHORTS, norms),
            "windows": EntityState(setup.groups, ACTIVE, windows),
        }

    def score(self, batch: Batch) -> Scores:
        user, patient = batch.hash("user"), batch.hash("patient")
        rows = np.flatnonzero((user != 0) & (patient != 0) & ~batch.equals("outcome", "failure"))
        role, department = batch.hash("role"), batch.hash("department")
        cohort = np.where(role != 0, role, np.where(department != 0, department, np.uint64(1)))
        u, p, w = (self._parts[name].arrays() for name in ("users", "peers", "windows"))
        o = self.option
        out = np.full((5 + NORMS, batch.n), np.nan)
        if len(rows):
            found = np.full((5 + NORMS, len(rows)), np.nan)
            _judge(
                found, user[rows], cohort[rows], patient[rows], batch.ts[rows], batch.groups[rows],
                (u["keys"], u["seen"], u["norm"]), (p["keys"], p["seen"], p["norm"]),
                (w["keys"], w["seen"], w["hour"], w["day"], w["mark"]),
                float(o["deviations"]),
                np.array([o["least_hour"], o["least_day"]], float),
                np.array([o["unknown_hour"], o["unknown_day"]], float),
            )  # fmt: skip
            out[:, rows] = found
        names = ("count", "usual", "peers", "day")
        return Scores(out[0], dict(zip(names, out[1:5], strict=True)) | {"norms": out[5:].T})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        count, usual, peers = (float(scores.evidence[k][row]) for k in ("count", "usual", "peers"))
        span = "a day" if scores.evidence["day"][row] == 1.0 else "an hour"
        who = named(batch, row, "user", otherwise="Someone unnamed")
        post = named(batch, row, "role", "department", otherwise="")
        colleagues = f"others working as {post}" if post else "colleagues"
        window, limit = span.split()[-1], self.limit(scores, row)
        if usual != usual:
            message = f"{who} opened the records of about {count:.0f} patients within {span}"
            message += ", and nothing is known yet of what is usual."
            # Without a norm the score is 1 - ½ · unknown / count.
            fewer = float(self.option[f"unknown_{window}"]) / (2.0 - 2.0 * min(max(limit, 0.5), 0.999))
            feature = Feature(name="patients", value=count, unit=f"per {window}", usual_low=0, usual_high=round(fewer))
            return Explanation(message, f"Fewer than {fewer:.0f} patients within {span}.", [feature])
        norm = UsualRange(scores.evidence["norms"][row])
        fewer = norm.least(float(self.option["deviations"]) + math.log(odds_of(limit)))
        fewer = max(fewer, float(self.option[f"least_{window}"]))
        message = f"{who} opened the records of about {count:.0f} patients within {span}"
        message += f"; usual are about {usual:.0f}"
        message += f", and {peers:.0f} for {colleagues}." if peers == peers else "."
        features = [norm.feature("patients", count, f"per {window}")]
        return Explanation(message, f"Fewer than {fewer:.0f} patients within {span}.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def day(user: str, start: float, count: int, role: str) -> list[dict[str, object]]:
            access = {"kind": "access", "user": user, "role": role, "action": "read"}
            return [access | {"ts": start + 20.0 * i, "patient": f"{user}-{start:.0f}-{i}"} for i in range(count)]

        month = [row for d in range(20) for row in day("nurse1", 1e6 + DAY_S * d, 8, "nurse")]
        clerks = [row for d in range(20) for row in day("clerk1", 1e6 + DAY_S * d, 90, "registrar")]
        after = 1e6 + 20 * DAY_S
        return (
            Example("a nurse opens a hundred charts in an hour", month + day("nurse1", after, 100, "nurse"), True),
            Example("nobody knows this user yet", day("new1", 1e6, 130, "nurse"), True),
            Example("a busy shift", month + day("nurse1", after, 14, "nurse"), False),
            Example("registration sees everyone", clerks + day("clerk1", after, 99, "registrar"), False),
        )


@leaf
def _norm(norms, g, key, ts):  # type: ignore[no-untyped-def]
    """Where the norms [2, SIZE] of a user or cohort are, emptied when it is new."""
    slot, fresh = claim_slot(norms[0][g], norms[1][g], key, ts)
    if fresh:
        norms[2][g, slot] = 0.0
    return slot


@leaf
def _judge(out, user, cohort, patient, ts, groups, users, peers, windows, limit, least, unknown):  # type: ignore[no-untyped-def]
    """Fill out float64[5 + NORMS, m]: score, count, usual count, peers' usual count, whether the day (1) or hour (0)
    decided, and the norms of that.

    Columns [m]; users and peers (keys, seen, norm [G, capacity, 2, SIZE]); windows (keys, seen, hour bits, day
    bits, marks [G, capacity, 2, 2]); least and unknown float64[2] for hour and day.
    """
    for i in range(len(user)):
        g = groups[i]
        own = users[2][g, _norm(users, g, user[i], ts[i])]
        others = peers[2][g, _norm(peers, g, cohort[i], ts[i])]
        s, fresh = claim_slot(windows[0][g], windows[1][g], user[i], ts[i])
        marks = windows[4][g, s]
        if fresh:
            windows[2][g, s] = 0
            windows[3][g, s] = 0
            marks[:] = 0
        item = mix64(patient[i])
        for k in range(2):
            window_s = HOUR_S if k == 0 else DAY_S
            sample = settle(own[k], ts[i], window_s)
            if sample == sample:
                take(own[k], sample, OWN_MEMORY)
                take(others[k], sample, PEER_MEMORY)
            bits = windows[2][g, s] if k == 0 else windows[3][g, s]
            count = count_distinct(bits, marks[k], item, ts[i], window_s)
            if count != count:
                continue
            z, usual = surprise(count, own[k], others[k])
            value = score_of(z, limit)
            if value == value and count < least[k]:
                value = min(value, 0.4)
            if value != value and count > unknown[k]:
                value = 0.5 + 0.5 * (1.0 - unknown[k] / count)
            own[k, PEAK] = max(own[k, PEAK], count)
            if value == value and not value <= out[0, i]:
                out[0, i] = value
                out[1, i] = count
                out[2, i] = usual
                out[3, i] = np.expm1(others[k, 1]) if others[k, 0] >= 1.0 else np.nan
                out[4, i] = float(k)
                for part in range(3):
                    out[5 + part, i], out[8 + part, i] = own[k, part], others[k, part]
