"""What is usual for flows of a service, and for one machine's flows of it: decayed mean and variance of log sizes."""

import numba as nb
import numpy as np

from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine

FEATURES = (
    ("bytes_out", ""), ("bytes_in", ""), ("packets_out", ""), ("packets_in", ""), ("duration", "ms"),
    ("share_of_bytes_out", "%"), ("bytes_per_second", ""),
)  # fmt: skip
"""(name, unit); all are numbers of 0 and more, and are compared as log1p."""
UPWARD = (0, 1, 2, 3, 4)  # features of which more is worse: sizes, packets, duration
ENOUGH = 50.0  # flows after which a service of a direction has a norm of its own
OWN_ENOUGH = 20.0  # … and a machine's flows of that service
MEMORY, OWN_MEMORY = 5000.0, 200.0  # flows remembered
SPREAD = 0.3  # least standard deviation of a log: a third more or less is no news
WITHIN = 2.5  # deviations from its own norm that are usual for a machine
MOST = 20.0  # deviations beyond which more say nothing more


@nb.njit(cache=True, nogil=True)
def _take(y, n, mean, var, memory):  # type: ignore[no-untyped-def]
    """Learn y [F] into mean and var [F] of n flows before; beyond three deviations counts as three, NaN not at all."""
    step = 1.0 / min(n + 1.0, memory)
    for j in range(len(y)):
        if y[j] != y[j]:
            continue
        delta = y[j] - mean[j]
        if n >= OWN_ENOUGH:
            room = 3.0 * np.sqrt(max(var[j], SPREAD * SPREAD))
            delta = min(max(delta, -room), room)
        mean[j] += np.float32(step * delta)
        var[j] = np.float32((1.0 - step) * (var[j] + step * delta * delta))


@nb.njit(cache=True, nogil=True)
def _usual(y, n, mean, var):  # type: ignore[no-untyped-def]
    """Whether a machine's own flows of the service are known and like y in every upward feature."""
    like = n >= OWN_ENOUGH
    for j in UPWARD:
        like &= not y[j] - mean[j] > WITHIN * np.sqrt(max(var[j], SPREAD * SPREAD))  # NaN is like anything
    return like


@nb.njit(cache=True, nogil=True)
def compare(x, direction, service, source, ts, groups, coarse, cohorts, own):  # type: ignore[no-untyped-def]
    """(z float32[m, F] deviations from the cohort's norm, norms float32[m, 4, F]: mean and variance of the cohort's
    logs and of the source's own, flows of the direction before float64[m], flows of the source's own before
    float64[m], whether it is usual for its source bool[m]); then learns each row.

    x float64[m, F]; direction int8[m]; service, source uint64[m]; coarse = (n [G, 4], mean and var [G, 4, F]); cohorts
    and own = (keys, seen, n, mean, var) of tables per direction and service, and per source besides.
    """
    m, size = x.shape
    z, norms = np.empty((m, size), np.float32), np.empty((m, 4, size), np.float32)
    known, before, usual = np.zeros(m), np.zeros(m), np.zeros(m, np.bool_)
    y = np.empty(size)
    for i in range(m):
        g, d = groups[i], direction[i]
        for j in range(size):
            y[j] = np.nan if x[i, j] != x[i, j] else np.log1p(max(x[i, j], 0.0))
        key = combine(service[i] | np.uint64(1), np.uint64(d + 1))
        slot, fresh = claim_slot(cohorts[0][g], cohorts[1][g], key, ts[i])
        if fresh:
            cohorts[2][g, slot] = 0.0
            cohorts[3][g, slot] = 0.0
            cohorts[4][g, slot] = 0.0
        mine, fresh = claim_slot(own[0][g], own[1][g], combine(source[i], key), ts[i])
        if fresh:
            own[2][g, mine] = 0.0
            own[3][g, mine] = 0.0
            own[4][g, mine] = 0.0
        fine = cohorts[2][g, slot] >= ENOUGH
        mean = cohorts[3][g, slot] if fine else coarse[1][g, d]
        var = cohorts[4][g, slot] if fine else coarse[2][g, d]
        for j in range(size):
            spread = np.sqrt(max(var[j], SPREAD * SPREAD))
            z[i, j] = np.nan if y[j] != y[j] else min(max((y[j] - mean[j]) / spread, -MOST), MOST)
            norms[i, 0, j], norms[i, 1, j] = mean[j], var[j]
            norms[i, 2, j], norms[i, 3, j] = own[3][g, mine, j], own[4][g, mine, j]
        known[i], before[i] = coarse[0][g, d], own[2][g, mine]
        usual[i] = _usual(y, own[2][g, mine], own[3][g, mine], own[4][g, mine])
        _take(y, coarse[0][g, d], coarse[1][g, d], coarse[2][g, d], MEMORY)
        _take(y, cohorts[2][g, slot], cohorts[3][g, slot], cohorts[4][g, slot], MEMORY)
        _take(y, own[2][g, mine], own[3][g, mine], own[4][g, mine], OWN_MEMORY)
        coarse[0][g, d] += 1.0
        cohorts[2][g, slot] += 1.0
        own[2][g, mine] += 1.0
    return z, norms, known, before, usual
