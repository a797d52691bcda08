"""How many different things a key touched lately, where they may be hundreds: a sketch instead of a ring."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.distinct_bitmap import PARTS, count_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import mix64
from pipeline.features.leaf import leaf


class ManyDistinct(EntityState):
    """About how many distinct items a key had within `window_s` seconds, moving in quarters of it. O(1) a row.

    Linear counting over 64 * words bits a quarter: exact to about one in ten up to as many items as bits, at most five
    times that. 32 + 32 * words bytes a key.
    """

    def __init__(self, groups: int, capacity: int, window_s: float, words: int = 2) -> None:
        super().__init__(groups, capacity, {"bits": ((PARTS, words), np.uint64), "mark": ((2,), np.int64)})
        self.window_s = float(window_s)

    def add(self, key: np.ndarray, item: np.ndarray, ts: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """float64[m]: distinct items of the key with the row included, 0 for a row older than the window.

        key, item uint64[m], ts s, groups int32[m].
        """
        a = self.arrays()
        out = np.full(len(key), np.nan)
        _add(out, key, item, ts, groups, a["keys"], a["seen"], a["bits"], a["mark"], self.window_s)
        return out


@leaf
def _add(out, key, item, ts, groups, keys, seen, bits, mark, window_s):  # type: ignore[no-untyped-def]
    """Fill out float64[m]; columns [m]; keys, seen [G, capacity]; bits [G, capacity, PARTS, words];
    mark [G, capacity, 2]."""
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            bits[g, slot] = 0
            mark[g, slot] = 0
        count = count_distinct(bits[g, slot], mark[g, slot], mix64(item[i]), ts[i], window_s)
        out[i] = count if count == count else 0.0
