"""How `density_ensemble.DensityEnsemble` tells a crowd beside the usual rows from a usual that moves.

A crowd (a flood, a scan, an attacker who starts slowly) leaves the usual rows as they are among themselves and puts
others beside them; what drifts thins out the middle of the usual first. So the shares of rows by tail probability say
which it is, and only for a crowd is learning held back: else what is new would never become usual.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.models.base import Array
from pipeline.models.kernels import ascending

# Shares of the last rows by tail probability, in num float64: below LOW_P, from there to MIDDLE_P, and above BODY_P.
LOW, MIDDLE, BODY = 3, 4, 5
LOW_P, MIDDLE_P, BODY_P = 0.1, 0.3, 0.5
USUAL_SHARES = (LOW_P, MIDDLE_P - LOW_P, 1.0 - BODY_P)  # of rows that are all usual
SHARE_ROWS = 1_000.0  # memory of the shares: some 200 rows between MIDDLE_P and BODY_P give them to 7 %
CROWD, MOVED = 1.1, 1.3  # rows between MIDDLE_P and BODY_P, as a multiple of what the body lets expect
GONE = 0.05  # above BODY_P: a tenth of the rows are as they were; from a fifth on they may be beside a crowd
# So many times their due share of unusual rows are a crowd (three deviations of its estimate; less would narrow every
# tail). It is allowed that share while it is small, the due one when it is clear, so that the weight has no step.
STANDS = 1.2
PATIENCE = 10  # a crowd must last so many times longer than another burst before it is taken as the new normal
CLOSER = 0.25  # nats by which far rows must lie closer together: two deviations of the median of 64 distances


@njit(cache=True, nogil=True)  # pragma: no cover
def follow(p: float, num: Array) -> None:
    """Count a row of tail probability p."""
    num[LOW] += ((1.0 if p < LOW_P else 0.0) - num[LOW]) / SHARE_ROWS
    num[MIDDLE] += ((1.0 if LOW_P <= p < MIDDLE_P else 0.0) - num[MIDDLE]) / SHARE_ROWS
    num[BODY] += ((1.0 if p > BODY_P else 0.0) - num[BODY]) / SHARE_ROWS


@njit(cache=True, nogil=True)  # pragma: no cover
def beside(num: Array) -> float:
    """1: the usual rows are as they were among themselves; 0: the usual moves."""
    near = max(1.0 - num[LOW] - num[MIDDLE] - num[BODY], 0.0)
    expected = num[BODY] * (BODY_P - MIDDLE_P) / (1.0 - BODY_P)
    left = min(max((num[BODY] - GONE) / GONE, 0.0), 1.0)
    return left * min(max((MOVED - near / max(expected, 1e-3)) / (MOVED - CROWD), 0.0), 1.0)


@njit(cache=True, nogil=True)  # pragma: no cover
def stands(num: Array) -> bool:
    """Whether clearly more rows are unusual than are due."""
    return num[LOW] > STANDS * LOW_P or num[MIDDLE] > STANDS * (MIDDLE_P - LOW_P)


@njit(cache=True, nogil=True)  # pragma: no cover
def due(p: float, num: Array) -> float:
    """Weight of a row: below 1 where a crowd makes more rows as unusual as this one than the body lets expect."""
    if p >= MIDDLE_P:
        return 1.0
    seen = num[LOW] if p < LOW_P else num[MIDDLE]
    expected = (LOW_P if p < LOW_P else MIDDLE_P - LOW_P) * num[BODY] / (1.0 - BODY_P)
    excess = seen / max(expected, 1e-3)
    if excess <= STANDS:
        return 1.0
    allowed = max(STANDS - 0.5 * (excess - STANDS), 1.0)
    return 1.0 - beside(num) * (1.0 - allowed / excess)


@njit(cache=True, nogil=True)  # pragma: no cover
def far_half_is_a_crowd(away: Array, nearest: Array, n: int, same: float) -> bool:
    """Whether all of a warm-up's half farther from its centre lies closer together than the rows just within.

    What is usual thins out from its centre. A far half that is denser than the quarter before it is another
    population, and what a machine repeats (a flood, a scan) is such a one. A far quarter alone is not: usual rows
    often have a lesser mode. away and nearest float64[n]: surprise by the distance from the central half and by that
    to the nearest rows; up to `same` rows are equal, which is as often an idle device as an attack and says nothing.
    """
    order, part, median = ascending(away, n), np.empty(n), np.zeros(4)
    for q in range(4):
        low = order[q * n // 4]
        high = order[(q + 1) * n // 4] if q < 3 else np.inf
        c = 0
        for i in range(n):
            if low <= away[i] < high:
                part[c] = nearest[i]
                c += 1
        if c == 0:
            return False
        median[q] = ascending(part, c)[c // 2]
    denser = median[1] - median[2] > CLOSER and median[3] - median[1] < CLOSER
    return denser and min(median[2], median[3]) > same
