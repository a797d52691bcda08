"""How many different things a key touched lately: hosts, ports, names, accounts."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import mix64
from pipeline.features.leaf import leaf


class WindowedDistinct(EntityState):
    """Distinct items per key within `window_s` seconds, exact up to `ring` items, then `ring`. O(ring) a row.

    16 + 8 * ring bytes a key.
    """

    def __init__(self, groups: int, capacity: int, window_s: float, ring: int = 32) -> None:
        super().__init__(groups, capacity, {"items": ((ring,), np.uint32), "at": ((ring,), np.uint32)})
        self.window_s = float(window_s)

    def add(self, key: np.ndarray, item: np.ndarray, ts: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """float64[m]: distinct items of the key with the row included. key, item uint64[m], ts s, groups int32[m].

        An item of 0 (unknown) only asks.
        """
        a = self.arrays()
        out = np.full(len(key), np.nan)
        _add(out, key, item, ts, groups, a["keys"], a["seen"], a["items"], a["at"], self.window_s)
        return out


@leaf
def _add(out, key, item, ts, groups, keys, seen, items, at, window_s):  # type: ignore[no-untyped-def]
    """Fill out float64[m]; columns [m]; keys, seen [G, capacity]; items, at [G, capacity, ring]."""
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            items[g, slot] = 0
            at[g, slot] = 0
        if item[i] != 0:
            out[i] = note_distinct(items[g, slot], at[g, slot], mix64(item[i]), ts[i], window_s)
            continue
        count = 0
        for k in range(items.shape[2]):
            count += at[g, slot, k] != 0 and float(at[g, slot, k]) + window_s >= np.floor(ts[i])
        out[i] = count
