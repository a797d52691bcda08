"""Hash tables that grow: open addressing over arrays, nothing is ever taken out of them but by rebuilding.

A table is keys uint64[capacity] (0: free; capacity a power of two), words uint32[capacity, W] and numbers
float64[capacity, F]. Word 0 is when an entry was last used, in seconds, so that a full table can drop the oldest.
"""

import numba as nb
import numpy as np

from pipeline.charts.part import part
from pipeline.features.hashing import mix64

LOAD = 0.6
"""Of the slots; linear probing stays under three looks on average (Knuth, TAOCP 6.4)."""
USED = 0


@part
def find(keys, key):  # type: ignore[no-untyped-def]
    """Slot of `key`, or -1."""
    mask = np.uint64(len(keys) - 1)
    slot = mix64(key) & mask
    while keys[slot] != np.uint64(0):
        if keys[slot] == key:
            return np.int64(slot)
        slot = (slot + np.uint64(1)) & mask
    return -1


@part
def claim(keys, key):  # type: ignore[no-untyped-def]
    """Slot of `key` and whether it is new; a free slot must exist, and `key` must not be 0."""
    mask = np.uint64(len(keys) - 1)
    slot = mix64(key) & mask
    while keys[slot] != np.uint64(0):
        if keys[slot] == key:
            return np.int64(slot), False
        slot = (slot + np.uint64(1)) & mask
    keys[slot] = key
    return np.int64(slot), True


@nb.njit(cache=True, nogil=True)
def insert_all(keys, words, numbers, new_keys, new_words, new_numbers, chosen):  # type: ignore[no-untyped-def]
    """Put the entries at slots `chosen` (int64[m], in this order) into an empty table that has room."""
    for at in chosen:
        slot, _ = claim(new_keys, keys[at])
        new_words[slot] = words[at]
        new_numbers[slot] = numbers[at]


def capacity_for(count: int, least: int = 64) -> int:
    """Smallest power of two that holds so many entries at the allowed load."""
    size = least
    while count > LOAD * size:
        size *= 2
    return size


def rebuilt(
    keys: np.ndarray, words: np.ndarray, numbers: np.ndarray, chosen: np.ndarray, capacity: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The entries at slots `chosen` in a new table."""
    new = (
        np.zeros(capacity, np.uint64),
        np.zeros((capacity, words.shape[1]), np.uint32),
        np.zeros((capacity, numbers.shape[1])),
    )
    insert_all(keys, words, numbers, *new, chosen)
    return new


def kept(keys: np.ndarray, words: np.ndarray, most: int, pinned: np.ndarray | None = None) -> np.ndarray:
    """Slots to keep, int64, when a table is rebuilt: all, or the later used half where there are `most` or more.

    `pinned` bool[capacity]: entries that must stay whatever their age.
    """
    used = np.flatnonzero(keys)
    if len(used) < most:
        return used
    order = np.lexsort((keys[used], words[used, USED]))
    keep = np.zeros(len(used), np.bool_)
    keep[order[len(order) // 2 :]] = True
    if pinned is not None:
        keep |= pinned[used]
    return used[keep]
