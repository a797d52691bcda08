"""Looks into a field that holds a list, as JSON text, without parsing it."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True)
def first_items(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(start int64[n], length int32[n]) of the first string in each JSON list data[start:start + length] (uint8);
    length -1 where there is none. Escapes stay as they are written."""
    first, size = np.zeros(len(start), np.int64), np.full(len(start), -1, np.int32)
    for i in range(len(start)):
        end = start[i] + max(length[i], 0)
        at = start[i]
        while at < end and data[at] != 34:
            at += 1
        close = at + 1
        while close < end and data[close] != 34:
            close += 2 if data[close] == 92 else 1
        if close < end:
            first[i] = at + 1
            size[i] = close - at - 1
    return first, size
