"""Flows that go on in another record: exporters of flows tell of one that lasts every few minutes anew."""

from dataclasses import dataclass

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.network.sides import connection
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.leaf import leaf
from pipeline.features.unknown import filled

FLOWS = 2048  # that last, per key group
LASTS_S = 50.0  # exporters cut after a minute at the earliest (Cisco's and nfdump's least active timeout)
APART_S = 5.0  # between the end of one record and the begin of the next; clocks of exporters tick in seconds


@dataclass(frozen=True, slots=True)
class Whole:
    """m flows with what earlier records told of them, float64[m] each."""

    lasted_s: np.ndarray
    sent: np.ndarray
    got: np.ndarray
    again: np.ndarray
    """bool[m]: the flow had begun in an earlier record."""


class Continued(EntityState):
    """Flows between the same two ports, each from where the one before ended. O(1) a row, 56 bytes a flow."""

    def __init__(self, groups: int) -> None:
        columns = dict.fromkeys(("begin", "end", "sent", "got"), ((), np.float64))
        super().__init__(groups, FLOWS, columns)

    def note(self, batch: Batch, rows: np.ndarray) -> Whole:
        """What is known of these flows, these records included."""
        key = np.where(batch.kind("flow")[rows], connection(batch, rows), np.uint64(0))
        lasted, sent, got = (filled(batch.number(name)[rows]) for name in ("duration_s", "bytes_out", "bytes_in"))
        out = np.array([lasted, sent, got, np.zeros(len(rows))])
        a = self.arrays()
        _note(out, key, batch.ts[rows], batch.groups[rows], *(a[n] for n in ("keys", "seen", *self.columns)))
        return Whole(out[0], out[1], out[2], out[3] > 0)


@leaf
def _note(out, key, ts, groups, keys, seen, begin, end, sent, got):  # type: ignore[no-untyped-def]
    """Add to out float64[4, m] what came before; columns [m]; state [G, capacity]."""
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, until = find_slot(keys[g], key[i]), ts[i] + out[0, i]
        if slot >= 0 and abs(ts[i] - end[g, slot]) <= APART_S:
            sent[g, slot] += out[1, i]
            got[g, slot] += out[2, i]
            end[g, slot] = seen[g, slot] = max(until, end[g, slot])
            out[0, i], out[1, i], out[2, i] = end[g, slot] - begin[g, slot], sent[g, slot], got[g, slot]
            out[3, i] = 1.0
        elif out[0, i] >= LASTS_S:
            slot, _ = claim_slot(keys[g], seen[g], key[i], until)
            begin[g, slot], end[g, slot], sent[g, slot], got[g, slot] = ts[i], until, out[1, i], out[2, i]
