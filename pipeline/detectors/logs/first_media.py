"""Somebody who never used removable media does, at an hour at which they are never there."""

from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.logs.logons import logons, people
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.naming import named
from schemas.finding import Feature

USERS = 2048  # per key group
DAY_S, HOUR_S = 86_400.0, 3600.0
KNOWN_D, DAYS = 14.0, 8.0  # since when an account is known, and on how many days it was at work, before it has habits
NEW_D = 7.0  # a habit of media that began within so many days is new
SHARE = 0.1  # of its days at work: below it is never there at an hour
SHIFT_H = 10  # who logs on may be there for so long
MEDIA = ("media_connected", "file_to_media")
BOTH, FIRST, USED = 0.6, 0.4, 0.2
FIRST_TS, LAST_DAY, WORKED, MEDIA_TS = range(4)


class FirstMedia(Detector):
    """Removable media connected, or files copied there, by an account.

    Scores 0.6 where an account known for two weeks, at work on eight days, began to use media within the last week and
    does so at an hour (UTC, one either side included) at which it was there on fewer than a tenth of its days, ten
    hours being counted from each logon; today's own hours say nothing. New media at a usual hour score 0.4, as
    everybody uses a stick for the first time some day.
    """

    id = "logs.first_media"
    title = "First removable media, at an odd hour"
    severity = 3
    attacks = ("T1052.001", "T1091")
    source = "logs"
    entity = ("user", "host")
    entity_type = "user"
    group_by = ("user",)
    inputs = ("user", "host", "action", "outcome", "logon_type")
    cost = "O(24) a logon or use of media; 430 bytes an account: 7 MB in all"
    reference = "Glasser and Lindauer, Bridging the Gap: A Pragmatic Approach to Generating Insider Threat Data, 2013"
    misses = (
        "Who used media before or is there at all hours, accounts known for less than two weeks, accounts whose hosts "
        "lie in several key groups (each knows what happened on its own), and media that no log tells of."
    )

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {"known": ((4,), np.float64), "hours": ((24,), np.float64), "today": ((24,), np.float64)}
        self._users = EntityState(setup.groups, USERS, columns)
        self._parts = {"users": self._users}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("at_this_hour", "days", "known_s")}
        media = batch.is_in("action", MEDIA)
        if media.any():
            media &= people(batch)
        there = media.copy()
        there[logons(batch)] = True
        rows = np.flatnonzero(there)
        if len(rows):
            a = self._users.arrays()
            out = _days(
                batch.hash("user")[rows], media[rows], batch.ts[rows], batch.groups[rows],
                a["keys"], a["seen"], a["known"], a["hours"], a["today"],
            )  # fmt: skip
            values[rows] = out[0]
            for name, column in zip(evidence, out[1:], strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        user, host = named(batch, row, "user"), named(batch, row, "host", otherwise="a machine")
        hour = int(batch.ts[row] // HOUR_S % 24)
        message = (
            f"{user} used removable media on {host} at {hour:02d} hours UTC; in {e['known_s'] / DAY_S:.0f} days before "
            f"there was none, and about that hour the account was at work on {e['at_this_hour']:.0f} of "
            f"{e['days']:.0f} days."
        )
        features = [
            Feature(
                name="days_there_at_this_hour",
                value=e["at_this_hour"],
                usual_low=round(SHARE * e["days"], 1),
                contribution=1.0,
            ),
            Feature(name="days_at_work", value=e["days"], contribution=0.0),
        ]
        return Explanation(message, "Media at an hour at which the account is at work.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        who = {
            "kind": "auth",
            "action": "logon",
            "outcome": "success",
            "logon_type": 2,
            "user": "clerk3",
            "host": "pc-1",
        }
        days = [who | {"ts": 40 * DAY_S + DAY_S * d + HOUR_S * (8 + d % 3)} for d in range(20)]
        stick: dict[str, Any] = {"kind": "process", "action": "media_connected", "user": "clerk3", "host": "pc-1"}
        night = stick | {"ts": 60 * DAY_S + 22 * HOUR_S}
        often = [stick | {"ts": 40 * DAY_S + DAY_S * d + 9 * HOUR_S} for d in range(20)]
        used = sorted([*days, *often], key=lambda e: float(e["ts"]))
        return (
            Example("a first stick at ten in the evening", [*days, night], True),
            Example("a first stick in the morning", [*days, stick | {"ts": 60 * DAY_S + 9 * HOUR_S}], False),
            Example("who uses sticks every day", [*used, night], False),
            Example("a newcomer", [*days[:5], stick | {"ts": 45 * DAY_S + 22 * HOUR_S}], False),
        )


@nb.njit(cache=True, nogil=True)
def _days(user, media, ts, groups, keys, seen, known, hours, today):  # type: ignore[no-untyped-def]
    """float64[4, m]: score (NaN for logons), days at work about this hour, days at work, seconds known.

    Columns [m]; state [G, capacity, …].
    """
    out = np.full((4, len(user)), np.nan)
    for i in range(len(user)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], user[i], ts[i])
        who, day = known[g, slot], np.floor(ts[i] / DAY_S)
        if fresh:
            hours[g, slot], today[g, slot] = 0.0, 0.0
            who[FIRST_TS], who[LAST_DAY], who[WORKED], who[MEDIA_TS] = ts[i], day, 0.0, np.inf
        if day > who[LAST_DAY]:
            hours[g, slot] += today[g, slot]
            today[g, slot] = 0.0
            who[LAST_DAY] = day
            who[WORKED] += 1.0
        hour = int(ts[i] // HOUR_S) % 24
        if media[i]:
            who[MEDIA_TS] = min(who[MEDIA_TS], ts[i])
            there = max(hours[g, slot, hour], hours[g, slot, (hour + 1) % 24], hours[g, slot, (hour + 23) % 24])
            before_s = who[MEDIA_TS] - who[FIRST_TS]
            new = before_s >= KNOWN_D * DAY_S and who[WORKED] >= DAYS and ts[i] - who[MEDIA_TS] < NEW_D * DAY_S
            out[0, i] = USED
            if new:
                out[0, i] = BOTH if there < SHARE * who[WORKED] else FIRST
            out[1, i], out[2, i], out[3, i] = there, who[WORKED], before_s
        for k in range(SHIFT_H):
            today[g, slot, (hour + k) % 24] = 1.0
    return out
