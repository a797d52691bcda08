"""Compiled trees of the feedback forest: grown from remembered rows, walked for new ones.

A tree is rows of `nodes`: int32[size, 3] (column, low child, high child; column -1 in a leaf) with `cut`
float64[size] (threshold, or the leaf's share of attacks drawn towards those of the nodes above) and `code`
uint64[size] (the category that goes low). Columns 0 to d - 1 are numbers, from d on categories. Unknown values go where
`code` is odd: low, else high.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.models.base import Array

COLUMN, LOW, HIGH = range(3)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@njit(cache=True, nogil=True)  # pragma: no cover
def draw(seed: Array) -> float:
    """The next number in [0, 1) of a SplitMix64 stream; seed uint64[1] moves on."""
    seed[0] += _STEP
    z = seed[0]
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)  # pragma: no cover
def goes_low(x: Array, c: Array, column: int, cut: float, code: np.uint64) -> bool:
    """Which child a row (float64[d], uint64[m]) takes."""
    d = len(x)
    if column < d:
        value = x[column]
        return bool(value <= cut) if value == value else bool(code & np.uint64(1))
    value_c = c[column - d]
    return bool(value_c == code)


@njit(cache=True, nogil=True)  # pragma: no cover
def _candidate(X: Array, C: Array, rows: Array, column: int, seed: Array) -> tuple[bool, float, np.uint64]:
    """A random split of these rows at a column: (whether there is one, threshold, code)."""
    d = X.shape[1]
    n = len(rows)
    if column >= d:
        code = C[rows[int(draw(seed) * n)], column - d]
        for i in rows:
            if C[i, column - d] != code:
                return True, 0.0, code
        return False, 0.0, code
    low, high, unknown = np.inf, -np.inf, 0
    for i in rows:
        value = X[i, column]
        if value == value:
            low, high = min(low, value), max(high, value)
        else:
            unknown += 1
    side = np.uint64(1) if draw(seed) < 0.5 else np.uint64(0)
    if low < high:
        cut = low + draw(seed) * (high - low)
        return True, min(cut, np.nextafter(high, low)), side
    # All that are known are equal: they part from the unknown ones.
    return bool(0 < unknown < n), low, np.uint64(0)


@njit(cache=True, nogil=True)  # pragma: no cover
def _purity(X: Array, C: Array, weight: Array, rows: Array, column: int, cut: float, code: np.uint64) -> float:
    """How pure a split leaves the classes (higher is better); weight float64[n], negative for benign rows."""
    good_low, bad_low, good, bad = 1e-12, 1e-12, 1e-12, 1e-12
    for i in rows:
        w = weight[i]
        low = goes_low(X[i], C[i], column, cut, code)
        if w > 0.0:
            bad += w
            if low:
                bad_low += w
        else:
            good -= w
            if low:
                good_low -= w
    good_high, bad_high = good - good_low + 1e-12, bad - bad_low + 1e-12
    return (good_low**2 + bad_low**2) / (good_low + bad_low) + (good_high**2 + bad_high**2) / (good_high + bad_high)


@njit(cache=True, nogil=True)  # pragma: no cover
def _best(X: Array, C: Array, weight: Array, rows: Array, tries: int, seed: Array) -> tuple[int, float, np.uint64]:
    """The purest of `tries` random splits; column -1 when the rows cannot be parted."""
    columns = X.shape[1] + C.shape[1]
    order = np.arange(columns)
    best, found, cut, code = -1.0, -1, 0.0, np.uint64(0)
    left = tries
    for k in range(columns):
        pick = k + int(draw(seed) * (columns - k))
        column = order[pick]
        order[pick] = order[k]
        parted, this_cut, this_code = _candidate(X, C, rows, column, seed)
        if not parted:
            continue
        purity = _purity(X, C, weight, rows, column, this_cut, this_code)
        if purity > best:
            best, found, cut, code = purity, column, this_cut, this_code
        left -= 1
        if left == 0:
            break
    return found, cut, code


@njit(cache=True, nogil=True)  # pragma: no cover
def grow(
    X: Array, C: Array, weight: Array, tries: int, leaf_rows: int, shrinkage: float, seed: Array,
    nodes: Array, cut: Array, code: Array,
) -> None:  # fmt: skip
    """An extremely randomised tree of all rows, into arrays of at least 2 n - 1 nodes.

    X float64[n, d]; C uint64[n, m]; weight float64[n], positive for attacks, negative for benign rows, 1 in all. A
    node's share of attacks is drawn towards that of the node above as if `shrinkage` more rows had that one.
    """
    n = len(X)
    rows = np.arange(n)
    stack, above = np.empty((n + 2, 3), np.int64), np.empty(n + 2)
    stack[0, 0], stack[0, 1], stack[0, 2], above[0] = 0, 0, n, 0.5
    depth, size = 1, 1
    while depth > 0:
        depth -= 1
        node, start, stop = stack[depth]
        part = rows[start:stop]
        bad, good = 0.0, 0.0
        for i in part:
            if weight[i] > 0.0:
                bad += weight[i]
            else:
                good -= weight[i]
        share = (bad * n + shrinkage * above[depth]) / ((bad + good) * n + shrinkage)
        column = -1
        if bad > 0.0 and good > 0.0 and len(part) >= 2 * leaf_rows:
            column, cut[node], code[node] = _best(X, C, weight, part, tries, seed)
        nodes[node, COLUMN] = column
        if column < 0:
            cut[node] = share
            continue
        middle = start
        for k in range(start, stop):
            i = rows[k]
            if goes_low(X[i], C[i], column, cut[node], code[node]):
                rows[k] = rows[middle]
                rows[middle] = i
                middle += 1
        nodes[node, LOW], nodes[node, HIGH] = size, size + 1
        stack[depth, 0], stack[depth, 1], stack[depth, 2] = size, start, middle
        stack[depth + 1, 0], stack[depth + 1, 1], stack[depth + 1, 2] = size + 1, middle, stop
        above[depth], above[depth + 1] = share, share
        depth += 2
        size += 2


@njit(cache=True, nogil=True)  # pragma: no cover
def vote(X: Array, C: Array, nodes: Array, cut: Array, code: Array, out: Array) -> None:
    """Mean share of attacks in the leaves of each row; nodes int32[trees, size, 3]; out float64[n]."""
    trees = nodes.shape[0]
    for i in range(len(X)):
        total = 0.0
        for t in range(trees):
            node = 0
            while nodes[t, node, COLUMN] >= 0:
                low = goes_low(X[i], C[i], nodes[t, node, COLUMN], cut[t, node], code[t, node])
                node = nodes[t, node, LOW] if low else nodes[t, node, HIGH]
            total += cut[t, node]
        out[i] = total / trees
