"""Many text columns of a chunk in one pass over its documents.

A column at a time would walk through megabytes of documents once for each; here a few hundred documents stay in the
processor's cache while all columns take from them what they need.
"""

import numba as nb
import numpy as np

from pipeline.features.hashing import PRIME, SEED, mix64
from pipeline.features.words import SLACK, copy_onward, load64

_BLOCK = 256


@nb.njit(cache=True, nogil=True)
def hash_columns(data, start, length, slots):  # type: ignore[no-untyped-def]
    """uint64[k, n]: `hash_slice` of the texts in columns `slots` (int64[k]), 0 where length < 0 (unknown).

    It is written out here: a call, even an inlined one, counts references to `data`, which takes half as long again.
    """
    n = start.shape[1]
    out = np.zeros((len(slots), n), np.uint64)
    last_word = len(data) - 8
    for first in range(0, n, _BLOCK):
        for j in range(len(slots)):
            c = slots[j]
            for i in range(first, min(first + _BLOCK, n)):
                size = length[c, i]
                if size < 0:
                    continue
                h = SEED ^ (np.uint64(size) * PRIME)
                at, end = start[c, i], start[c, i] + size
                while at + 8 <= end:
                    h = (h ^ load64(data, at)) * PRIME
                    h ^= h >> np.uint64(32)
                    at += 8
                word = np.uint64(0)
                if at <= last_word:
                    word = load64(data, at) & ((np.uint64(1) << np.uint64(8 * (end - at))) - np.uint64(1))
                else:
                    for k in range(end - at):
                        word |= np.uint64(data[at + k]) << np.uint64(8 * k)
                h = mix64((h ^ word) * PRIME)
                out[j, i] = h if h != np.uint64(0) else np.uint64(1)
    return out


@nb.njit(cache=True, nogil=True)
def gather_columns(data, start, length, slots, ends):  # type: ignore[no-untyped-def]
    """Texts laid end to end, as Arrow wants them.

    Column j takes each row's text from the first of slots[ends[j]:ends[j + 1]] that is not empty.
    Gives (offsets int32[k, n + 1] in each column, base int64[k] of each column's bytes, uint8 bytes).
    """
    columns, n = len(ends) - 1, start.shape[1]
    offsets = np.zeros((columns, n + 1), np.int32)
    base = np.zeros(columns, np.int64)
    begin = np.empty((columns, n), np.int64)
    total = 0
    for j in range(columns):
        base[j] = total
        at = 0
        for i in range(n):
            size = 0
            for s in range(ends[j], ends[j + 1]):
                c = slots[s]
                if length[c, i] > 0:
                    begin[j, i] = start[c, i]
                    size = length[c, i]
                    break
            at += size
            offsets[j, i + 1] = at
        total += at + SLACK
    out = np.empty(total, np.uint8)
    for first in range(0, n, _BLOCK):
        for j in range(columns):
            for i in range(first, min(first + _BLOCK, n)):
                size = offsets[j, i + 1] - offsets[j, i]
                if size > 0:
                    copy_onward(data, begin[j, i], size, out, base[j] + offsets[j, i])
    return offsets, base, out
