"""Bounded tables of per-entity state for kernels: set-associative, the least recently seen entity gives way.

A table of `capacity` entities per key group is two arrays, `keys` uint64[G, capacity] (0: free) and `seen`
float64[G, capacity] (event time of the last touch), and as many arrays of values as a detector wants beside them.
Eviction looks at one set of WAYS slots, so that it costs the same whatever the size and never depends on where a
batch was cut.
"""

import numpy as np

from pipeline.features.leaf import leaf

WAYS = 8


@leaf
def claim_slot(keys: np.ndarray, seen: np.ndarray, key: np.uint64, ts: float) -> tuple[int, bool]:
    """Slot of `key` in one group's table (keys uint64[capacity], seen float64[capacity]) and whether it is new.

    A new entity takes a free slot of its set, or that of the least recently seen; its values are then the
    caller's to reset. `seen` never goes back when events come out of order.
    """
    first = int(key % np.uint64(len(keys) // WAYS)) * WAYS
    oldest = first
    for slot in range(first, first + WAYS):
        if keys[slot] == key:
            seen[slot] = max(seen[slot], ts)
            return slot, False
        if seen[slot] < seen[oldest]:
            oldest = slot
    keys[oldest] = key
    seen[oldest] = ts
    return oldest, True


@leaf
def find_slot(keys: np.ndarray, key: np.uint64) -> int:
    """Slot of `key` in one group's table, or -1."""
    first = int(key % np.uint64(len(keys) // WAYS)) * WAYS
    for slot in range(first, first + WAYS):
        if keys[slot] == key:
            return slot
    return -1


def table(capacity: int) -> dict[str, np.ndarray]:
    """One group's empty `keys` and `seen`; `capacity` is rounded up to a whole number of sets."""
    slots = -(-capacity // WAYS) * WAYS
    return {"keys": np.zeros(slots, np.uint64), "seen": np.full(slots, -np.inf)}
