"""What was usual of a count of days, and the least that would have been found: for explanations."""

import math
from collections.abc import Mapping, Sequence

from pipeline.detectors.usual_range import EIGHT_IN_TEN
from pipeline.models.count_tail import TINY, upper_tail
from schemas.finding import Feature

NAMES: Sequence[str] = ("patients", "expected", "days", "peers", "spread", "unit")
"""Evidence of `DailyCounts`, in the order of what it gives after the score; `spread` is the variance."""
_MOST = 2000  # as far as `upper_tail` counts


def daily_feature(name: str, unit: str, e: Mapping[str, float]) -> Feature:
    """The count with the user's range and that of colleagues, whose counts differ as much as the user's do."""
    wide = EIGHT_IN_TEN * math.sqrt(max(e["spread"], 0.0)) / max(e["expected"], 1e-9)
    return Feature(
        name=name, value=round(e["patients"], 2), unit=unit, usual_low=0, usual_high=_high(e["expected"], wide),
        peer_low=0, peer_high=_high(e["peers"], wide),
    )  # fmt: skip


def fewest(mean: float, variance: float, rare: float, limit: float, least: float = 1.0, unit: float = 1.0) -> int:
    """The least sum, counted in units of `unit`, whose tail scores `limit`, where one of `rare` scores a half; at least
    `least`."""
    tail = (1.0 - min(limit, 1.0 - 1e-9)) ** (math.log(rare) / math.log(0.5))
    tail = max(tail, TINY) * (1.0 + 1e-9)  # what is less likely all scores alike
    low, high = 0, _MOST  # invariant: low is too likely
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if upper_tail(float(middle), mean / unit, variance / unit**2) <= tail else (middle, high)
        )
    return max(math.floor((high - 1) * unit) + 1, math.ceil(least))


def _high(mean: float, wide: float) -> float:
    return round(max(mean, 0.0) * (1.0 + wide), 2)
