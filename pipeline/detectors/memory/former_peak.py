"""The largest amount of an entity in earlier half days: what was as much before is no news."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot
from pipeline.features.leaf import leaf

HALF_DAY_S = 43_200.0


class FormerPeak(EntityState):
    """Largest amount per key until its present half day began, which begins with its first row after the last one was
    over. O(1) a row, 40 bytes a key."""

    def __init__(self, groups: int, capacity: int) -> None:
        super().__init__(groups, capacity, dict.fromkeys(("former", "now", "since"), ((), np.float64)))

    def add(self, key: np.ndarray, amount: np.ndarray, ts: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """float64[m], 0 where there was none. key uint64[m], amount float64[m], ts s, groups int32[m]."""
        a = self.arrays()
        out = np.zeros(len(key))
        _add(out, key, amount, ts, groups, a["keys"], a["seen"], a["former"], a["now"], a["since"])
        return out


@leaf
def _add(out, key, amount, ts, groups, keys, seen, former, now, since):  # type: ignore[no-untyped-def]
    """Fill out float64[m]; columns [m]; state [G, capacity]."""
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            former[g, slot], now[g, slot], since[g, slot] = 0.0, 0.0, ts[i]
        if ts[i] - since[g, slot] >= HALF_DAY_S:
            former[g, slot] = max(former[g, slot], now[g, slot])
            now[g, slot], since[g, slot] = 0.0, ts[i]
        out[i] = former[g, slot]
        now[g, slot] = max(now[g, slot], amount[i])
