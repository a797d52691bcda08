"""The shape of a log line: its words, with every word that holds a digit as one wildcard."""

import numba as nb
import numpy as np

from pipeline.features.hashing import mix64

MAX_BYTES = 512
"""A line is told by its beginning; what follows does not count."""
WILDCARD = "<*>"
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_ANY = np.uint64(0x9E3779B97F4A7C15)


@nb.njit(cache=True, nogil=True)
def line_shapes(data: np.ndarray, start: np.ndarray, length: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """uint64[n], never 0: hash of the words of data[start:start + length] (uint8), mixed with seed uint64[n]."""
    out = np.empty(len(start), np.uint64)
    for i in range(len(start)):
        total = mix64(seed[i] + np.uint64(1))
        word = _FNV_OFFSET
        size = 0
        digit = False
        end = start[i] + min(max(length[i], 0), MAX_BYTES)
        for j in range(start[i], end + 1):
            b = np.uint8(32) if j == end else data[j]
            if b > 32:
                word = (word ^ np.uint64(b)) * _FNV_PRIME
                digit = digit or bool(48 <= b <= 57)
                size += 1
            elif size > 0:
                total = mix64(total * _FNV_PRIME ^ (_ANY if digit else word))
                word = _FNV_OFFSET
                size = 0
                digit = False
        out[i] = total if total != np.uint64(0) else np.uint64(1)
    return out


def shape_words(text: str) -> list[str]:
    """The words of a line as `line_shapes` sees them, wildcards included."""
    head = text.encode()[:MAX_BYTES].decode("utf-8", "ignore")
    return [w if not any("0" <= c <= "9" for c in w) else WILDCARD for w in head.split()]
