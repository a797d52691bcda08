"""Who goes round the house: in how many hours somebody opened machines before this one, and how many machines.

Administrators, patch and management servers open a few machines hour after hour before they open very many; an
intruder's machine opens many and had opened none.
"""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot, find_slot

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

    def steady(
        self, who: np.ndarray, opened: np.ndarray, new: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> np.ndarray:
        """bool[m]: who administers, by what came before this hour. who uint64[m]; opened bool[m]: a machine was opened,
        the others only ask; new bool[m]: one that is new to who; ts s and groups int32, [m]."""
        a = self.arrays()
        hours, machines = _note(who, opened, new, ts, groups, a["keys"], a["seen"], a["hour"], a["count"])
        found: np.ndarray = (hours >= HOURS) & (machines >= MACHINES)
        return found


@nb.njit(cache=True, nogil=True)
def _note(who, opened, new, ts, groups, keys, seen, hour, count):  # type: ignore[no-untyped-def]
    """float64[2, m]: hours and machines before this hour. hour int64[G, capacity] in which a machine was opened last,
    count float64[G, capacity, 3]: hours before it, machines new in them, machines new in it."""
    out = np.zeros((2, len(who)))
    for i in range(len(who)):
        g, now = groups[i], np.int64(ts[i] // HOUR_S)
        slot = find_slot(keys[g], who[i])
        if slot >= 0 and now - hour[g, slot] <= FORGOTTEN_H:
            later = now > hour[g, slot]
            out[0, i] = count[g, slot, 0] + later
            out[1, i] = count[g, slot, 1] + (count[g, slot, 2] if later else 0.0)
        if not opened[i]:
            continue
        slot, fresh = claim_slot(keys[g], seen[g], who[i], ts[i])
        if fresh or now > hour[g, slot]:
            hour[g, slot] = now
            count[g, slot, 0], count[g, slot, 1], count[g, slot, 2] = out[0, i], out[1, i], 0.0
        count[g, slot, 2] += new[i]
    return out
