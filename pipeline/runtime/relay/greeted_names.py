"""By which name a machine last greeted an address over TLS: flows carry none, and people know names."""

from collections.abc import Mapping

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine_many
from pipeline.features.interleaved import interleaved

PAIRS = 2048
"""Of source and address, per key group."""
LONGEST = 64
"""Letters; a longer name is not kept."""


class GreetedNames:
    """The last name of each pair. O(letters) a greeting; 164 KB a key group."""

    def __init__(self, groups: int) -> None:
        self._names = EntityState(groups, PAIRS, {"name": ((LONGEST,), np.uint8)})

    def of(self, batch: Batch, rows: np.ndarray) -> list[bytes]:
        """The name under which the source of each row (ascending) had greeted its destination; empty where none is
        known. Every batch has to come by here, as its greetings are learned."""
        start, length = batch.spans("sni")
        greets = batch.kind("tls") & (batch.hash("dst_ip") != 0) & (length > 0) & (length <= LONGEST)
        both, asks = interleaved(np.flatnonzero(greets), rows)
        a, out = self._names.arrays(), np.zeros((len(rows), LONGEST), np.uint8)
        pair = combine_many(batch.hash("src_ip")[both], batch.hash("dst_ip")[both])
        _learn(
            out, pair, asks, batch.ts[both], batch.groups[both], batch.data, start[both], length[both], a["keys"],
            a["seen"], a["name"],
        )  # fmt: skip
        return [bytes(name).rstrip(b"\0") for name in out]

    def state(self, group: int) -> dict[str, np.ndarray]:
        """Arrays that restore one key group."""
        return self._names.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. CheckpointError when it does not fit."""
        self._names.load(group, state)


@nb.njit(cache=True, nogil=True)
def _learn(out, pair, asks, ts, groups, data, start, length, keys, seen, name):  # type: ignore[no-untyped-def]
    """Fill out uint8[asks, LONGEST]; pair uint64, asks bool, ts s, groups int32, start and length int64, [m]; data
    uint8; keys, seen [G, capacity]; name uint8[G, capacity, LONGEST]."""
    at = 0
    for i in range(len(pair)):
        g = groups[i]
        if asks[i]:
            slot = find_slot(keys[g], pair[i])
            if slot >= 0:
                out[at] = name[g, slot]
            at += 1
            continue
        slot, _ = claim_slot(keys[g], seen[g], pair[i], ts[i])
        name[g, slot] = 0
        name[g, slot, : length[i]] = data[start[i] : start[i] + length[i]]
