"""The compiled parts of `density.RSHash`: plain functions over one group's arrays.

Shapes: D = d + m columns (numeric, then categorical), T subspaces, W rows kept.
row float64[d] squashed values; codes uint64[m]; bins int64[D] and cells int64[T], -1 where unknown;
hist float32[2, D, BINS], hist_n float64[2, D]; sub float32[2, T, CELLS], sub_n float64[2, T]: decayed counts in
units of the growing weight unit[s], for s = 0 (slow reference) and 1 (fast, adaptive).
cal float64[2, RANKS + 1]: counts of past surprise, and their tail sums.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.models.base import Array
from pipeline.models.kernels import ascending, leaf

BINS = 64  # per feature: 16 linear and 16 logarithmic ones on either side of the median
CELLS = 256  # per subspace, hashed; 512 gained nothing on the sets of the benchmark
RANKS = 256  # bins of surprise, 1/16 nat each
LARGEST = 1e15  # beyond, a value is only known to be huge
PRIOR = 0.25  # pseudo-count of a bin never seen
FULL = 1e12  # weights are renormalised before float32 runs out
TRICKLE = 0.05  # weight with which the slow reference learns what the guard holds back, the fast one three times
BURST_ROWS = 30.0  # memory of the burst detector, rows
BURST_TAIL = 0.03  # a row beyond this tail probability is extreme, and so many are expected
BURST_SHARE = 0.16  # this share of extremes is a burst: about five in thirty rows
EXPERIENCE = 1_000.0  # learned rows after which the reference withstands a burst of `patience` rows

# num float64: columns of one group's scalars; idx int64 likewise
UNIT, BURST, EDGE, FALL = 0, 2, 3, 4
SEEN, LEARNED, AT, RUN, SINCE, NEXT_FIT = range(6)
SCALARS = 6


@leaf  # pragma: no cover
def squash(x: float) -> float:
    """Signed log1p, clipped; NaN stays NaN."""
    if x == 0.0:  # which most of many columns are
        return 0.0
    a = np.log1p(min(abs(x), LARGEST))
    return -a if x < 0.0 else a


@leaf  # pragma: no cover
def _mix(h: np.uint64, v: np.uint64) -> np.uint64:
    h = (h ^ v) * np.uint64(0x9E3779B97F4A7C15)
    return h ^ (h >> np.uint64(29))


@leaf  # pragma: no cover
def _bin(z: float) -> int:
    """Bin of a scaled value: halves of the spread up to 8, then quarter octaves up to 128; monotone in z."""
    a = abs(z)
    k = int(min(a * 2.0 if a < 8.0 else 16.0 + 4.0 * np.log2(a / 8.0), 31.0))
    return BINS // 2 + k if z >= 0.0 else BINS // 2 - 1 - k


@njit(cache=True, nogil=True)  # pragma: no cover
def fit(ring: Array, centre: Array, scale: Array, first: bool, changed: Array) -> bool:
    """Median and robust spread of each column of ring float32[W, d]; later only where it has grown 16-fold."""
    any_changed = first
    for j in range(ring.shape[1]):
        known = np.empty(ring.shape[0])
        n = 0
        for i in range(ring.shape[0]):
            if not np.isnan(ring[i, j]):
                known[n] = ring[i, j]
                n += 1
        changed[j] = first
        if n == 0:
            continue
        v = ascending(known, n)
        mid = v[n // 2]
        inner = (v[int(0.9 * (n - 1))] - v[int(0.1 * (n - 1))]) / 2.56
        outer = (v[int(0.98 * (n - 1))] - v[int(0.02 * (n - 1))]) / 8.0
        spread = max(max(inner, outer), 1e-3 * (1.0 + abs(mid)))
        if first or spread > 16.0 * scale[j]:
            centre[j], scale[j] = mid, spread
            changed[j] = True
            any_changed = True
    return any_changed


@leaf  # pragma: no cover
def locate(
    row: Array, codes: Array, centre: Array, scale: Array,
    member: Array, per_unit: Array, shift: Array, salt: Array, z: Array, bins: Array, cells: Array,
) -> None:  # fmt: skip
    """Where a row falls: fills bins and cells; z float64[d] is spent. member int64[T, 3], -1 none; per_unit (cells a
    spread), shift (cells) float64[T, 3]."""
    d = row.shape[0]
    for j in range(d):
        if np.isnan(row[j]):
            bins[j] = -1
        else:
            z[j] = min(max((row[j] - centre[j]) / scale[j], -1e6), 1e6)
            bins[j] = _bin(z[j])
    for j in range(codes.shape[0]):
        bins[d + j] = -1 if codes[j] == 0 else int(_mix(np.uint64(j + 1), codes[j]) & np.uint64(BINS - 1))
    for t in range(member.shape[0]):
        h = salt[t]
        known = True
        for q in range(3):
            f = member[t, q]
            if f < 0:
                break
            if bins[f] < 0:
                known = False
                break
            if f < d:
                h = _mix(h, np.uint64(np.int64(np.floor(z[f] * per_unit[t, q] + shift[t, q]))))
            else:
                h = _mix(h, codes[f - d])
        cells[t] = int((h >> np.uint64(20)) & np.uint64(CELLS - 1)) if known else -1


@leaf  # pragma: no cover
def mean_surprises(where: Array, counts: Array, total: Array, num: Array, own: float) -> tuple[float, float]:
    """Mean of -log share over the known entries of `where`, less `own` rows, by the slow and by the fast memory; 0 if
    none is known. counts float32[2, D, cells], total float64[2, D]."""
    slow, fast, n = 0.0, 0.0, 0
    per_slow, per_fast = 1.0 / num[UNIT], 1.0 / num[UNIT + 1]
    above, below, above_fast, below_fast = 1.0, 1.0, 1.0, 1.0
    for j in range(where.shape[0]):
        b = where[j]
        if b >= 0:
            above *= total[0, j] * per_slow - own + 1.0
            below *= max(counts[0, j, b] * per_slow - own, 0.0) + PRIOR
            above_fast *= total[1, j] * per_fast - own + 1.0
            below_fast *= max(counts[1, j, b] * per_fast - own, 0.0) + PRIOR
            n += 1
            if n & 15 == 0:  # one logarithm for sixteen factors, none of which leaves 1e-1..1e12
                slow += np.log(above / below)
                fast += np.log(above_fast / below_fast)
                above, below, above_fast, below_fast = 1.0, 1.0, 1.0, 1.0
    if n == 0:
        return 0.0, 0.0
    return (slow + np.log(above / below)) / n, (fast + np.log(above_fast / below_fast)) / n


@leaf  # pragma: no cover
def surprise(
    bins: Array, cells: Array, hist: Array, hist_n: Array, sub: Array, sub_n: Array, num: Array, own: float
) -> float:
    """Nats by which a row is unexpected: features and subspaces, slow and fast, in equal parts."""
    slow, fast = mean_surprises(bins, hist, hist_n, num, own)
    slow_joint, fast_joint = mean_surprises(cells, sub, sub_n, num, own)
    return (slow + fast + slow_joint + fast_joint) / 4.0


@leaf  # pragma: no cover
def _shrink(counts: Array, by: np.float32) -> None:
    """Multiply float32[n, m] by a number."""
    for i in range(counts.shape[0]):
        for j in range(counts.shape[1]):
            counts[i, j] *= by


@leaf  # pragma: no cover
def count(
    s: int, weight: float, half_life: float, bins: Array, cells: Array,
    hist: Array, hist_n: Array, sub: Array, sub_n: Array, num: Array,
) -> None:  # fmt: skip
    """Add a row to memory s with a weight; older rows fade by that weight's share of the half-life."""
    w = num[UNIT + s] * weight
    for j in range(bins.shape[0]):
        if bins[j] >= 0:
            hist[s, j, bins[j]] += np.float32(w)
            hist_n[s, j] += w
    for t in range(cells.shape[0]):
        if cells[t] >= 0:
            sub[s, t, cells[t]] += np.float32(w)
            sub_n[s, t] += w
    num[UNIT + s] *= 2.0 ** (weight / half_life)
    if num[UNIT + s] > FULL:
        back = 1.0 / num[UNIT + s]
        _shrink(hist[s], np.float32(back))
        _shrink(sub[s], np.float32(back))
        for j in range(hist_n.shape[1]):
            hist_n[s, j] *= back
        for t in range(sub_n.shape[1]):
            sub_n[s, t] *= back
        num[UNIT + s] = 1.0


@leaf  # pragma: no cover
def guard(p: float, settings: Array, num: Array, idx: Array, weight: Array, trusted: bool = False) -> bool:
    """Weights with which slow and fast learn a row of tail probability p; True when it may calibrate. A `trusted`
    reference is not young."""
    num[BURST] += ((1.0 if p < BURST_TAIL else 0.0) - num[BURST]) / BURST_ROWS
    if num[BURST] <= BURST_SHARE:
        idx[RUN] = 0
        over = p < settings[2]
        weight[0] = TRICKLE if over else 1.0
        weight[1] = 3.0 * TRICKLE if over else 1.0
        return True
    idx[RUN] += 1
    # A young reference is overruled early: a warm-up may have been too quiet, or an attack. Trust grows with
    # the square of what was learned.
    trust = 1.0 if trusted else min(idx[LEARNED] / EXPERIENCE, 1.0) ** 2
    settled = idx[RUN] > settings[3] * trust
    weight[0] = (TRICKLE if trust == 1.0 else 1.0) if settled else 0.0
    weight[1] = 1.0 if settled else 0.0
    return settled


@leaf  # pragma: no cover
def rank(u: float, cal: Array, num: Array) -> float:
    """The tail probability of surprise u among what was calibrated on; falls exponentially beyond it."""
    x = min(max(u, 0.0) * 16.0, RANKS - 1e-9)
    k = int(x)
    tail = cal[1, k + 1] + (k + 1.0 - x) * (cal[1, k] - cal[1, k + 1])
    return (tail + np.exp(-max(u - num[EDGE], 0.0) / num[FALL])) / (cal[1, 0] + 1.0)


@leaf  # pragma: no cover
def calibrate(u: float, cal: Array, memory: float, weight: float = 1.0) -> None:
    """Count one surprise at a weight; all fade by half when `memory` rows are counted."""
    cal[0, min(int(max(u, 0.0) * 16.0), RANKS - 1)] += weight
    cal[0, RANKS] += weight
    if cal[0, RANKS] > memory:
        for b in range(RANKS + 1):
            cal[0, b] *= 0.5


@leaf  # pragma: no cover
def sum_tails(cal: Array, num: Array) -> None:
    """Refresh the tail sums, the 97 % edge of surprise and the mean excess over it."""
    cal[1, RANKS] = 0.0
    excess, beyond, edge = 0.0, 0.0, 0
    for k in range(RANKS - 1, -1, -1):
        cal[1, k] = cal[1, k + 1] + cal[0, k]
        if cal[1, k] <= BURST_TAIL * cal[0, RANKS]:
            edge = k
            beyond = cal[1, k]
            excess += beyond / 16.0
    num[EDGE] = edge / 16.0 if edge > 0 else 0.0
    num[FALL] = max(excess / beyond, 1.0 / 16.0) if beyond > 0.0 else 0.25


@njit(cache=True, nogil=True)  # pragma: no cover
def rebuild(
    ring: Array, ring_c: Array, fit_: Array, plan: tuple[Array, Array, Array, Array], changed: Array, first: bool,
    hist: Array, hist_n: Array, sub: Array, sub_n: Array, num: Array,
) -> None:  # fmt: skip
    """Count the remembered rows anew in every table that a changed scale touches, to the weight it had."""
    member, per_unit, shift, salt = plan
    tables, d = member.shape[0], ring.shape[1]
    stale = np.zeros(tables, np.bool_)
    for t in range(tables):
        for q in range(3):
            f = member[t, q]
            stale[t] = stale[t] or first or (0 <= f < d and changed[f])
    bins, cells = np.empty(hist.shape[1], np.int64), np.empty(tables, np.int64)
    row, z = np.empty(d), np.empty(d)
    for s in range(2):
        new_h, new_s = np.zeros(hist.shape[1:], np.float32), np.zeros(sub.shape[1:], np.float32)
        for i in range(ring.shape[0]):
            row[:] = ring[i]
            locate(row, ring_c[i], fit_[0], fit_[1], member, per_unit, shift, salt, z, bins, cells)
            for j in range(bins.shape[0]):
                if bins[j] >= 0:
                    new_h[j, bins[j]] += np.float32(1.0)
            for t in range(tables):
                if cells[t] >= 0:
                    new_s[t, cells[t]] += np.float32(1.0)
        for j in range(bins.shape[0]):
            if first or (j < d and changed[j]):
                n = new_h[j].sum()
                if first:
                    hist_n[s, j] = n * num[UNIT + s]
                hist[s, j] = new_h[j] * np.float32(hist_n[s, j] / max(n, 1.0))
        for t in range(tables):
            if stale[t]:
                n = new_s[t].sum()
                if first:
                    sub_n[s, t] = n * num[UNIT + s]
                sub[s, t] = new_s[t] * np.float32(sub_n[s, t] / max(n, 1.0))
