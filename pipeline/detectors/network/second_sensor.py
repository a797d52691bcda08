"""Records of a connection that another sensor has told of: where two see the same wire, all comes twice."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.network.sides import connection
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.leaf import leaf

CONNECTIONS = 1024  # remembered per key group
SAME_S = 60.0  # clocks of two sensors do not differ by more; until then no system gives a port away again


class SecondSensor(EntityState):
    """Between the same two ports, within a minute, under another id of the connection. O(1) a row, 24 bytes each.

    A sensor gives all records of a connection one id, so that what happens several times in a connection is no copy.
    """

    def __init__(self, groups: int) -> None:
        super().__init__(groups, CONNECTIONS, {"uid": ((), np.uint64), "last": ((), np.float64)})

    def copies(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: which of the rows tell of what another sensor has told."""
        key = connection(batch, rows)
        uid = np.where(key != 0, batch.hash("uid")[rows], np.uint64(0))
        a = self.arrays()
        out = np.zeros(len(rows), np.bool_)
        _copies(out, key, uid, batch.ts[rows], batch.groups[rows], a["keys"], a["seen"], a["uid"], a["last"])
        return out


@leaf
def _copies(out, key, uid, ts, groups, keys, seen, whose, last):  # type: ignore[no-untyped-def]
    """Fill out bool[m]; columns [m]; state [G, capacity]."""
    for i in range(len(key)):
        if uid[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if not fresh and whose[g, slot] != uid[i] and abs(ts[i] - last[g, slot]) <= SAME_S:
            out[i] = True
        else:
            whose[g, slot], last[g, slot] = uid[i], ts[i]
