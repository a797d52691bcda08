"""Forecasts of many hourly series at once: a mixture of simple forecasts whose weights and errors are learned online.

Every six hours each series is forecast a week ahead; each hour that comes is compared with what was said of it, and
the experts that were nearer weigh more from then on. Nothing is fitted twice, nothing is looked at before its time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.forecast import profile, residuals
from pipeline.forecast.profile import DAY_H, EXPERTS, WEEK_H

ORIGIN_H = 6
"""Forecasts are made when an hour ends whose number, counted from 1970, leaves 5 when divided by this."""
READY_DAY_H, READY_WEEK_H = 48, 168
"""Hours a series has to be known before the next day, and the next week, is told of it."""
_ORIGINS, _DAYS = DAY_H // ORIGIN_H, 7
_SUMS = 2
"""What trust in experts is learned for apart from hours: the first day as a whole, later days."""
_WINDOWS = WEEK_H // ORIGIN_H
_KEEP_HOUR, _KEEP_DAY = 0.99, 0.97
"""How long an expert's errors are held against it: some hundred hours, some thirty days' forecasts."""
_SHARPNESS = 8.0
"""Weights are errors to the power of minus this."""
_BEYOND_BELIEF = 3.0
"""What is above the 95 % range by so many times its height is learned as that: a flood is not a habit."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Forecasts of n series, made after `hour` (hours since 1970)."""

    hour: int
    hourly: np.ndarray
    """float[n, 168], expected."""
    hourly_ranges: np.ndarray
    """float[n, 24, 4]: ends of the 80 % and the 95 % range of the next 24 hours; NaN while not known."""
    daily: np.ndarray
    """float[n, 7], sums of 24 hours each."""
    daily_ranges: np.ndarray
    """float[n, 7, 4]."""
    week: np.ndarray
    """float[n], the sum."""
    week_ranges: np.ndarray
    """float[n, 4]."""


class SeriesBank:
    """Up to `capacity` series of numbers that are not negative, one value an hour, all at the same hour.

    State: 15 KiB a series. Cost: for 768 series some 3 ms an hour and 70 ms every sixth hour.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._profile = profile.empty(capacity)
        self._errors = residuals.empty(capacity)
        k = len(EXPERTS)
        self._said = {
            "hours": np.full((capacity, _ORIGINS, DAY_H, k), np.nan, np.float32),
            "hours_mix": np.full((capacity, _ORIGINS, DAY_H), np.nan, np.float32),
            "days": np.full((capacity, _DAYS, _DAYS, k), np.nan, np.float32),
            "windows": np.full((capacity, _WINDOWS, _DAYS + 1), np.nan, np.float32),
            # The last column counts.
            "loss_hour": np.zeros((capacity, _ORIGINS, k + 1), np.float32),
            "loss_day": np.zeros((capacity, _SUMS, k + 1), np.float32),
        }

    def learn(self, rows: np.ndarray, hour: int, values: np.ndarray) -> None:
        """Learn the hour `hour` (since 1970) of the series `rows` int64[n]: values float[n] >= 0, NaN for unknown.

        Hours come one after the other; after a longer gap, `pause` first.
        """
        ceiling = self._judge(rows, hour, values)
        profile.learn(self._profile, rows, hour, values, np.minimum(values, ceiling))
        if hour % ORIGIN_H == ORIGIN_H - 1:
            self._judge_sums(rows, hour)

    def forecast(self, rows: np.ndarray, hour: int, kin: np.ndarray) -> Outlook:
        """The outlook after the hour learned last; it is kept to be judged by. kin int[n]: who is alike."""
        said = profile.forecasts(self._profile, rows, hour, WEEK_H)
        mixed = np.empty(said.shape[:2], np.float32)
        for b in range(_ORIGINS):
            part = slice(b * ORIGIN_H, (b + 1) * ORIGIN_H)
            mixed[:, part] = _mix(said[:, part], self._said["loss_hour"][rows, b])
        mixed[:, DAY_H:] = _mix(said[:, DAY_H:], self._said["loss_day"][rows, 1])
        days = said.reshape(len(rows), _DAYS, DAY_H, -1).sum(axis=2)
        daily = mixed.reshape(len(rows), _DAYS, DAY_H).sum(axis=2)
        daily[:, :1] = _mix(days[:, :1], self._said["loss_day"][rows, 0])
        sums = np.concatenate([daily, daily.sum(axis=1, keepdims=True)], axis=1)
        residuals.update(self._errors, rows, kin)
        self._keep(rows, hour, said, mixed, days, sums)
        return self._outlook(rows, hour, mixed, sums)

    def age(self, rows: np.ndarray) -> np.ndarray:
        """int64[n]: hours learned."""
        return np.asarray(self._profile["age"][rows])

    def last_week(self, rows: np.ndarray, hours: np.ndarray) -> np.ndarray:
        """float[n, h]: what the hours of the week brought last; NaN where it is not known."""
        return np.asarray(self._profile["last"][rows[:, None], hours % WEEK_H])

    def weights(self, rows: np.ndarray) -> np.ndarray:
        """float[n, experts]: trust in the experts for the next six hours."""
        return _weights(self._said["loss_hour"][rows, 0])

    def pause(self, rows: np.ndarray) -> None:
        """Hours were skipped: habits stay known, what was said of single hours is not judged."""
        self._profile["last"][rows] = np.nan
        for name in ("hours", "hours_mix", "days", "windows"):
            self._said[name][rows] = np.nan

    def forget(self, row: int) -> None:
        """Make a series as new."""
        for memory, fresh in zip(self._memories(), (profile.empty(1), residuals.empty(1), None), strict=True):
            for name, array in memory.items():
                array[row] = fresh[name][0] if fresh else 0.0 if name.startswith("loss") else np.nan

    def begin_quiet(self, row: int, hour: int, hours: int) -> None:
        """A new series is known to have been 0 in the `hours` before `hour`."""
        profile.begin_quiet(self._profile, row, hour, hours)

    def state(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Copies of the series `rows`."""
        return {name: array[rows] for memory in self._memories() for name, array in memory.items()}

    def load(self, state: dict[str, np.ndarray], rows: np.ndarray) -> None:
        """Put series back. Raises CheckpointError when they do not fit."""
        for memory in self._memories():
            for name, array in memory.items():
                found = state.get(name)
                if found is None or found.shape != (len(rows), *array.shape[1:]):
                    raise CheckpointError(f"the checkpoint's forecasts have another form ({name} differs)")
                array[rows] = found

    def _memories(self) -> tuple[dict[str, np.ndarray], ...]:
        return self._profile, self._errors, self._said

    def _judge(self, rows: np.ndarray, hour: int, values: np.ndarray) -> np.ndarray:
        """Hold an hour against what was said of it; float[n]: the most that is believed of it."""
        looks = np.arange(_ORIGINS)
        origins = hour - 1 - (hour % ORIGIN_H) - looks * ORIGIN_H  # the newest ended an hour with remainder 5
        at = (rows[:, None], (origins // ORIGIN_H) % _ORIGINS, hour - origins - 1)
        _blame(self._said["loss_hour"], (rows[:, None], looks), self._said["hours"][at], values[:, None], _KEEP_HOUR)
        mixed = self._said["hours_mix"][at]
        unit = residuals.scale(mixed)
        residuals.learn(self._errors, rows, looks, (values[:, None] - mixed) / unit)
        top = mixed[:, 0] + np.maximum(self._errors["ranges"][rows, 0, 3], 1.0) * unit[:, 0] * (1.0 + _BEYOND_BELIEF)
        return np.where(np.isnan(top), np.inf, top)

    def _judge_sums(self, rows: np.ndarray, hour: int) -> None:
        hours = hour - np.arange(DAY_H)
        day = self._profile["last"][rows[:, None], hours % WEEK_H].sum(axis=1)  # NaN while the series is too young
        number = hour // ORIGIN_H
        for d in range(1, _DAYS + 1):
            said = self._said["windows"][rows, (number - d * _ORIGINS) % _WINDOWS, d - 1]
            if d in (1, 2 + number % (_DAYS - 1)):  # one of the later days at a time, so that errors reach back weeks
                error = (day - said) / residuals.scale(said)
                residuals.learn(self._errors, rows, np.array([4 if d == 1 else 5]), error[:, None])
            if d > 1 and hour % DAY_H == DAY_H - 1:
                expert = self._said["days"][rows, (hour // DAY_H - d) % _DAYS, d - 1]
                _blame(self._said["loss_day"], (rows, 1), expert, day, _KEEP_DAY)
        experts = self._said["hours"][rows, number % _ORIGINS].sum(axis=1)
        _blame(self._said["loss_day"], (rows, 0), experts, day, _KEEP_DAY)
        said = self._said["windows"][rows, number % _WINDOWS, _DAYS]
        week = self._profile["last"][rows].sum(axis=1)
        residuals.learn(self._errors, rows, np.array([6]), ((week - said) / residuals.scale(said))[:, None])

    def _keep(
        self, rows: np.ndarray, hour: int, said: np.ndarray, mixed: np.ndarray, days: np.ndarray, sums: np.ndarray
    ) -> None:
        slot = (hour // ORIGIN_H) % _ORIGINS
        old = self._profile["age"][rows] >= DAY_H
        first = np.where(old[:, None], mixed[:, :DAY_H], np.nan)
        self._said["hours"][rows, slot] = np.where(old[:, None, None], said[:, :DAY_H], np.nan)
        self._said["hours_mix"][rows, slot] = first
        self._said["windows"][rows, (hour // ORIGIN_H) % _WINDOWS] = np.where(old[:, None], sums, np.nan)
        if hour % DAY_H == DAY_H - 1:
            self._said["days"][rows, (hour // DAY_H) % _DAYS] = np.where(old[:, None, None], days, np.nan)

    def _outlook(self, rows: np.ndarray, hour: int, mixed: np.ndarray, sums: np.ndarray) -> Outlook:
        ranges = self._errors["ranges"][rows]
        looks = np.repeat(np.arange(_ORIGINS), ORIGIN_H)
        daily, week = sums[:, :_DAYS], sums[:, _DAYS]
        day_looks = np.array([4] + [5] * (_DAYS - 1))
        return Outlook(
            hour,
            mixed,
            _ends(mixed[:, :DAY_H], ranges[:, looks]),
            daily,
            _ends(daily, ranges[:, day_looks]),
            week,
            _ends(week[:, None], ranges[:, 6:7])[:, 0],
        )


def _ends(expected: np.ndarray, ranges: np.ndarray) -> np.ndarray:
    ends = expected[..., None] + ranges * residuals.scale(expected)[..., None]
    return np.asarray(np.maximum(np.sort(ends, axis=-1)[..., [1, 2, 0, 3]], 0.0))


def _weights(loss: np.ndarray) -> np.ndarray:
    loss = loss[..., :-1]
    least = loss.min(axis=-1, keepdims=True)
    trust = ((loss + 1e-6) / (least + 1e-6)) ** -_SHARPNESS
    return np.asarray(trust / trust.sum(axis=-1, keepdims=True))


def _mix(said: np.ndarray, loss: np.ndarray) -> np.ndarray:
    return np.asarray((said * _weights(loss)[:, None, :]).sum(axis=2))


def _blame(loss: np.ndarray, at: tuple[Any, ...], said: np.ndarray, truth: np.ndarray, keep: float) -> None:
    """Mean of the experts' errors, of the latest the more. Absolute ones: one burst must not decide for days."""
    wrong = np.abs(said - truth[..., None])
    before = loss[at]
    count = before[..., -1:] + 1.0
    mean = before[..., :-1] + np.maximum(1.0 - keep, 1.0 / count) * (wrong - before[..., :-1])
    known = ~np.isnan(wrong).any(axis=-1, keepdims=True)
    loss[at] = np.where(known, np.concatenate([mean, count], axis=-1), before)
