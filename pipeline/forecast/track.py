"""The series of one source, or of risk, hour by hour: sources are not equally far when they catch up."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.forecast.forecast_rows import ForecastRows
from pipeline.forecast.open_hours import Key, OpenHours
from pipeline.forecast.profile import WEEK_H
from pipeline.forecast.series_bank import ORIGIN_H, READY_DAY_H, SeriesBank
from pipeline.forecast.series_index import SeriesIndex

LONGEST_GAP_H = 72
"""After a longer silence of everything, what was said of single hours is dropped and habits are kept."""


class Track:
    """Up to `capacity` series; where more are wanted, entities that were quiet longest go first, and those of the last
    day stay. With `every`, an hour of which nobody speaks was quiet, else it is unknown."""

    def __init__(self, capacity: int, rows: ForecastRows, *, every: bool = False) -> None:
        self.hours = OpenHours(every=every)
        self._bank = SeriesBank(capacity)
        self._index = SeriesIndex(capacity)
        self._last: int | None = None
        self._born: int | None = None
        self._rows = rows

    def advance(self) -> None:
        """Learn the hours that are over by now."""
        for hour, numbers, spoken in self.hours.close():
            self._close(hour, numbers, spoken)

    def kept(self) -> dict[str, Any]:
        """What is no array, for JSON."""
        return {"hours": self.hours.state(), "index": self._index.state(), "last": self._last, "born": self._born}

    def state(self) -> dict[str, np.ndarray]:
        """The arrays."""
        return self._bank.state(self._index.rows())

    def load(self, kept: Mapping[str, Any], state: dict[str, np.ndarray]) -> None:
        """Into a new one. Raises CheckpointError, or KeyError and the like, when it does not fit."""
        self.hours.load(kept["hours"])
        self._index.load(kept["index"])
        self._last, self._born = kept["last"], kept["born"]
        self._bank.load(state, self._index.rows())

    def _close(self, hour: int, numbers: Mapping[Key, float], spoken: bool) -> None:
        if self._last is not None and hour <= self._last:
            return
        gap = 0 if self._last is None else hour - self._last - 1
        if gap > LONGEST_GAP_H:
            self._bank.pause(self._index.rows())
        else:
            for h in range(hour - gap, hour):
                self._learn(h, {}, spoken=False)
        self._learn(hour, numbers, spoken)

    def _learn(self, hour: int, numbers: Mapping[Key, float], spoken: bool) -> None:
        """One more hour of all series; an hour of which no lane spoke is unknown, not empty."""
        self._born = hour if self._born is None else self._born
        for key, row in self._index.admit(numbers, hour):
            self._bank.forget(row)
            if key[2] == "risk":  # there was none before; of events one cannot know
                self._bank.begin_quiet(row, hour, hour - self._born)
        self._last = hour
        rows = self._index.rows()
        if not len(rows):
            return
        keys = self._index.keys()
        values = np.array([numbers.get(key, 0.0 if spoken else np.nan) for key in keys])
        self._bank.learn(rows, hour, values)
        if spoken:
            self._rows.observed(hour, keys, values)
        if hour % ORIGIN_H != ORIGIN_H - 1:
            return
        outlook = self._bank.forecast(rows, hour, self._index.kin())
        ready = np.flatnonzero(self._bank.age(rows) >= READY_DAY_H)
        if len(ready):
            hours = hour + 1 + np.arange(WEEK_H)
            self._rows.forecast(outlook, ready, keys, self._bank.last_week(rows, hours), self._bank.age(rows))
