"""The compiled parts of `density_ensemble.DensityEnsemble` that look at remembered rows, one group at a time.

Shapes: R remembered rows, of them the first `fill` of M are the reference and those from M on the recent ones.
rows float32[R, d] squashed values, NaN unknown; near float32[d, R] the same in units of half a range, 0 where
unknown; codes uint64[m, R]; fits float64[5, d]: see the constants; mean float64[d] and whiten float64[d, d], lower
triangular, of the central half, in mixed units.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.models import crowd_kernels as crowd
from pipeline.models import density_kernels as k
from pipeline.models.base import Array
from pipeline.models.kernels import ascending, fast_leaf, leaf

# Rows of `fits`: median and robust spread of the hash tables; median, mixed unit and half a range of the distances.
HASH_MID, HASH_SPREAD, MID, MIXED, HALF = range(5)
SMALLEST_SD, SMALLEST_RANGE = 0.02, 0.05  # log units: two per cent of a value is not worth a distance
WIDEST = 30.0  # a value counts as at most so many units from the middle
FARTHEST = np.float32(8.0)  # most that one column adds to a distance
MISMATCH = np.float32(1.0)  # of a category: half the range of a number
SHRINK = 0.5  # of the covariance towards its diagonal; .1 was worse on five of six sets
STEPS = 3  # concentration steps; the central half hardly changes after the third
FINE = 1e-3  # distances below are the same
LOWEST = 8.0  # added to a logarithm of a distance, so that surprises are positive


@njit(cache=True, nogil=True)  # pragma: no cover
def fit_units(rows: Array, n: int, fits: Array) -> None:
    """Middle, mixed unit and half range of each column of rows[:n]. The mixed unit lies between the deviation, which
    rare values hardly move, and the range, which is theirs."""
    for j in range(rows.shape[1]):
        known = np.empty(n)
        c, total, square = 0, 0.0, 0.0
        for i in range(n):
            x = float(rows[i, j])
            if not np.isnan(x):
                known[c] = x
                total += x
                square += x * x
                c += 1
        if c == 0:
            fits[MID, j], fits[MIXED, j], fits[HALF, j] = 0.0, 1.0, 1.0
            continue
        v = ascending(known, c)
        sd = np.sqrt(max(square / c - (total / c) ** 2, 0.0))
        spread = max(v[c - 1] - v[0], SMALLEST_RANGE)
        fits[MID, j] = v[c // 2]
        fits[MIXED, j] = np.sqrt(max(sd, SMALLEST_SD) * spread)
        fits[HALF, j] = spread / 2.0


@leaf  # pragma: no cover
def place(row: Array, fits: Array, z: Array, scaled: Array) -> None:
    """Fills z float64[d] (mixed units) and scaled float32[d] (half ranges); unknown is in the middle."""
    for j in range(row.shape[0]):
        z[j] = 0.0
        if not np.isnan(row[j]):
            z[j] = min(max((row[j] - fits[MID, j]) / fits[MIXED, j], -WIDEST), WIDEST)
        scaled[j] = z[j] * fits[MIXED, j] / fits[HALF, j]


@fast_leaf  # pragma: no cover
def distances(near: Array, codes: Array, scaled: Array, code: Array, out: Array) -> None:
    """City-block distances to all remembered rows, also to places still empty, which the caller leaves out; column by
    column, so that it compiles to vector code."""
    for r in range(out.shape[0]):
        out[r] = np.float32(0.0)
    for j in range(near.shape[0]):
        x = scaled[j]
        column = near[j]
        for r in range(out.shape[0]):
            out[r] += min(abs(column[r] - x), FARTHEST)
    for j in range(codes.shape[0]):
        if code[j] != 0:
            kinds = codes[j]
            for r in range(out.shape[0]):
                out[r] += MISMATCH if kinds[r] != code[j] else np.float32(0.0)


@leaf  # pragma: no cover
def nats(u: float, part: int, cal: Array, tails: Array) -> float:
    """-log of `density_kernels.rank` of a part's surprise: the exponential only where it is beyond what was seen."""
    x = min(max(u, 0.0) * 16.0, k.RANKS - 1e-9)
    b = int(x)
    above = cal[part, 1, b + 1]
    tail = above + (b + 1.0 - x) * (cal[part, 1, b] - above)
    over = u - tails[part, k.EDGE]
    tail += np.exp(-over / tails[part, k.FALL]) if over > 0.0 else 1.0
    return np.log((cal[part, 1, 0] + 1.0) / max(tail, 1e-30))


@leaf  # pragma: no cover
def calibrate_all(u: Array, cal: Array, memory: float, weight: float) -> None:
    """`density_kernels.calibrate` of each part and the whole, u float64[P + 1]; a view of each would cost as much."""
    for q in range(cal.shape[0]):
        cal[q, 0, min(int(max(u[q], 0.0) * 16.0), k.RANKS - 1)] += weight
        cal[q, 0, k.RANKS] += weight
        if cal[q, 0, k.RANKS] > memory:
            for b in range(k.RANKS + 1):
                cal[q, 0, b] *= 0.5


@leaf  # pragma: no cover
def nearest_and_mean(
    distance: Array, first: int, last: int, lots: int, columns: int, sums: Array, out: tuple[float, float]
) -> tuple[float, float]:
    """Surprise of the mean least distance over lots of the rows first..last, and of the mean of all distances.

    The lots are what is left when the rows are folded in halves until they are at most `lots`: a few foul rows among
    them do not make their like usual, as with k nearest ones, and folding compiles to vector code. distance is spent;
    sums float32[>= last - first]; out if there are no rows.
    """
    n = last - first
    if n <= 0:
        return out
    least, kept = distance[first:last], n
    for r in range(n):
        sums[r] = least[r]
    while n > 1:
        half = (n + 1) // 2
        for r in range(n - half):
            sums[r] += sums[half + r]
        if kept > lots:
            for r in range(n - half):
                least[r] = min(least[r], least[half + r])
            kept = half
        n = half
    total = 0.0
    for r in range(kept):
        total += least[r]
    return surprise_of(total / kept / columns), surprise_of(sums[0] / (last - first) / columns)


@leaf  # pragma: no cover
def surprise_of(distance: float) -> float:
    """Logarithm of a distance, from 1 up."""
    return LOWEST + np.log(distance + FINE)


@fast_leaf  # pragma: no cover
def mahalanobis(z: Array, mean: Array, whiten: Array) -> float:
    """Distance from the centre in units that the covariance makes equal, per column."""
    total = 0.0
    for i in range(whiten.shape[0]):
        a = 0.0
        for j in range(i + 1):
            a += whiten[i, j] * (z[j] - mean[j])
        total += a * a
    return np.sqrt(total / whiten.shape[0])


@njit(cache=True, nogil=True)  # pragma: no cover
def _invert_root(cov: Array, out: Array) -> None:
    """out: inverse of the lower Cholesky root of cov float64[d, d], lower triangular."""
    d = cov.shape[0]
    root = np.zeros((d, d))
    for i in range(d):
        for j in range(i + 1):
            a = cov[i, j]
            for q in range(j):
                a -= root[i, q] * root[j, q]
            root[i, j] = np.sqrt(max(a, 1e-9)) if i == j else a / root[j, j]
    for c in range(d):
        for i in range(c, d):
            a = 1.0 if i == c else 0.0
            for q in range(c, i):
                a -= root[i, q] * out[q, c]
            out[i, c] = a / root[i, i]


@njit(cache=True, nogil=True)  # pragma: no cover
def concentrate(z: Array, mean: Array, whiten: Array, away: Array) -> None:
    """Mean and whitening of the central half of z float64[n, d], from the medians outwards (FAST-MCD's steps);
    away float64[n]: how far each row is out, by that covariance and by the sum of its columns."""
    n, d = z.shape
    block, variance = np.zeros(n), np.zeros(d)
    for i in range(n):
        for j in range(d):
            block[i] += abs(z[i, j])
    for j in range(d):
        total, square = 0.0, 0.0
        for i in range(n):
            total += z[i, j]
            square += z[i, j] ** 2
        variance[j] = max(square / n - (total / n) ** 2, 1e-4)
    away[:n] = block
    cov = np.zeros((d, d))
    for _ in range(STEPS if whiten.shape[0] > 0 else 0):
        cut = ascending(away, n)[n // 2]
        mean[:] = 0.0
        cov[:] = 0.0
        c = 0
        for i in range(n):
            if away[i] <= cut:
                mean += z[i]
                c += 1
        mean /= c
        for i in range(n):
            if away[i] <= cut:
                for a in range(d):
                    for b in range(a + 1):
                        cov[a, b] += (z[i, a] - mean[a]) * (z[i, b] - mean[b])
        for a in range(d):
            for b in range(a + 1):
                cov[a, b] *= (1.0 - SHRINK) / c
            cov[a, a] += SHRINK * variance[a]
        _invert_root(cov, whiten)
        for i in range(n):
            away[i] = mahalanobis(z[i], mean, whiten)
    middle, middle_block = ascending(away, n)[n // 2] + 1e-9, ascending(block, n)[n // 2] + 1e-9
    for i in range(n):
        away[i] = away[i] / middle + block[i] / middle_block


@njit(cache=True, nogil=True)  # pragma: no cover
def far_half_is_a_crowd(rows: Array, codes: Array, lots: int, square: int) -> bool:
    """Whether the far half of remembered rows float32[n, d] with codes uint64[m, n] is a crowd: see `crowd_kernels`.
    square: columns of the covariance, 0 to do without."""
    n, d = rows.shape
    fits, z, near = np.zeros((5, d)), np.empty((n, d)), np.empty((d, n), np.float32)
    mean, whiten, away, nearest = np.zeros(d), np.zeros((square, square)), np.empty(n), np.empty(n)
    row, scaled = np.empty(d), np.empty(d, np.float32)
    distance, sums = np.empty(n, np.float32), np.empty(n, np.float32)
    fit_units(rows, n, fits)
    for i in range(n):
        row[:] = rows[i]
        place(row, fits, z[i], scaled)
        near[:, i] = scaled
    concentrate(z, mean, whiten, away)
    for i in range(n):
        scaled[:] = near[:, i]
        distances(near, codes, scaled, codes[:, i].copy(), distance)
        distance[i] = distance[n - 1]  # as if it had not been learned itself
        nearest[i], away[i] = nearest_and_mean(distance, 0, n - 1, lots, d + codes.shape[0], sums, (0.0, 0.0))
        if square > 0:
            away[i] = surprise_of(mahalanobis(z[i], mean, whiten))
    return crowd.far_half_is_a_crowd(away, nearest, n, surprise_of(FINE))
