"""Which events are copies of one seen a moment ago: producers that are not idempotent send twice when they retry.

The copy has another offset, so the log alone cannot tell it. A key group remembers the last W distinct keys it was
given: a ring in the order they came, and an open-addressing index to find them. An event touches a few cache lines
of both, whatever W is. For W = 65,536 a group's ring takes 512 KiB, its index 2 MiB; only the ring goes into
checkpoints, as it lies, so that what was written since the last one is all that has changed; the index is made anew.
"""

from collections.abc import Mapping

import numba as nb
import numpy as np

from pipeline.errors import CheckpointError
from pipeline.features.hashing import combine
from pipeline.features.leaf import leaf

MAX_WINDOW = 1 << 20
_SLOTS_A_KEY = 4
"""At a quarter full nearly every search ends at once: 57 ns an event instead of 110 at one half, for 16 more bytes."""


@nb.njit(cache=True, nogil=True)
def event_keys(ids: np.ndarray, ts: np.ndarray) -> np.ndarray:
    """uint64[n], never 0: what is compared, of an id's hash (uint64[n], not 0) and the event's time (float64[n], s).

    A copy has both. The time is part of it so that ids which begin again (a counter after a restart) or stand in
    records without a time of their own never make another event look like a copy.
    """
    out = np.empty(len(ids), np.uint64)
    bits = (ts + 0.0).view(np.uint64)  # -0.0 is 0.0
    for i in range(len(ids)):
        out[i] = combine(ids[i], bits[i] + np.uint64(1))
    return out


@leaf
def forget_key(index: np.ndarray, g: int, key: np.uint64) -> None:
    """Take `key`, which is there, out of group g's index (uint64[G, S], S a power of two, 0: free).

    Backward shift (Knuth, vol. 3, 6.4, algorithm R): what stands behind the gap moves up when it may, so that no
    marks of deletion gather and a search still ends at the first free slot.
    """
    mask = np.uint64(index.shape[1] - 1)
    one = np.uint64(1)
    gap = key & mask
    while index[g, gap] != key:
        gap = (gap + one) & mask
    at = (gap + one) & mask
    found = index[g, at]
    while found != np.uint64(0):
        if (at - found) & mask >= (at - gap) & mask:
            index[g, gap] = found
            gap = at
        at = (at + one) & mask
        found = index[g, at]
    index[g, gap] = np.uint64(0)


@nb.njit(cache=True, nogil=True)
def note_keys(
    ring: np.ndarray, index: np.ndarray, place: np.ndarray, keys: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """bool[n]: row i is a copy, its key being among the last W distinct ones of its group; otherwise it is noted.

    ring: uint64[G, W]; index: uint64[G, S], S a power of two and larger than W; place: int64[G], where in the ring the
    next key goes; zeros at first. keys: uint64[n], not 0; groups: int32[n]. A copy changes nothing, so neither
    copies nor where a batch was cut decide what is remembered. O(1) an event.
    """
    window = ring.shape[1]
    mask = np.uint64(index.shape[1] - 1)
    one = np.uint64(1)
    copies = np.zeros(len(keys), np.bool_)
    for i in range(len(keys)):
        key = keys[i]
        g = groups[i]
        slot = key & mask
        found = index[g, slot]
        while found != np.uint64(0) and found != key:
            slot = (slot + one) & mask
            found = index[g, slot]
        if found == key:
            copies[i] = True
            continue
        index[g, slot] = key
        at = place[g]
        oldest = ring[g, at]
        if oldest != np.uint64(0):
            forget_key(index, g, oldest)
        ring[g, at] = key
        place[g] = at + 1 if at + 1 < window else 0
    return copies


@nb.njit(cache=True, nogil=True)
def index_ring(ring: np.ndarray, index: np.ndarray, g: int) -> None:
    """Make group g's index anew from its ring (uint64[G, W], 0: free); see `note_keys`."""
    mask = np.uint64(index.shape[1] - 1)
    index[g] = 0
    for at in range(ring.shape[1]):
        key = ring[g, at]
        if key != np.uint64(0):
            slot = key & mask
            while index[g, slot] != np.uint64(0):
                slot = (slot + np.uint64(1)) & mask
            index[g, slot] = key


class RecentIds:
    """The last `window` distinct event keys of every key group.

    Memory: 8 bytes a key and group in the ring, 32 to 64 in the index; pages are taken when first written to.
    """

    def __init__(self, window: int, groups: int) -> None:
        """`window`: keys a group, 1 to MAX_WINDOW."""
        slots = 1 << (_SLOTS_A_KEY * window - 1).bit_length()
        self._ring = np.zeros((groups, window), np.uint64)
        self._index = np.zeros((groups, slots), np.uint64)
        self._place = np.zeros(groups, np.int64)

    def copies(self, ids: np.ndarray, ts: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """bool[n]: whether each event is a copy; those that are not are remembered. ids: uint64[n] hashes of the
        event ids, ts: float64[n] seconds, groups: int32[n]; in log order."""
        return np.asarray(note_keys(self._ring, self._index, self._place, event_keys(ids, ts), groups))

    def state(self, group: int) -> dict[str, np.ndarray]:
        """One group's ring, uint64[window], and where the next key goes in it, int64[1]."""
        return {"ring": self._ring[group].copy(), "place": self._place[group : group + 1].copy()}

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back one group; an empty state forgets it. Raises CheckpointError when it does not fit."""
        window = self._ring.shape[1]
        if not state:
            state = {"ring": np.zeros(window, np.uint64), "place": np.zeros(1, np.int64)}
        found = {name: (a.dtype, a.shape) for name, a in state.items()}
        if found != {"ring": (np.dtype(np.uint64), (window,)), "place": (np.dtype(np.int64), (1,))}:
            raise CheckpointError("checkpoint holds recent event ids of another kind or window")
        if not 0 <= int(state["place"][0]) < window:
            raise CheckpointError("checkpoint holds a ring of recent event ids with a place outside it")
        self._ring[group], self._place[group] = state["ring"], state["place"][0]
        index_ring(self._ring, self._index, group)
