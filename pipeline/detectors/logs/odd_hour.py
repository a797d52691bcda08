"""An account is used at an hour of the day at which it never was."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.logs.logons import logons
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.naming import named
from schemas.finding import Feature

USERS = 2048  # per key group
SHIFTS = 3600.0  # logons of one user within the hour are one
PEER_WEIGHT = 4.0  # logons that the colleagues' hours speak for, beside one's own
EVERYBODY = np.uint64(1)
HALF_LIFE_S = 30 * 86_400.0  # rosters change by the month
ENOUGH, DAYS = 15.0, 7.0  # logons and days before an account has habits


class OddHour(Detector):
    """Share of an account's logons at this hour of the day (UTC), one hour either side included.

    Own logons of about a month, mixed with those of all accounts of the key group as if they were four of the
    account's own, so that the night is odd for an office and not for a ward. Logons of one hour are one. Interactive
    logons only (Windows types 2, 7, 10, 11; any of others): services come at all hours.
    """

    id = "logs.odd_hour"
    title = "Logon at an unusual hour"
    severity = 2
    attacks = ("T1078",)
    source = "accounts"
    entity = ("user", "host")
    entity_type = "user"
    inputs = ("user", "action", "outcome", "logon_type")
    cost = "O(24) a logon; 230 bytes an account, 4 MB in all"
    reference = "ATT&CK T1078; Freeman et al., Who Are You? A Statistical Approach to Measuring User Authenticity, 2016"
    misses = (
        "Accounts whose owners work at all hours, intruders who keep office hours, and accounts with fewer than 15 "
        "logons or a week of history."
    )
    threshold = None
    alerts_per_day = 2.0

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {"hours": ((24,), np.float64), "last": ((), np.float64), "first": ((), np.float64)}
        self._users = EntityState(setup.groups, USERS, columns)
        self._parts = {"users": self._users}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("share", "logons")}
        rows = logons(batch)
        if len(rows):
            kind = batch.number("logon_type")[rows]
            rows = rows[(kind != kind) | np.isin(kind, (2.0, 7.0, 10.0, 11.0))]
        if len(rows):
            a = self._users.arrays()
            out = _hour(
                batch.key_hash[rows], batch.ts[rows], batch.groups[rows],
                a["keys"], a["seen"], a["hours"], a["last"], a["first"],
            )  # fmt: skip
            values[rows], evidence["share"][rows], evidence["logons"][rows] = out
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        user, host = named(batch, row, "user"), named(batch, row, "host", otherwise="a machine")
        share, seen = float(scores.evidence["share"][row]), float(scores.evidence["logons"][row])
        hour = int(batch.ts[row] // 3600 % 24)
        message = (
            f"{user} logged on to {host} at {hour:02d} hours UTC, where {100 * share:.1f} % of {seen:.0f} logons fall."
        )
        # The score is exp(-60 · share).
        enough = -math.log(min(max(self.limit(scores, row), 1e-6), 0.9999)) / 60.0
        features = [
            Feature(name="share_of_logons_at_this_hour", value=round(share, 4), usual_low=round(enough, 4)),
            Feature(name="logons_known", value=round(seen)),
        ]
        return Explanation(message, f"An hour at which at least {enough:.1%} of the logons fall.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        logon = {"kind": "auth", "host": "srv-1", "action": "logon", "outcome": "success"}
        day = 86_400.0
        # Accounts whose names fall into one key group.
        users = [f"clerk{n}" for n in (3, 22, 26, 33, 41, 50, 75, 80)]
        usual = [
            logon | {"ts": 40 * day + d * day + 3600.0 * (8 + (i + d) % 4), "user": user, "account": user}
            for d in range(35) for i, user in enumerate(users)
        ]  # fmt: skip
        usual.sort(key=lambda e: float(str(e["ts"])))
        night = logon | {"ts": 75 * day + 3 * 3600.0, "user": "clerk3", "account": "clerk3"}
        return (Example("the office at three in the morning", [*usual, night], True), Example("days", usual, False))


@nb.njit(cache=True, nogil=True)
def _own(keys, seen, hours, last, first, key, ts):  # type: ignore[no-untyped-def]
    """Slot of an account in one group's table, its counts faded to `ts`."""
    slot, fresh = claim_slot(keys, seen, key, ts)
    if fresh:
        hours[slot] = 0.0
        last[slot] = ts - 2.0 * SHIFTS
        first[slot] = ts
    return slot


@nb.njit(cache=True, nogil=True)
def _near(hours, hour):  # type: ignore[no-untyped-def]
    """Logons at this hour and, by half, one hour either side."""
    return hours[hour] + 0.5 * (hours[(hour + 1) % 24] + hours[(hour + 23) % 24])


@nb.njit(cache=True, nogil=True)
def _hour(user, ts, groups, keys, seen, hours, last, first):  # type: ignore[no-untyped-def]
    """float64[3, m]: score, share of the logons at this hour, logons remembered."""
    out = np.full((3, len(user)), np.nan)
    for i in range(len(user)):
        g = groups[i]
        slot = _own(keys[g], seen[g], hours[g], last[g], first[g], user[i] | np.uint64(2), ts[i])
        if ts[i] - last[g, slot] < SHIFTS:
            continue
        hour = int(ts[i] // 3600.0) % 24
        fade = 2.0 ** (-min(ts[i] - last[g, slot], 10.0 * HALF_LIFE_S) / HALF_LIFE_S)
        hours[g, slot] *= fade
        mine = hours[g, slot].sum()
        every = _own(keys[g], seen[g], hours[g], last[g], first[g], EVERYBODY, ts[i])
        total = hours[g, every].sum()
        usual = (_near(hours[g, every], hour) + 1.0) / (total + 24.0)
        share = (_near(hours[g, slot], hour) + PEER_WEIGHT * usual) / (mine + PEER_WEIGHT)
        out[1, i], out[2, i] = min(share, 1.0), mine
        if mine >= ENOUGH and ts[i] - first[g, slot] >= DAYS * 86_400.0:
            out[0, i] = np.exp(-60.0 * min(share, 1.0))
        if keys[g, slot] == user[i] | np.uint64(2):
            hours[g, slot, hour] += 1.0
            last[g, slot] = ts[i]
        hours[g, every, hour] += 1.0
        if total > 20_000.0:
            hours[g, every] *= 0.5
        last[g, every] = ts[i]
    return out
