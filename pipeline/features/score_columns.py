"""Scores of many detectors as the lists a row stores: only those that are known, and the highest of them."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True)
def pack_scores(matrix):  # type: ignore[no-untyped-def]
    """Of float64[k, n] with NaN for unknown: row by row what is known.

    Gives (offsets int32[n + 1], detector numbers int16[m], scores float32[m], highest float32[n] and 0 where nothing
    is known, its detector int16[n] and k where nothing is known; the first of equals).
    """
    detectors, n = matrix.shape
    offsets = np.zeros(n + 1, np.int32)
    for j in range(detectors):
        for i in range(n):
            offsets[i + 1] += matrix[j, i] == matrix[j, i]
    for i in range(n):
        offsets[i + 1] += offsets[i]
    which, values = np.empty(offsets[n], np.int16), np.empty(offsets[n], np.float32)
    top, best = np.zeros(n, np.float32), np.full(n, detectors, np.int16)
    at = offsets[:-1].copy()
    for j in range(detectors):
        for i in range(n):
            score = matrix[j, i]
            if score == score:
                which[at[i]], values[at[i]] = j, score
                at[i] += 1
                if best[i] == detectors or np.float32(score) > top[i]:
                    top[i], best[i] = score, j
    return offsets, which, values, top, best
