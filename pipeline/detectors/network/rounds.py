"""Who goes round the house: in how many hours somebody opened machines before this one, and how many machines.

Administrators, patch and management servers open a few machines hour after hour before they open very many; an
intruder's machine opens many and had opened none.
"""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot

HOUR_S = 3600.0
FORGOTTEN_H = 24 * 35  # what is rolled out monthly still has its history
HOURS, MACHINES = 3.0, 4.0
"""Earlier hours, and machines opened in them, from which somebody administers: an intruder who does as much before he
is noticed has gone slowly for hours."""


class Rounds(EntityState):
    """Earlier hours of the clock in which a key opened machines, and machines new to it in them. O(1) a row, 40 bytes
    a key."""

    def __init__(self, groups: int, capacity: int) -> None:
        columns = {"hour": ((), np.int64), "count": ((3,), np.float64)}
        super().__init__(groups, capacity, columns)

    def steady(self, who: np.ndarray, new: np.ndarray, ts: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """bool[m]: who administers, by what came before this hour. who uint64[m], 0 not to note the row; new bool[m]:
        the machine is new to who; ts s and groups int32, [m]."""
        a = self.arrays()
        hours, machines = _note(who, new, ts, groups, a["keys"], a["seen"], a["hour"], a["count"])
        found: np.ndarray = (hours >= HOURS) & (machines >= MACHINES)
        return found


@nb.njit(cache=True, nogil=True)
def _note(who, new, ts, groups, keys, seen, hour, count):  # type: ignore[no-untyped-def]
    """float64[2, m]: hours and machines before this hour. hour int64[G, capacity] of the last row, count float64[G,
    capacity, 3]: hours before it, machines new in them, machines new in it."""
    out = np.zeros((2, len(who)))
    for i in range(len(who)):
        if who[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], who[i], ts[i])
        now = np.int64(ts[i] // HOUR_S)
        if fresh or now - hour[g, slot] > FORGOTTEN_H:
            count[g, slot] = 0.0
            hour[g, slot] = now
        elif now > hour[g, slot]:
            count[g, slot, 0] += 1.0
            count[g, slot, 1] += count[g, slot, 2]
            count[g, slot, 2] = 0.0
            hour[g, slot] = now
        out[0, i] = count[g, slot, 0]
        out[1, i] = count[g, slot, 1]
        count[g, slot, 2] += new[i]
    return out
