"""Where a kind of machine goes: the places every one of them and all of them together are known to visit."""

from dataclasses import dataclass

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine
from pipeline.features.state_parts import InParts

KINDS, KIND_PLACES = 256, 4096  # kinds, and places of kinds, per key group
WIDE = 64  # places from which an unlisted kind is no single-purpose machine, and not followed any longer
CALM_S = 3600.0  # so long without a new place, what a kind does counts as settled
ENOUGH_EVENTS, ENOUGH_S = 100.0, 3600.0  # less is no habit
FIRST, EVENTS, PLACES, OUTSIDE, LAST_NEW, CALM_PLACES, CALM_OUTSIDE, CALM_EVENTS, CALM_LASTED = range(9)
_KIND = 9
SINCE, VISITS, LAST, SENT, GOT = range(5)


@dataclass(frozen=True, slots=True)
class Habit:
    """What was known of the k rows that are followed, each before it was learned."""

    at: np.ndarray
    """int64[k], their places among the rows asked for; all else is float64[k]."""
    places: np.ndarray
    """Places of the kind when they last had settled (no new one for an hour)."""
    outside: np.ndarray
    """Those of them on the internet."""
    events: np.ndarray
    """Events of the kind until then."""
    watched_s: np.ndarray
    """Time the kind had been watched until then."""
    own_age_s: np.ndarray
    """Since this machine's first visit to the place; 0 for a new one."""
    kind_age_s: np.ndarray
    """Since the first visit of anyone of its kind; 0 for a new one."""
    members: np.ndarray
    """Machines of its kind that were there before, itself included if so."""
    visits: np.ndarray
    """Visits of this machine to the place, this one included; those less than a minute apart are one."""
    sent: np.ndarray
    got: np.ndarray
    """Bytes of this machine to and from the place, this row included."""
    late: np.ndarray
    """1 where the place was new for a kind that had settled (a hundred events, an hour without news), else 0."""


class Habits(InParts):
    """Places (peer and port, or network outside) by kind and by machine. O(1) a row.

    Per key group 256 kinds, 4,096 places of kinds and `pairs` places of machines of 56 bytes, the least recently seen
    giving way. A kind is followed while it has fewer than 64 places, or always where `listed` says so.
    """

    def __init__(self, groups: int, pairs: int = 4096) -> None:
        self._kinds = EntityState(groups, KINDS, {"known": ((_KIND,), np.float64)})
        self._places = EntityState(groups, KIND_PLACES, {"since": ((), np.float64), "count": ((2,), np.float32)})
        self._pairs = EntityState(groups, pairs, {"visit": ((5,), np.float64)})
        self._parts = {"kinds": self._kinds, "places": self._places, "pairs": self._pairs}

    def note(
        self, who: np.ndarray, kin: np.ndarray, place: np.ndarray, ts: np.ndarray, groups: np.ndarray,
        listed: np.ndarray, outside: np.ndarray, sent: np.ndarray, got: np.ndarray,
    ) -> Habit:  # fmt: skip
        """who, kin, place uint64[m]; ts, sent, got float64[m]; listed, outside bool[m]; groups int32[m]. A place of 0
        only counts the event."""
        k, p, v = self._kinds.arrays(), self._places.arrays(), self._pairs.arrays()
        at, out = _note(
            who, kin, place, ts, groups, listed, outside, sent, got, k["keys"], k["seen"], k["known"],
            p["keys"], p["seen"], p["since"], p["count"], v["keys"], v["seen"], v["visit"],
        )  # fmt: skip
        return Habit(at, *out.T)


@nb.njit(cache=True, nogil=True)
def _settle(kind, ts):  # type: ignore[no-untyped-def]
    """Take over what a kind [9] does as its settled habit once no new place came for an hour."""
    if ts - kind[LAST_NEW] > CALM_S:
        kind[CALM_PLACES], kind[CALM_OUTSIDE] = kind[PLACES], kind[OUTSIDE]
        kind[CALM_EVENTS], kind[CALM_LASTED] = kind[EVENTS], ts - kind[FIRST]
    kind[EVENTS] += 1.0


@nb.njit(cache=True, nogil=True)
def _settled(kind):  # type: ignore[no-untyped-def]
    """1 where a kind [9] has habits that a new place stands out from."""
    return 1.0 if kind[CALM_EVENTS] >= ENOUGH_EVENTS and kind[CALM_LASTED] >= ENOUGH_S else 0.0


@nb.njit(cache=True, nogil=True)
def _visit(visit, fresh, ts, sent, got):  # type: ignore[no-untyped-def]
    """Count one visit [5]; the age of the pair before it."""
    if fresh:
        visit[:] = 0.0
        visit[SINCE], visit[LAST] = ts, -np.inf
    age = max(ts - visit[SINCE], 0.0)
    if ts - visit[LAST] > 60.0:
        visit[VISITS] += 1.0
        visit[LAST] = ts
    visit[SENT] += sent if sent == sent else 0.0
    visit[GOT] += got if got == got else 0.0
    return age


@nb.njit(cache=True, nogil=True)
def _note(  # type: ignore[no-untyped-def]
    who,
    kin,
    place,
    ts,
    groups,
    listed,
    outside,
    sent,
    got,
    keys,
    seen,
    known,
    p_keys,
    p_seen,
    since,
    count,
    v_keys,
    v_seen,
    visits,
):
    """int64[k], float64[k, 11] in the order of Habit; columns [m]; state [G, capacity, …]."""
    at, out, k = np.empty(len(who), np.int64), np.empty((len(who), 11)), 0
    for i in range(len(who)):
        if who[i] == 0 or kin[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], kin[i], ts[i])
        kind = known[g, slot]
        if fresh:
            kind[:] = 0.0
            kind[FIRST], kind[LAST_NEW] = ts[i], ts[i]
        _settle(kind, ts[i])
        if place[i] == 0 or (kind[PLACES] >= WIDE and not listed[i]):
            continue
        spot, new_place = claim_slot(p_keys[g], p_seen[g], combine(kin[i], place[i]), ts[i])
        if new_place:
            since[g, spot], count[g, spot, 0], count[g, spot, 1] = ts[i], 0.0, _settled(kind)
            kind[PLACES] += 1.0
            kind[OUTSIDE] += 1.0 if outside[i] else 0.0
            kind[LAST_NEW] = max(kind[LAST_NEW], ts[i])
        pair, new_pair = claim_slot(v_keys[g], v_seen[g], combine(who[i], place[i]), ts[i])
        row = out[k]
        row[6], row[10] = count[g, spot, 0], count[g, spot, 1]
        count[g, spot, 0] += 1.0 if new_pair else 0.0
        row[4] = _visit(visits[g, pair], new_pair, ts[i], sent[i], got[i])
        row[0], row[1] = kind[CALM_PLACES], kind[CALM_OUTSIDE]
        row[2], row[3] = kind[CALM_EVENTS], kind[CALM_LASTED]
        row[5] = max(ts[i] - since[g, spot], 0.0)
        row[7] = visits[g, pair, VISITS]
        row[8], row[9] = visits[g, pair, SENT], visits[g, pair, GOT]
        at[k] = i
        k += 1
    return at[:k].copy(), out[:k].copy()
