"""How many distinct things an entity touched lately, where a ring of the last few would be too short.

Linear counting (Whang, Vander-Zanden and Taylor, 1990) over a window cut into parts: every part is a bitmap,
the window is their union. The count is exact to about 2 % up to the number of bits in one part's bitmap.
"""

import numpy as np

from pipeline.features.leaf import leaf
from pipeline.features.norm import WEEK_S

PARTS = 4


@leaf
def _ones(bits: np.ndarray) -> int:
    """How many bits are set in the union of the parts. bits: uint64[PARTS, W]."""
    total = 0
    for w in range(bits.shape[1]):
        word = bits[0, w]
        for p in range(1, PARTS):
            word |= bits[p, w]
        while word != np.uint64(0):
            word &= word - np.uint64(1)
            total += 1
    return total


@leaf
def count_distinct(bits: np.ndarray, mark: np.ndarray, item: np.uint64, ts: float, window_s: float) -> float:
    """Note `item` at `ts`; about how many distinct items the last `window_s` seconds hold, moving in quarter
    steps.

    bits: uint64[PARTS, W]; mark: int64[2] = (number of the newest part, bits set in the union), zeros at first.
    What comes late counts in its own part; NaN when it is older than the window. A clock that jumps back by
    more than a week starts over. O(1), O(W) when a part begins.
    """
    part = np.int64(ts // (window_s / PARTS)) + 1
    if part < mark[0] - WEEK_S / (window_s / PARTS):
        bits[:] = 0
        mark[0] = 0
        mark[1] = 0
    if part > mark[0]:
        for p in range(max(part - PARTS + 1, mark[0] + 1), part + 1):
            bits[p % PARTS] = 0
        mark[0] = part
        mark[1] = _ones(bits)
    elif part <= mark[0] - PARTS:
        return np.nan
    size = bits.shape[1] * 64
    place = np.int64(item % np.uint64(size))
    word, bit = place // 64, np.uint64(1) << np.uint64(place % 64)
    known = False
    for p in range(PARTS):
        known |= (bits[p, word] & bit) != np.uint64(0)
    bits[part % PARTS, word] |= bit
    if not known:
        mark[1] += 1
    if mark[1] >= size:
        return size * np.log(float(size))
    return float(np.round(-size * np.log(1.0 - mark[1] / size)))
