"""When a hospital is awake: shifts, the day's curve and the week's."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

HOUR_S = 3600.0
DAY_S = 86_400.0
# Relative human activity by hour of day (UTC stands for local time): rounds in the morning, handovers 7, 15, 23.
_HOURS = (25, 22, 20, 20, 22, 30, 55, 95, 120, 130, 130, 120, 105, 115, 120, 110, 90, 75, 65, 60, 55, 48, 42, 36)
_WEEKEND = 0.6
Curve = Callable[[float], float]


def weekday(ts: float) -> int:
    """0 Monday … 6 Sunday (1970-01-01 was a Thursday)."""
    return (int(ts // DAY_S) + 3) % 7


def hour_of_day(ts: float) -> float:
    """Hours since midnight, [0, 24)."""
    return ts % DAY_S / HOUR_S


def human(ts: float) -> float:
    """Activity of people, around 1 on average over a working day."""
    hour = hour_of_day(ts)
    low = int(hour)
    part = hour - low
    level = _HOURS[low] * (1 - part) + _HOURS[(low + 1) % 24] * part
    return level / 71.25 * (_WEEKEND if weekday(ts) >= 5 else 1.0)


def machine(ts: float) -> float:
    """Activity of servers: half of it follows the people."""
    return 0.5 + 0.5 * human(ts)


def office(ts: float) -> float:
    """Activity of offices (billing, research): working hours on weekdays, a trickle otherwise."""
    if weekday(ts) >= 5:
        return 0.05
    return 2.2 if 8 <= hour_of_day(ts) < 17 else 0.1


def constant(_ts: float) -> float:
    """What knows neither day nor night."""
    return 1.0


def mean(curve: Curve, start_ts: float, seconds: float) -> float:
    """Average of a curve over a span, so that the rate asked for is met in any span."""
    steps = int(min(4096, max(64, seconds / 600)))
    offsets = (np.arange(steps) + 0.5) * (seconds / steps)
    return float(np.mean([curve(start_ts + float(o)) for o in offsets]))


@lru_cache(maxsize=64)
def shift_of(hour: int) -> str:
    """Name of the shift in which an hour of the day falls."""
    if 7 <= hour < 15:
        return "day"
    return "evening" if 15 <= hour < 23 else "night"
