"""How much of something a key did lately: events, bytes, failures."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.count_window import note_count
from pipeline.features.entity_table import claim_slot
from pipeline.features.leaf import leaf

BUCKETS = 12


class WindowedSum(EntityState):
    """Sum of weights per key over a sliding window of `window_s` seconds, in twelfths of it. O(12) a row.

    120 bytes a key; the window is shorter by up to one twelfth.
    """

    def __init__(self, groups: int, capacity: int, window_s: float) -> None:
        super().__init__(groups, capacity, {"counts": ((BUCKETS,), np.float32), "marks": ((BUCKETS,), np.int64)})
        self.window_s = float(window_s)

    def add(self, key: np.ndarray, weight: np.ndarray | float, ts: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """float64[m]: the window's sum with the row included. key uint64[m], weight >= 0, ts seconds, groups int32[m].

        A weight of 0 only asks.
        """
        a = self.arrays()
        weights = np.broadcast_to(np.asarray(weight, np.float64), key.shape)
        out = np.full(len(key), np.nan)
        _add(out, key, weights, ts, groups, a["keys"], a["seen"], a["counts"], a["marks"], self.window_s / BUCKETS)
        return out


@leaf
def _add(out, key, weight, ts, groups, keys, seen, counts, marks, bucket_s):  # type: ignore[no-untyped-def]
    """Fill out float64[m]; columns [m]; keys, seen [G, capacity]; counts, marks [G, capacity, BUCKETS]."""
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            counts[g, slot] = 0.0
            marks[g, slot] = 0
        out[i] = note_count(counts[g, slot], marks[g, slot], bucket_s, ts[i], weight[i])
