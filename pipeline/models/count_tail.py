"""How unlikely a count is: by mean and variance (negative binomial), or as a share of a known number (Chernoff)."""

import numba as nb
import numpy as np

TINY = 1e-12
"""No probability is less."""


@nb.njit(cache=True, nogil=True)
def upper_tail(k: float, mean: float, var: float) -> float:
    """Probability of k or more where counts have this mean and at least Poisson's variance."""
    if k <= 0.0:
        return 1.0
    extra = max(var - mean, 1e-3 * mean)
    size = mean * mean / extra
    p = size / (size + mean)
    pmf = p**size
    below = 0.0
    last = min(int(np.ceil(k)), 2000)
    for j in range(last):
        below += pmf
        pmf *= (size + j) / (j + 1.0) * (1.0 - p)
    # Far out the sum of what is below is 1 to all digits: what is left is the geometric rest of the terms.
    rest = pmf / max(1.0 - (1.0 - p) * (size + last) / (last + 1.0), TINY)
    return max(min(1.0, max(1.0 - below, rest if rest < 1e-9 else 0.0)), TINY)


@nb.njit(cache=True, nogil=True)
def excess_nats(k: float, n: float, share: float) -> float:
    """Exponent of the chance that `k` or more of `n` are so, where `share` is usual (Chernoff); 0 up to that share."""
    x = min(k / n, 1.0)
    if x <= share:
        return 0.0
    rest = (1.0 - x) * np.log((1.0 - x) / (1.0 - share)) if x < 1.0 else 0.0
    return n * (x * np.log(x / share) + rest)
