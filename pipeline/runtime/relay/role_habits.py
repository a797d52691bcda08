"""What a role does in the record system, and who strays from it.

A patient's key group sees one eighth of everybody's accesses, a user's all of one eighth of the staff: where porters
are ten, eight of them have nobody beside them to tell what porters do.
"""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.engine.engine import Outcome
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine, combine_many, hash_text
from pipeline.features.state_parts import InParts

ROLES, OWN, TASKS, USERS = 4096, 16_384, 512, 4096  # per key group: those longest away give way
DAY_S = 86_400.0
HALF_LIFE_S = 60 * DAY_S  # posts get new tasks within months
SMOOTH = 4.0  # accesses that all roles together speak for, beside the role's own
DONE_BY_OTHERS = 20.0  # accesses of other roles that make it somebody's work at all
RARER = 4.0  # times rarer than among all from which it is worth a word
# What many do is no role's own work: looking at it is nothing, and doing it only where the chance that the role does it
# like all, and was seen to so seldom, is one in twenty.
OF_MANY, NATS = 0.02, 3.0
LOOKING = ("read", "search", "query", "view")
TOGETHER, WEEK_S = 3, 7 * DAY_S  # users of the role who stray alike within a week: a new task of the role
EVERYBODY = np.uint64(1)
_ROLE = np.uint64(hash_text("role"))
STRAYS = b',"role_known":'
"""What the fields of an access begin with that hardly anybody of the role makes."""
_EVER = 1e-3  # of an access, faded: it was the user's work before


class RoleHabits(InParts):
    """How often each kind of access (action on a kind of record) is made by a role, by its users and by all.

    40 bytes a kind and role, or a kind and user: 1 MB a key group. O(1) an access.
    """

    def __init__(self, groups: int) -> None:
        f, u = np.float64, np.uint32
        counted = {"count": ((), f), "at": ((), f)}
        self._parts = {
            "usual": EntityState(groups, ROLES, counted),
            "own": EntityState(groups, OWN, {**counted, "first": ((), f)}),
            "tasks": EntityState(groups, TASKS, {"users": ((8,), u), "at": ((8,), u)}),
            "days": EntityState(groups, USERS, {"day": ((), f), "count": ((), f)}),
        }

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON fields `role_known`, `role_did`, `role_day`, `role_part` and `all_share` for accesses that hardly
        anybody of the role makes, by row; all are noted."""
        batch = outcome.batch
        user, role, department = (batch.hash(f) for f in ("user", "role", "department"))
        role = np.where(role != 0, role, department)
        what = combine_many(batch.hash("action"), batch.hash("resource"))
        wanted = batch.kind("access") & (user != 0) & (role != 0) & (what != 0) & (batch.number("withdrawn") != 1.0)
        rows = np.flatnonzero(wanted & ~batch.equals("outcome", "failure"))
        if not len(rows):
            return {}
        usual, own, tasks, days = (part.arrays() for part in self._parts.values())
        known, did, day, share = _strays(
            user[rows], role[rows], what[rows], batch.is_in("action", LOOKING)[rows], batch.ts[rows],
            batch.groups[rows],
            tuple(usual[k] for k in ("keys", "seen", "count", "at")),
            tuple(own[k] for k in ("keys", "seen", "count", "at", "first")),
            tuple(tasks[k] for k in ("keys", "seen", "users", "at")),
            tuple(days[k] for k in ("keys", "seen", "day", "count")),
        )  # fmt: skip
        return {
            int(rows[k]): STRAYS
            + f'{known[k]:.0f},"role_did":{did[k]:.0f},"role_day":{day[k]:.0f},'
            f'"role_part":{batch.groups[rows[k]]},"all_share":{share[k]:.6f}'.encode()
            for k in np.flatnonzero(known == known).tolist()
        }


@nb.njit(cache=True, nogil=True)
def _bump(table, g, key, ts):  # type: ignore[no-untyped-def]
    """(count before, slot, whether it is new) of a key, faded to `ts`; it is counted."""
    slot, fresh = claim_slot(table[0][g], table[1][g], key, ts)
    if fresh:
        table[2][g, slot] = 0.0
        table[3][g, slot] = ts
    later = max(ts - table[3][g, slot], 0.0)
    before = table[2][g, slot] * 0.5 ** (later / HALF_LIFE_S)
    table[2][g, slot] = before + 1.0
    table[3][g, slot] = max(table[3][g, slot], ts)
    return before, slot, fresh


@nb.njit(cache=True, nogil=True)
def _scarce(seen, expected):  # type: ignore[no-untyped-def]
    """Exponent of the chance of so few where more are expected (Chernoff)."""
    return expected - seen + (seen * np.log(seen / expected) if seen > 0.0 else 0.0)


@nb.njit(cache=True, nogil=True)
def _on_day(days, g, user, ts):  # type: ignore[no-untyped-def]
    """Accesses of a user on this day, this one included."""
    slot, fresh = claim_slot(days[0][g], days[1][g], user, ts)
    day = np.floor(ts / DAY_S)
    if fresh or day > days[2][g, slot]:
        days[2][g, slot], days[3][g, slot] = day, 0.0
    days[3][g, slot] += 1.0
    return days[3][g, slot]


@nb.njit(cache=True, nogil=True)
def _strays(user, role, what, looks, ts, groups, usual, own, tasks, days):  # type: ignore[no-untyped-def]
    """float64[4, m]: accesses of others of the role, those alike, the user's on this day, the share of those alike
    among all; NaN where it is nothing unusual for the role.

    user, role, what, looks (whether it only looks), ts, groups [m]; usual (keys, seen, count, at), own (with first),
    tasks (keys, seen, users, at) and days (keys, seen, day, count) [G, capacity, ...].
    """
    out = np.full((4, len(user)), np.nan)
    for i in range(len(user)):
        g, now = groups[i], ts[i]
        n_role, _, _ = _bump(usual, g, combine(role[i], _ROLE), now)
        k_role, _, _ = _bump(usual, g, combine(role[i], what[i]), now)
        n_all, _, _ = _bump(usual, g, EVERYBODY, now)
        k_all, _, _ = _bump(usual, g, combine(EVERYBODY, what[i]), now)
        me = combine(user[i], role[i])
        n_own, slot, fresh = _bump(own, g, me, now)
        k_own, slot, fresh = _bump(own, g, combine(me, what[i]), now)
        if fresh:
            own[4][g, slot] = now
        own[4][g, slot] = min(own[4][g, slot], now)
        today = _on_day(days, g, user[i], now)
        if k_own > _EVER and now - own[4][g, slot] >= DAY_S:
            continue  # the user's own work
        known, did = max(n_role - n_own, 0.0), max(k_role - k_own, 0.0)
        share = max(k_all - k_own, 0.0) / max(n_all - n_own, 1.0)
        if k_all - k_role < DONE_BY_OTHERS or share < RARER * (did + SMOOTH * share) / (known + SMOOTH):
            continue
        if share > OF_MANY and (looks[i] or _scarce(did, share * known) < NATS):
            continue
        task, fresh = claim_slot(tasks[0][g], tasks[1][g], combine(role[i], what[i]), now)
        if fresh:
            tasks[2][g, task] = 0
            tasks[3][g, task] = 0
        if note_distinct(tasks[2][g, task], tasks[3][g, task], user[i], now, WEEK_S) < TOGETHER:
            out[0, i], out[1, i], out[2, i], out[3, i] = known, did, today, share
    return out
