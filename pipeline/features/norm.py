"""How much is usual: a decayed mean and variance of log counts, for one entity and for its peers.

Two numbers an entity describe skewed counts well enough to say how unlikely the present one is, cost nothing to
keep, and follow slow change. A norm is a float64 row of SIZE columns that kernels work on in place.
"""

import numba as nb
import numpy as np

from pipeline.features.leaf import leaf

SEEN, MEAN, VAR, PEAK, SINCE = range(5)
SIZE = 5
SPREAD = 0.25
"""Least standard deviation of a log count: nobody is so regular that a quarter more is news."""
OWN_ENOUGH = 5.0
"""Samples after which an entity's own norm stands without help from its peers."""
PEERS_ENOUGH = 20.0
"""Samples after which peers are a norm at all."""
WEEK_S = 604_800.0


@nb.njit(cache=True, nogil=True, inline="always")
def spread_of(mean: float, var: float) -> float:
    """Standard deviation of log1p counts: what was seen, but at least what chance (Poisson) and SPREAD ask for."""
    return np.sqrt(max(var, SPREAD * SPREAD + 1.0 / np.exp(max(mean, 0.0))))


@leaf
def take(norm: np.ndarray, sample: float, memory: float) -> None:
    """Learn one log1p count into `norm` [SIZE]; samples older than about `memory` others are forgotten.

    A sample beyond three standard deviations counts as three, so that what was an attack does not become the norm.
    """
    if norm[SEEN] >= OWN_ENOUGH:
        sample = min(sample, norm[MEAN] + 3.0 * spread_of(norm[MEAN], norm[VAR]))
    norm[SEEN] = min(norm[SEEN] + 1.0, memory)
    step = 1.0 / norm[SEEN]
    delta = sample - norm[MEAN]
    norm[MEAN] += step * delta
    norm[VAR] = (1.0 - step) * (norm[VAR] + step * delta * delta)


@leaf
def settle(norm: np.ndarray, ts: float, window_s: float) -> float:
    """The log1p peak of the window that ended before `ts`, or NaN while it lasts. `norm` [SIZE].

    A clock that jumps back by more than a week starts a new window instead of waiting for its return.
    """
    if ts < norm[SINCE] - WEEK_S or norm[SINCE] == 0.0:
        norm[SINCE] = max(ts, 1.0)
        norm[PEAK] = 0.0
        return np.nan
    if ts < norm[SINCE] + window_s:
        return np.nan
    peak = norm[PEAK]
    norm[SINCE] = ts
    norm[PEAK] = 0.0
    return np.log1p(peak) if peak > 0.0 else np.nan


@leaf
def surprise(count: float, own: np.ndarray, peers: np.ndarray) -> tuple[float, float]:
    """(deviations, usual count) of `count` against `own` and `peers` [SIZE]; (NaN, NaN) while neither is known.

    An own norm short of samples borrows from the peers (shrinkage). What is unusual for the entity but not beyond
    two deviations of its peers is held down: a colleague's ordinary day is no news.
    """
    x = np.log1p(count)
    known = peers[SEEN] >= PEERS_ENOUGH
    if own[SEEN] < OWN_ENOUGH and not known:
        return np.nan, np.nan
    lend = OWN_ENOUGH if known else 0.0
    weight = own[SEEN] + lend
    mean = (own[SEEN] * own[MEAN] + lend * peers[MEAN]) / weight
    var = (own[SEEN] * own[VAR] + lend * peers[VAR]) / weight
    z = (x - mean) / spread_of(mean, var)
    if known:
        z = min(z, (x - peers[MEAN]) / spread_of(peers[MEAN], peers[VAR]) + 2.0)
    return z, np.expm1(mean)


@leaf
def score_of(deviations: float, limit: float) -> float:
    """A score in (0, 1) that is 0.5 at `limit` deviations; NaN stays NaN."""
    return 1.0 / (1.0 + np.exp(min(max(limit - deviations, -30.0), 30.0)))
