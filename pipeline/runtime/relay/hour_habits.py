"""At which hours departments and roles work.

A patient's key group sees one eighth of everybody's accesses, a user's all of one eighth of the staff: whether there is
an evening shift at all, two people of a laboratory of twenty do not tell.
"""

from typing import Any

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.engine.engine import Outcome
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.state_parts import InParts

COHORTS, USERS = 512, 4096  # per key group: those longest away give way
HOUR_S = 3600.0
HALF_LIFE_S = 60 * 86_400.0  # rotas change within months
SMOOTH = 4.0  # accesses at any hour that speak for a cohort beside its own
EVEN = 3.0 / 24.0  # of them within an hour of any hour
_DEPARTMENT, _ROLE = np.uint64(hash_text("department")), np.uint64(hash_text("role"))


class HourHabits(InParts):
    """Accesses by hour of the day, of each department, role and user. 120 bytes a user, 0.6 MB a key group; O(24) an
    access."""

    def __init__(self, groups: int) -> None:
        def hours(dtype: Any) -> dict[str, tuple[tuple[int, ...], Any]]:
            return {"hours": ((24,), dtype), "at": ((), np.float64)}

        self._parts = {
            "cohorts": EntityState(groups, COHORTS, hours(np.float64)),
            "users": EntityState(groups, USERS, hours(np.float32)),
        }

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON field `hour_share` for accesses at an hour that is unusual for the user, by row; all are noted."""
        batch = outcome.batch
        user, department, role = (batch.hash(f) for f in ("user", "department", "role"))
        wanted = batch.kind("access") & (user != 0) & (batch.number("withdrawn") != 1.0)
        rows = np.flatnonzero(wanted & ~batch.equals("outcome", "failure"))
        if not len(rows):
            return {}
        c, u = (part.arrays() for part in self._parts.values())
        salts = [np.full(len(rows), salt) for salt in (_DEPARTMENT, _ROLE)]
        share = _shares(
            user[rows], combine_many(salts[0], department[rows]), combine_many(salts[1], role[rows]), batch.ts[rows],
            batch.groups[rows], batch.number("sign_hours")[rows] > 0.0, (c["keys"], c["seen"], c["hours"], c["at"]),
            (u["keys"], u["seen"], u["hours"], u["at"]),
        )  # fmt: skip
        return {int(rows[k]): f',"hour_share":{share[k]:.5f}'.encode() for k in np.flatnonzero(share == share).tolist()}


@nb.njit(cache=True, nogil=True)
def _row(table, g, key, ts):  # type: ignore[no-untyped-def]
    """float64[24] of a key, faded to `ts`."""
    slot, fresh = claim_slot(table[0][g], table[1][g], key, ts)
    if fresh:
        table[2][g, slot] = 0.0
        table[3][g, slot] = ts
    if ts > table[3][g, slot]:
        table[2][g, slot] *= 0.5 ** ((ts - table[3][g, slot]) / HALF_LIFE_S)
        table[3][g, slot] = ts
    return table[2][g, slot]


@nb.njit(cache=True, nogil=True)
def _near(hours, hour):  # type: ignore[no-untyped-def]
    """Accesses at this hour of the day and one either side."""
    return hours[hour] + hours[(hour + 1) % 24] + hours[(hour + 23) % 24]


@nb.njit(cache=True, nogil=True)
def _shares(user, department, role, ts, groups, asked, cohorts, users):  # type: ignore[no-untyped-def]
    """float64[m]: share of others' accesses within an hour of this one's hour, where it is `asked` for, else NaN.

    user, department, role, ts, groups, asked [m]; cohorts, users (keys, seen, hours [G, capacity, 24],
    at [G, capacity]).
    """
    out = np.full(len(user), np.nan)
    for i in range(len(user)):
        g, hour = groups[i], int(ts[i] // HOUR_S) % 24
        own = _row(users, g, user[i], ts[i])
        for key in (department[i], role[i]):
            if key == np.uint64(0):
                continue
            theirs = _row(cohorts, g, key, ts[i])
            if asked[i]:
                known = max(theirs.sum() - own.sum(), 0.0)
                near = min(max(_near(theirs, hour) - _near(own, hour), 0.0), known)
                share = (near + SMOOTH * EVEN) / (known + SMOOTH)
                out[i] = share if out[i] != out[i] else max(out[i], share)
            theirs[hour] += 1.0
        own[hour] += np.float32(1.0)
    return out
