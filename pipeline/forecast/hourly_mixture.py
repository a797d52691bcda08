"""The forecaster of a single series in River's form: for a notebook, for comparison, for whoever plugs it in."""

from typing import Any

import numpy as np
from river.time_series.base import Forecaster

from pipeline.forecast.profile import DAY_H, WEEK_H
from pipeline.forecast.series_bank import ORIGIN_H, Outlook, SeriesBank


class HourlyMixture(Forecaster):
    """`SeriesBank` with one series: numbers that are not negative, one an hour, the first at `first_hour` (since 1970).

    Forecasts are those made at the latest hour whose number leaves 5 when divided by six, or now while there is none.

    >>> model = HourlyMixture()
    >>> for hour in range(21 * 24):
    ...     model.learn_one(40.0 if 8 <= hour % 24 < 18 else 4.0)
    >>> [round(y) for y in model.forecast(horizon=12)]
    [4, 4, 4, 4, 4, 4, 4, 4, 40, 40, 40, 40]
    """

    def __init__(self, first_hour: int = 0) -> None:
        self.first_hour = first_hour
        self._bank = SeriesBank(1)
        self._row = np.zeros(1, np.int64)
        self._hour = first_hour - 1
        self._latest: Outlook | None = None

    def learn_one(self, y: float, x: dict[str, Any] | None = None) -> None:
        """Learn the next hour; NaN for one of which nothing is known."""
        self._hour += 1
        self._bank.learn(self._row, self._hour, np.array([y]))
        if self._hour % ORIGIN_H == ORIGIN_H - 1:
            self._latest = self._bank.forecast(self._row, self._hour, self._row)

    def forecast(self, horizon: int, xs: list[dict[str, Any]] | None = None) -> list[float]:
        """The expected numbers of the next hours, up to a week less six hours."""
        outlook = self.outlook()
        passed = self._hour - outlook.hour
        if horizon > WEEK_H - passed:
            raise ValueError(f"it looks {WEEK_H} hours ahead; asked for {horizon}")
        return [float(y) for y in outlook.hourly[0, passed : passed + horizon]]

    def ranges(self) -> list[tuple[float, float, float, float]]:
        """Ends of the 80 % and the 95 % range of the 24 hours after the latest forecast; NaN while not known."""
        return [tuple(map(float, ends)) for ends in self.outlook().hourly_ranges[0, :DAY_H]]  # type: ignore[misc]

    def outlook(self) -> Outlook:
        """All that is expected."""
        return self._latest or self._bank.forecast(self._row, self._hour, self._row)
