"""How far forecasts were off, and the ranges that follow from it: conformal intervals that correct themselves.

A forecast's error is divided by the root of what was expected (counts scatter by it) and remembered by how far ahead
it looked. A range is made of quantiles of these; when it held the truth too rarely it is widened, when too often it is
narrowed (Gibbs, Candès 2021: adaptive conformal inference), each side for itself.
"""

import numpy as np

LOOKS = ("1-6 h", "7-12 h", "13-18 h", "19-24 h", "day 1", "days 2-7", "7 days")
"""How far ahead: hours within the next day, whole days, the week as a whole."""
LEVELS = (0.1, 0.9, 0.025, 0.975)
"""Quantiles told: ends of the 80 % and of the 95 % range."""
_SIZE = 224
"""Errors remembered of a look: of hours nine days, of days and weeks, which are looked at four times a day, 56."""
_A_DAY = np.array([24.0, 24.0, 24.0, 24.0, 1.0, 1.0, 1 / 7])
_TIMES = np.array([24.0, 24.0, 24.0, 24.0, 4.0, 4.0, 4.0])
_YOUNG = np.array([0.5, 0.5, 0.8, 0.8])
"""What few errors tell is uncertain itself: ranges are wider by so many parts of the number of errors that are
independent (spans overlap), as Student's t is wider than the normal distribution."""
_STEP = np.array([0.01, 0.01, 0.01, 0.01, 0.015, 0.015, 0.004], np.float32)
"""How fast a range is corrected: a level is right within some days; spans that overlap err together, so that faster
correction of days and weeks would chase its own echo."""
_POOL = 20.0
"""Errors of like series count as so many of its own."""
_LEAST = 8
_WEEK_SPREAD, _WEEK_KNOWN = 1.4, 56
"""A week's error is, in these units, so many times a day's: between 1 (days err independently) and 2.6, the root of
seven (all alike). What was seen of weeks replaces that as their errors become many; they overlap, two weeks' worth are
few."""


def scale(expected: np.ndarray) -> np.ndarray:
    """The unit errors are measured in."""
    return np.asarray(np.sqrt(np.maximum(expected, 0.0) + 1.0))


def empty(series: int) -> dict[str, np.ndarray]:
    """The memory of so many series that forecast nothing yet."""
    looks = (series, len(LOOKS))
    return {
        "errors": np.full((*looks, _SIZE), np.nan, np.float32),
        "seen": np.zeros(looks, np.int64),
        "levels": np.tile(np.array(LEVELS, np.float32), (*looks, 1)),
        "ranges": np.full((*looks, len(LEVELS)), np.nan, np.float32),
    }


def learn(memory: dict[str, np.ndarray], rows: np.ndarray, looks: np.ndarray, errors: np.ndarray) -> None:
    """Learn errors float[n, looks] in units of `scale`, one a look; NaN: there was no forecast."""
    at = (rows[:, None], looks)
    known = ~np.isnan(errors)
    told, levels, seen = memory["ranges"][at], memory["levels"][at], memory["seen"][at]
    goal = np.array(LEVELS, np.float32)
    moved = np.clip(
        levels + _STEP[looks][:, None] * (goal - (errors[..., None] <= told)), goal * 0.1, 1 - (1 - goal) * 0.1
    )
    memory["levels"][at] = np.where(known[..., None] & ~np.isnan(told), moved, levels)
    place = (*at, seen % _SIZE)
    memory["errors"][place] = np.where(known, errors, memory["errors"][place])
    memory["seen"][at] = seen + known


def update(memory: dict[str, np.ndarray], rows: np.ndarray, kin: np.ndarray) -> None:
    """Make the ranges anew. kin int[n]: series of the same number lend each other what they know."""
    errors, count = np.sort(memory["errors"][rows], axis=2), np.minimum(memory["seen"][rows], _SIZE)  # NaN last
    size = np.nan_to_num(np.abs(errors)).sum(axis=2) / np.maximum(count, 1)
    levels = memory["levels"][rows]
    own = _quantiles(errors, count, levels)
    out = np.full_like(own, np.nan)
    for number in np.unique(kin).tolist():
        mine = np.flatnonzero(kin == number)
        for look in range(len(LOOKS)):
            able = mine[count[mine, look] >= _LEAST]
            if len(able):
                usual = float(np.median(size[able, look]))
                relative = errors[able, look] / np.maximum(size[able, look], 1e-6)[:, None]
                flat = np.sort(relative[~np.isnan(relative)])
                like = flat[np.clip((levels[mine, look] * len(flat)).astype(np.int64), 0, len(flat) - 1)]
                n = count[mine, look].astype(np.float64)
                unit = (n * size[mine, look] + _LEAST * usual) / (n + _LEAST)
                part = (n / (n + _POOL))[:, None]
                out[mine, look] = part * np.nan_to_num(own[mine, look]) + (1 - part) * like * unit[:, None]
    # The week as a whole, where none has passed since its first forecast.
    known = np.minimum(count[:, 6] / _WEEK_KNOWN, 1.0)[:, None]
    week, day = out[:, 6], out[:, 5] * _WEEK_SPREAD
    out[:, 6] = np.where(np.isnan(week), day, known * week + (1 - known) * day)
    independent = memory["seen"][rows] / _TIMES * _A_DAY
    memory["ranges"][rows] = out * (1.0 + _YOUNG / (1.0 + independent[..., None]))


def _quantiles(errors: np.ndarray, count: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """float[n, looks, 4] of sorted errors, the first `count` of which are known; with the conformal n + 1 at both
    ends."""
    place = levels * (count[..., None] + 1) - 1
    place = np.where(levels > 0.5, np.ceil(place), np.floor(place)).astype(np.int64)
    place = np.clip(place, 0, np.maximum(count - 1, 0)[..., None])
    return np.asarray(np.take_along_axis(errors, place, axis=2))
