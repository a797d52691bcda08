"""At which hours departments and roles work.

A patient's key group sees one eighth of everybody's accesses, a user's all of one eighth of the staff: whether there is
an evening shift at all, two people of a laboratory of twenty do not tell.
"""

from typing import Any

import numba as nb
import numpy as np

from pipeline.charts.usual import bits
from pipeline.detectors.ehr.judged import EVEN, LONG, REACH_H, SMOOTH, TOLD
from pipeline.detectors.entity_state import EntityState
from pipeline.engine.engine import Outcome
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, hash_text, mix64
from pipeline.features.state_parts import InParts
from pipeline.features.unknown import filled

COHORTS, USERS = 512, 4096  # per key group: those longest away give way
HOUR_S = 3600.0
HALF_LIFE_S = 60 * 86_400.0  # rotas change within months
PEOPLE = 8  # of a department or role: fewer do not show which shifts there are
GUARD = 0.25  # an access at an hour that is odd for the user teaches a quarter: nobody makes their nights usual at once
_LOW = np.uint64(0xFFFFFFFF)
_DEPARTMENT, _ROLE = np.uint64(hash_text("department")), np.uint64(hash_text("role"))


class HourHabits(InParts):
    """Accesses by hour of the day, of each department, role and user: all, and those of long sittings (LONG charts or
    more), since a chart or two looked up late tell nothing of who sits down to work then. 220 bytes a user, 1.1 MB a
    key group; O(48) an access."""

    def __init__(self, groups: int) -> None:
        def hours(dtype: Any) -> dict[str, tuple[tuple[int, ...], Any]]:
            return {"hours": ((2, 24), dtype), "at": ((), np.float64), "people": ((), np.uint64)}

        self._parts = {
            "cohorts": EntityState(groups, COHORTS, hours(np.float64)),
            "users": EntityState(groups, USERS, hours(np.float32)),
        }

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON fields `hour_share`, `hour_known`, `hour_near`, `hour_part` and, in a long sitting, `hour_long` for
        accesses at an hour that is unusual for the user, by row; all are noted."""
        batch = outcome.batch
        user, department, role = (batch.hash(f) for f in ("user", "department", "role"))
        wanted = batch.kind("access") & (user != 0) & (batch.number("withdrawn") != 1.0)
        rows = np.flatnonzero(wanted & ~batch.equals("outcome", "failure"))
        if not len(rows):
            return {}
        c, u = (part.arrays() for part in self._parts.values())
        salts = [np.full(len(rows), salt) for salt in (_DEPARTMENT, _ROLE)]
        share, known, near, long = _shares(
            user[rows], combine_many(salts[0], department[rows]), combine_many(salts[1], role[rows]), batch.ts[rows],
            batch.groups[rows], filled(batch.number("sign_hours"))[rows], batch.number("user_sitting")[rows] >= LONG,
            tuple(c[k] for k in ("keys", "seen", "hours", "at", "people")),
            tuple(u[k] for k in ("keys", "seen", "hours", "at", "people")), (TOLD, REACH_H, EVEN, SMOOTH),
        )  # fmt: skip
        return {
            int(rows[k]): f',"hour_share":{share[k]:.5f},"hour_known":{known[k]:.0f},"hour_near":{near[k]:.0f},'
            f'"hour_part":{batch.groups[rows[k]]}{_long(long[k])}'.encode()
            for k in np.flatnonzero(share == share).tolist()
        }


def _long(share: float) -> str:
    return f',"hour_long":{share:.5f}' if share == share else ""


@nb.njit(cache=True, nogil=True)
def _row(table, g, key, user, ts):  # type: ignore[no-untyped-def]
    """(float64[2, 24] of a key, faded to `ts`, how many people it had with `user`, of 64 told apart)."""
    slot, fresh = claim_slot(table[0][g], table[1][g], key, ts)
    if fresh:
        table[2][g, slot] = 0.0
        table[3][g, slot] = ts
        table[4][g, slot] = 0
    table[4][g, slot] |= np.uint64(1) << (mix64(user) & np.uint64(63))
    if ts > table[3][g, slot]:
        table[2][g, slot] *= 0.5 ** ((ts - table[3][g, slot]) / HALF_LIFE_S)
        table[3][g, slot] = ts
    some = table[4][g, slot]
    return table[2][g, slot], bits(some & _LOW, some >> np.uint64(32))


@nb.njit(cache=True, nogil=True)
def _near(hours, hour, reach_h):  # type: ignore[no-untyped-def]
    """Accesses at this hour of the day and those either side."""
    total = hours[hour]
    for k in range(1, reach_h + 1):
        total += hours[(hour + k) % 24] + hours[(hour + 24 - k) % 24]
    return total


@nb.njit(cache=True, nogil=True)
def _shares(user, department, role, ts, groups, sign, long, cohorts, users, limits):  # type: ignore[no-untyped-def]
    """float64[4, m]: share of others' accesses within `reach_h` of this one's hour, where that is a `sign`, else NaN;
    how many of the others' are known, and how many of them are near; in a `long` sitting the share of others' such,
    where others are PEOPLE or more.

    user, department, role, ts, groups, sign, long (bool) [m]; cohorts, users (keys, seen, hours [G, capacity, 2, 24],
    at, people [G, capacity]); limits: the sign that is told, reach_h, share and number assumed beside what is known.
    """
    told, reach_h, even, smooth = limits
    out = np.full((4, len(user)), np.nan)
    for i in range(len(user)):
        g, hour = groups[i], int(ts[i] // HOUR_S) % 24
        own, most = _row(users, g, user[i], user[i], ts[i])
        kinds = 2 if long[i] else 1
        taught = GUARD if sign[i] >= told else 1.0
        for key in (department[i], role[i]):
            if key == np.uint64(0):
                continue
            theirs, people = _row(cohorts, g, key, user[i], ts[i])
            most = max(most, people)
            for kind in range(kinds if sign[i] > 0.0 else 0):
                known = max(theirs[kind].sum() - own[kind].sum(), 0.0)
                near = min(max(_near(theirs[kind], hour, reach_h) - _near(own[kind], hour, reach_h), 0.0), known)
                share, at = (near + smooth * even) / (known + smooth), 3 * kind
                if not share <= out[at, i]:
                    out[at, i] = share
                    if kind == 0:
                        out[1, i], out[2, i] = known, near
            for kind in range(kinds):
                theirs[kind, hour] += taught
        if most <= PEOPLE:
            out[3, i] = np.nan
        for kind in range(kinds):
            own[kind, hour] += np.float32(taught)
    return out
