"""Proportions of people, compared: intervals and tests that hold for few of them, too."""

import math
from collections.abc import Sequence

Z_95 = 1.959964
"""Of a normal distribution: 95 % lie within so many standard deviations."""


def wilson(count: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Interval of a proportion (Wilson, JASA 1927): never outside 0 to 1, and of use from a handful on.

    >>> [round(x, 3) for x in wilson(10, 100)], wilson(0, 0)
    ([0.055, 0.174], (0.0, 1.0))
    """
    if total <= 0:
        return 0.0, 1.0
    share, more = count / total, z * z / total
    middle = (share + more / 2.0) / (1.0 + more)
    room = z / (1.0 + more) * math.sqrt(share * (1.0 - share) / total + more / (4.0 * total))
    # At either end the bound is the end, but for the rounding of a root.
    return (0.0 if count == 0 else max(middle - room, 0.0)), (1.0 if count == total else min(middle + room, 1.0))


def risk_ratio(count: int, total: int, other: int, other_total: int, z: float = Z_95) -> tuple[float, float, float]:
    """(ratio, low, high) of two proportions, by the logarithm (Katz et al., Biometrics 1978).

    Where one of the counts is 0, one half is added to both and to the totals (Pettigrew et al., Biometrika 1986).

    >>> [round(x, 3) for x in risk_ratio(15, 30, 10, 40)]
    [2.0, 1.049, 3.812]
    """
    if min(total, other_total) <= 0:
        return math.nan, 0.0, math.inf
    add = 0.5 if min(count, other) == 0 else 0.0
    a, n, b, m = count + add, total + add, other + add, other_total + add
    ratio = (a / n) / (b / m)
    room = z * math.sqrt(max(1.0 / a - 1.0 / n + 1.0 / b - 1.0 / m, 0.0))
    return ratio, ratio * math.exp(-room), ratio * math.exp(room)


def fisher(count: int, total: int, other: int, other_total: int) -> float:
    """Two-sided probability of a table as unlikely as this, were both proportions one (Fisher's exact test).

    >>> round(fisher(8, 10, 1, 6), 4), fisher(0, 10, 0, 5)
    (0.035, 1.0)
    """
    found, everyone = count + other, total + other_total
    first, last = max(0, found - other_total), min(found, total)
    whole = _log_choose(everyone, found)
    logs = [_log_choose(total, k) + _log_choose(other_total, found - k) - whole for k in range(first, last + 1)]
    seen = logs[count - first] + 1e-9  # as unlikely, but for the last digits
    return min(sum(math.exp(log) for log in logs if log <= seen), 1.0)


def holm(values: Sequence[float]) -> list[float]:
    """Probabilities corrected for how many were looked at (Holm, Scand. J. Statist. 1979), in the order given.

    >>> [round(x, 3) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    out, worst = [1.0] * len(values), 0.0
    for place, k in enumerate(sorted(range(len(values)), key=lambda k: values[k])):
        worst = max(worst, min(values[k] * (len(values) - place), 1.0))
        out[k] = worst
    return out


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
