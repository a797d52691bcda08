"""One row through `density_ensemble.DensityEnsemble`: score it, then decide what is learned from it.

A group's state is passed as one tuple in the order of `STATE`, shapes as in `density_kernels` and `ensemble_kernels`
(P = PARTS): rows float32[R, d]; near float32[d, R]; codes uint64[m, R]; cal float64[P + 1, 2, RANKS + 1] and tails
float64[P + 1, 5] calibrate each part and, last, the whole; num float64[6]; idx int64[SCALARS].
settings: half-lives slow, fast, guard tail, patience, warm-up, reference rows M.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.models import crowd_kernels as crowd
from pipeline.models import density_kernels as k
from pipeline.models import ensemble_kernels as e
from pipeline.models.base import Array
from pipeline.models.kernels import ascending, leaf

STATE = (
    "fits", "rows", "near", "codes", "mean", "whiten", "hist", "hist_n", "sub", "sub_n", "cal", "tails", "num", "idx",
)  # fmt: skip
FILL, RECENT, RANDOM, STANDING, PARTED = range(k.SCALARS, k.SCALARS + 5)
SCALARS = k.SCALARS + 5
PARTS = 9
COVARIANCE, NEAREST, ALL, NEAREST_RECENT, ALL_RECENT = range(4, 9)
# The nearest of the reference tells most: on 18 sets of ADBench it alone was ahead of all in equal parts (AUC .79 and
# .77), on those with network flows not behind. Of the others the counts, which are kin, weigh two thirds of it.
WEIGHT = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 3.0, 0.5, 1.0, 0.5]) / 7.5
MOST = 30.0  # nats: beyond e^-30 an extrapolated tail tells nothing
SPAN = 32_768.0  # normal rows over which the reference would be a fair sample, and
RENEWAL = 0.3  # of a fair sample's rate at which a full one is renewed: what came first is cleaner than what follows
CALIBRATED = 20_000.0  # rows over which a calibration is
REFRESH = 32  # calibrated rows between refreshes of the tail sums, eight times as many once SETTLED of them are known
SETTLED = 4_000.0
LOTS, LOTS_RECENT = 8, 4  # of remembered rows, the nearest of each of which counts; 16 were less sharp
TRIM = 0.97  # of the reference that a refit keeps; .92 cost cold starts, 1 left a dirty warm-up in place
USUAL = 0.9  # weight of a row from which it may stand among the recent ones
ALL_NEW = 0.9  # share of extremes lately beyond which nothing usual is left for a crowd to stand beside
REFIT_ROWS = 16_384
# Warm-ups after which a crowd is looked for again: by chance it was more than half of the rows so far, or less dense.
PARTINGS = (1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0)
Group = tuple[Array, Array, Array, Array, Array, Array, Array, Array, Array, Array, Array, Array, Array, Array]


@leaf  # pragma: no cover
def _random(idx: Array) -> float:
    """Uniform in [0, 1), by xorshift, from the group's own state: replays must choose the same rows."""
    x = np.uint64(idx[RANDOM])
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    idx[RANDOM] = np.int64(x)
    return np.float64(x >> np.uint64(11)) / 9007199254740992.0


@leaf  # pragma: no cover
def _surprises(
    code: Array, z: Array, scaled: Array, bins: Array, cells: Array, own: float, skip: int, reference: int,
    group: Group, distance: Array, sums: Array, u: Array,
) -> None:  # fmt: skip
    """Fills the first P of u; `own` rows and the remembered row `skip` (or -1) are taken as never learned."""
    _, _, near, codes, mean, whiten, hist, hist_n, sub, sub_n, _, _, num, idx = group
    u[0], u[2] = k.mean_surprises(bins, hist, hist_n, num, own)
    u[1], u[3] = k.mean_surprises(cells, sub, sub_n, num, own)
    columns = z.shape[0] + code.shape[0]
    fill, last = idx[FILL], reference + min(idx[RECENT], near.shape[1] - reference)
    e.distances(near, codes, scaled, code, distance)
    if skip >= 0:
        fill -= 1
        distance[skip] = distance[fill]
    u[NEAREST], u[ALL] = e.nearest_and_mean(distance, 0, fill, LOTS, columns, sums, (0.0, 0.0))
    if skip >= 0:
        u[NEAREST_RECENT], u[ALL_RECENT] = u[NEAREST], u[ALL]
    else:
        u[NEAREST_RECENT], u[ALL_RECENT] = e.nearest_and_mean(
            distance, reference, last, LOTS_RECENT, columns, sums, (u[NEAREST], u[ALL])
        )
    u[COVARIANCE] = e.surprise_of(e.mahalanobis(z, mean, whiten)) if whiten.shape[0] > 0 else u[ALL]


@leaf  # pragma: no cover
def _whole(u: Array, cal: Array, tails: Array) -> float:
    """Root mean square of the parts' -log tail probabilities."""
    total = 0.0
    for p in range(PARTS):
        total += WEIGHT[p] * min(e.nats(u[p], p, cal, tails), MOST) ** 2
    return np.sqrt(total)


@njit(cache=True, nogil=True)  # pragma: no cover
def _trim(group: Group, z: Array, away: Array, keep: float) -> None:
    """Keep this share of the reference rows, the most central; they close up, z float64[fill, d] with them."""
    _, rows, _, codes, _, _, _, _, _, _, _, _, _, idx = group
    n = idx[FILL]
    cut = ascending(away, n)[int(keep * (n - 1))]
    to = 0
    for i in range(n):
        if away[i] <= cut:
            rows[to] = rows[i]
            codes[:, to] = codes[:, i]
            z[to] = z[i]
            to += 1
    idx[FILL] = to


@njit(cache=True, nogil=True)  # pragma: no cover
def _refit(
    group: Group, plan: tuple[Array, Array, Array, Array], reference: int, first: bool, keep: float
) -> None:  # fmt: skip
    """Units, central half and, where a column has grown, counts anew, from the remembered rows."""
    fits, rows, near, codes, mean, whiten, hist, hist_n, sub, sub_n, _, _, num, idx = group
    n, d = idx[FILL], rows.shape[1]
    e.fit_units(rows, n, fits)
    z, away, row, scaled, unit = np.empty((n, d)), np.empty(n), np.empty(d), np.empty(d, np.float32), np.empty(d)
    for i in range(n):
        row[:] = rows[i]
        e.place(row, fits, z[i], scaled)
    e.concentrate(z, mean, whiten, away)
    _trim(group, z, away, keep)
    n = idx[FILL]
    if first:
        for i in range(min(n, rows.shape[0] - reference)):
            rows[reference + i] = rows[i]
            codes[:, reference + i] = codes[:, i]
            idx[RECENT] += 1
    for i in range(rows.shape[0]):
        if i < n or reference <= i < reference + idx[RECENT]:
            row[:] = rows[i]
            e.place(row, fits, unit, scaled)
            near[:, i] = scaled
    changed = np.zeros(d, np.bool_)
    if k.fit(rows[:n], fits[e.HASH_MID], fits[e.HASH_SPREAD], first, changed) or first:
        kept = np.ascontiguousarray(codes[:, :n].T)
        k.rebuild(rows[:n], kept, fits, plan, changed, first, hist, hist_n, sub, sub_n, num)


@njit(cache=True, nogil=True)  # pragma: no cover
def _calibrate_on_reference(group: Group, plan: tuple[Array, Array, Array, Array], reference: int) -> None:
    """Calibrate on the reference's rows, each as if it had not been learned itself."""
    fits, rows, _, codes, _, _, hist, _, sub, _, cal, tails, _, idx = group
    member, per_unit, shift, salt = plan
    n, d = idx[FILL], rows.shape[1]
    bins, cells = np.empty(hist.shape[1], np.int64), np.empty(sub.shape[1], np.int64)
    z, scaled, row, u = np.empty(d), np.empty(d, np.float32), np.empty(d), np.empty((n, PARTS))
    distance, sums = np.empty(rows.shape[0], np.float32), np.empty(rows.shape[0], np.float32)
    for i in range(n):
        row[:] = rows[i]
        code = codes[:, i].copy()
        k.locate(row, code, fits[e.HASH_MID], fits[e.HASH_SPREAD], member, per_unit, shift, salt, z, bins, cells)
        e.place(row, fits, z, scaled)
        _surprises(code, z, scaled, bins, cells, 1.0, i, reference, group, distance, sums, u[i])
        for p in range(PARTS):
            k.calibrate(u[i, p], cal[p], 1e18)
    for p in range(PARTS):
        k.sum_tails(cal[p], tails[p])
    for i in range(n):
        k.calibrate(_whole(u[i], cal, tails), cal[PARTS], 1e18)
    k.sum_tails(cal[PARTS], tails[PARTS])


@njit(cache=True, nogil=True)  # pragma: no cover
def _part(group: Group, plan: tuple[Array, Array, Array, Array], reference: int) -> None:
    """Begin anew without the reference's far half if that is a crowd, and hold its like to be an attack."""
    rows, codes, whiten, cal, idx = group[1], group[3], group[5], group[10], group[13]
    if e.far_half_is_a_crowd(rows[: idx[FILL]], codes[:, : idx[FILL]].copy(), LOTS, whiten.shape[0]):
        cal[:] = 0.0
        idx[RECENT], idx[PARTED] = 0, idx[k.LEARNED]
        _refit(group, plan, reference, True, 0.5)
        _calibrate_on_reference(group, plan, reference)


@leaf  # pragma: no cover
def _put(group: Group, at: int, row: Array, scaled: Array, code: Array) -> None:
    rows, near, codes = group[1], group[2], group[3]
    for j in range(row.shape[0]):
        rows[at, j] = row[j]
        near[j, at] = scaled[j]
    for j in range(code.shape[0]):
        codes[j, at] = code[j]


@leaf  # pragma: no cover
def _remember(group: Group, reference: int, row: Array, scaled: Array, code: Array, usual: bool, share: float) -> None:
    """Keep a row among the recent ones if it is usual, and in the reference by chance, so that that is a sample of
    the normal rows, the early ones more often and the unusual ones at their share."""
    idx, held = group[13], group[1].shape[0] - reference
    chance = min(1.0, reference / min(float(idx[k.LEARNED]), SPAN)) * (1.0 if usual else share)
    if idx[FILL] >= reference:
        chance *= RENEWAL
    if _random(idx) < chance:
        at = idx[FILL]
        if at < reference:
            idx[FILL] += 1
        else:
            at = int(_random(idx) * reference)
        _put(group, at, row, scaled, code)
    if usual:
        _put(group, reference + idx[RECENT] % held, row, scaled, code)
        idx[RECENT] += 1


@njit(cache=True, nogil=True)  # pragma: no cover
def _learn(
    group: Group, plan: tuple[Array, Array, Array, Array], settings: Array, p: float, whole: float, u: Array,
    row: Array, scaled: Array, code: Array, bins: Array, cells: Array, weight: Array,
) -> None:  # fmt: skip
    """Learn a row of tail probability p after it was scored."""
    cal, num, idx = group[10], group[12], group[13]
    reference = int(settings[5])
    crowd.follow(p, num)
    idx[STANDING] = idx[STANDING] + 1 if crowd.stands(num) else 0
    normal = k.guard(p, settings, num, idx, weight, idx[PARTED] > 0)
    due = 1.0
    if idx[k.RUN] == 0 and idx[STANDING] <= settings[3]:
        due = crowd.due(p, num)
        weight *= due * due
    elif normal and idx[k.RUN] > 0:  # the burst is the new normal
        num[crowd.LOW], num[crowd.MIDDLE], num[crowd.BODY] = crowd.USUAL_SHARES
    elif num[k.BURST] < ALL_NEW and (idx[PARTED] > 0 or idx[k.LEARNED] >= k.EXPERIENCE):
        # A young model knows too little of the usual to tell what stands beside it.
        idx[k.RUN] -= int(idx[k.SEEN] % crowd.PATIENCE < int((crowd.PATIENCE - 0.01) * crowd.beside(num)))
    for s in range(2):
        if weight[s] > 0.0:
            k.count(s, weight[s], settings[s], bins, cells, group[6], group[7], group[8], group[9], num)
    if not normal:
        return
    u[PARTS] = whole
    e.calibrate_all(u, cal, CALIBRATED, due)
    idx[k.SINCE] += 1
    if idx[k.SINCE] % (REFRESH if cal[PARTS, 0, k.RANKS] < SETTLED else 8 * REFRESH) == 0:
        for q in range(PARTS + 1):
            k.sum_tails(cal[q], group[11][q])
    idx[k.LEARNED] += 1
    _remember(group, reference, row, scaled, code, weight[1] >= USUAL, weight[0])
    if idx[k.LEARNED] >= idx[k.NEXT_FIT]:
        idx[k.NEXT_FIT] += min(3 * idx[k.NEXT_FIT], REFIT_ROWS)
        _refit(group, plan, reference, False, TRIM)
    if idx[PARTED] == 0 and idx[k.LEARNED] / settings[4] in PARTINGS:
        _part(group, plan, reference)


@njit(cache=True, nogil=True)  # pragma: no cover
def _of(state: Group, g: int) -> Group:
    """One group's arrays."""
    a, b, c, d, e_, f, h, i, j, r, m, o, p, q = state
    return a[g], b[g], c[g], d[g], e_[g], f[g], h[g], i[g], j[g], r[g], m[g], o[g], p[g], q[g]


@njit(cache=True, nogil=True)  # pragma: no cover
def score_learn(
    X: Array, C: Array, groups: Array, plan: tuple[Array, Array, Array, Array], settings: Array, learn: bool,
    state: Group, out: Array,
) -> None:  # fmt: skip
    """X float64[n, d]; C uint64[n, m]; groups int32[n]; state: the arrays of STATE with the group in front;
    out float64[n]: 1 - tail probability, NaN while warming up."""
    member, per_unit, shift, salt = plan
    n, d = X.shape
    rows, hist = state[1], state[6]
    warmup, reference = int(settings[4]), int(settings[5])
    bins, cells = np.empty(hist.shape[2], np.int64), np.empty(member.shape[0], np.int64)
    row, z, scaled = np.empty(d), np.empty(d), np.empty(d, np.float32)
    u, weight = np.empty(PARTS + 1), np.empty(2)
    distance, sums = np.empty(rows.shape[1], np.float32), np.empty(rows.shape[1], np.float32)
    g, group = 0, _of(state, 0)
    for i in range(n):
        if groups[i] != g:
            g, group = groups[i], _of(state, groups[i])
        idx = group[13]
        for j in range(d):
            row[j] = np.float32(k.squash(X[i, j]))  # as it is remembered: a median must equal itself
        if idx[k.SEEN] < warmup:
            out[i] = np.nan
            if learn:
                scaled[:] = np.float32(0.0)
                _put(group, idx[FILL], row, scaled, C[i])
                idx[FILL] += 1
                idx[k.SEEN] += 1
                idx[k.LEARNED] += 1
                if idx[k.SEEN] == warmup:
                    _refit(group, plan, reference, True, TRIM)
                    _calibrate_on_reference(group, plan, reference)
                    _part(group, plan, reference)
            continue
        code, fits = C[i], group[0]
        k.locate(row, code, fits[e.HASH_MID], fits[e.HASH_SPREAD], member, per_unit, shift, salt, z, bins, cells)
        e.place(row, fits, z, scaled)
        _surprises(code, z, scaled, bins, cells, 0.0, -1, reference, group, distance, sums, u)
        whole = _whole(u, group[10], group[11])
        p = min(k.rank(whole, group[10][PARTS], group[11][PARTS]), 1.0)
        out[i] = 1.0 - p
        if learn:
            idx[k.SEEN] += 1
            _learn(group, plan, settings, p, whole, u, row, scaled, code, bins, cells, weight)
