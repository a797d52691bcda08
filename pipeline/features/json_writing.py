"""JSON text written by kernels: what a chunk gives on takes no Python object a document."""

import numba as nb
import numpy as np

from pipeline.features.documents import Documents
from pipeline.features.leaf import leaf
from pipeline.features.words import SLACK, copy_onward

_CHART = np.frombuffer(b',"chart":"', np.uint8)
_WHOLE = 2.0**53
"""Up to here every whole number is one that float64 has."""
NUMBER = 32
"""Bytes a number takes at most."""


@leaf
def is_plain(data, begin, size):  # type: ignore[no-untyped-def]
    """Whether the text stands in JSON as it is: printable ASCII without quotes and backslashes."""
    for i in range(begin, begin + size):
        b = data[i]
        if b < 32 or b > 126 or b == 34 or b == 92:
            return False
    return True


@nb.njit(cache=True, nogil=True)
def are_plain(data, begin, size):  # type: ignore[no-untyped-def]
    """bool[m]: `is_plain` of each text."""
    out = np.empty(len(begin), np.bool_)
    for j in range(len(begin)):
        out[j] = is_plain(data, begin[j], size[j])
    return out


@leaf
def digits(out, at, value, least):  # type: ignore[no-untyped-def]
    """Write a whole number with at least so many digits; the place after it."""
    size, rest = 1, value // 10
    while rest > 0:
        size += 1
        rest //= 10
    size = max(size, least)
    for k in range(size):
        out[at + size - 1 - k] = 48 + value % 10
        value //= 10
    return at + size


@leaf
def put_fixed(out, at, value, places):  # type: ignore[no-untyped-def]
    """Write a number from 0 as `%.3f` does it, with 1 to 6 places, or a whole one with none; the place after it."""
    scale = 1
    for _ in range(places):
        scale *= 10
    whole = np.int64(np.floor(value))
    rest = np.int64(np.rint((value - whole) * scale))  # of a time of our days the product is exact
    if rest >= scale:
        whole, rest = whole + 1, rest - scale
    at = digits(out, at, whole, 1)
    if places == 0:
        return at
    out[at] = 46
    return digits(out, at + 1, rest, places)


@leaf
def put_shortest(out, at, value):  # type: ignore[no-untyped-def]
    """Write a number as `repr` does it; the place after it. -1: below 1, or it needs more than six places."""
    if not 1.0 <= value < _WHOLE:
        return -1
    whole, scale = np.floor(value), 1.0
    for places in range(7):
        number = whole * scale + np.rint((value - whole) * scale)
        if number >= _WHOLE:
            return -1
        if number / scale == value:
            at = put_fixed(out, at, value, places)
            if places == 0:
                out[at], out[at + 1] = 46, 48
                at += 2
            return at
        scale *= 10.0
    return -1


@nb.njit(cache=True, nogil=True)
def _extend(data, begin, end, names, tail, tail_at, out, bounds):  # type: ignore[no-untyped-def]
    """`extended` into `out`; names int64[2, m] (begin, size; size -1: no name)."""
    at = 0
    for j in range(len(begin)):
        first, last = begin[j], end[j]
        size = tail_at[j + 1] - tail_at[j]
        if size or names[1, j] >= 0:
            while last > first and (data[last - 1] == 32 or 9 <= data[last - 1] <= 13):
                last -= 1
            last -= 1
        copy_onward(data, first, last - first, out, at)
        at += last - first
        if names[1, j] >= 0:
            copy_onward(_CHART, 0, len(_CHART), out, at)
            at += len(_CHART)
            copy_onward(data, names[0, j], names[1, j], out, at)
            at += names[1, j]
            out[at] = 34
            at += 1
        copy_onward(tail, tail_at[j], size, out, at)
        at += size
        if size or names[1, j] >= 0:
            out[at] = 125
            at += 1
        bounds[j + 1] = at


def extended(data: np.ndarray, begin: np.ndarray, end: np.ndarray, names: np.ndarray, tails: Documents) -> Documents:
    """Documents data[begin[j]:end[j]] (JSON objects) with more fields at their end, where they count above any of the
    same name: `chart`, a plain text at data[names[0, j]] of names[1, j] bytes (-1: none), then `tails` (`,"a":1`)."""
    size = (end - begin).sum() + np.maximum(names[1], 0).sum() + len(begin) * (len(_CHART) + 3) + tails.bounds[-1]
    out, bounds = np.empty(int(size) + SLACK, np.uint8), np.zeros(len(begin) + 1, np.int64)
    tail = tails.data if len(tails.data) else np.zeros(1, np.uint8)
    _extend(data, begin, end, names, tail, tails.bounds, out, bounds)
    return Documents(out[: bounds[-1]], bounds)
