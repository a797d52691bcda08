"""Whether something was seen before, since when and how often: pairs, names, accounts, habits."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot
from pipeline.features.leaf import leaf


class Sightings(EntityState):
    """First and last sight and number of sights per key. O(1) a row, 40 bytes a key.

    A key that gave way to others and comes again counts as new. How long a group has been watched at all is the age
    of a key that every row has (`np.ones_like(key)`): before that, "never seen" means little.
    """

    def __init__(self, groups: int, capacity: int) -> None:
        columns = dict.fromkeys(("first", "last", "count"), ((), np.float64))
        super().__init__(groups, capacity, columns)

    def note(self, key: np.ndarray, ts: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(age_s, gap_s, count), float64[m] each, as they were before the row: seconds since the first and since the
        last sight, number of sights. A new key has age 0, gap inf and count 0. Rows out of order have gap 0 at least.
        """
        a = self.arrays()
        out = np.full((3, len(key)), np.nan)
        _note(out, key, ts, groups, a["keys"], a["seen"], a["first"], a["last"], a["count"])
        return out[0], out[1], out[2]


@leaf
def _note(out, key, ts, groups, keys, seen, first, last, count):  # type: ignore[no-untyped-def]
    """Fill out float64[3, m]; columns [m]; state [G, capacity]."""
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            first[g, slot] = ts[i]
            last[g, slot] = -np.inf
            count[g, slot] = 0.0
        out[0, i] = max(ts[i] - first[g, slot], 0.0)
        out[1, i] = max(ts[i] - last[g, slot], 0.0)
        out[2, i] = count[g, slot]
        first[g, slot] = min(first[g, slot], ts[i])
        last[g, slot] = max(last[g, slot], ts[i])
        count[g, slot] += 1.0
