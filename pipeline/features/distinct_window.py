"""How many distinct things an entity touched within a sliding window: a ring of the last K, exact up to K."""

import numpy as np

from pipeline.features.leaf import leaf


@leaf
def note_distinct(items: np.ndarray, at: np.ndarray, item: np.uint64, ts: float, window_s: float) -> int:
    """Note `item` at `ts` and give the number of distinct items seen in the `window_s` seconds up to now.

    items: uint32[K], at: uint32[K] whole seconds of the last sight (0: free); one entity's ring. Above K the oldest
    is forgotten and the answer stays K. O(K).
    """
    short = np.uint32(item & np.uint64(0xFFFFFFFF))
    now = np.uint32(max(ts, 1.0))
    place = 0
    known = False
    count = 0
    for k in range(len(items)):
        if at[k] != 0 and items[k] == short:
            known = True
            place = k
        elif at[k] != 0 and float(at[k]) + window_s >= now:
            count += 1
        if not known and at[k] < at[place]:
            place = k
    if not known and at[place] != 0 and float(at[place]) + window_s >= now:
        count -= 1  # the ring is full: the oldest gives way
    items[place] = short
    at[place] = max(now, at[place]) if known else now
    return count + 1
