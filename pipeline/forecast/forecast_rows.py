"""Rows of the tables `forecasts` and `observed_hours`."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.forecast.open_hours import Key
from pipeline.forecast.profile import DAY_H, WEEK_H
from pipeline.forecast.series_bank import READY_WEEK_H, Outlook

MODEL = "mixture-1"
_HOUR_MS = 3_600_000
_MS = pa.timestamp("ms", "UTC")
_ENDS = ("low", "high", "low_95", "high_95")


class ForecastRows:
    """Gathers rows until they are asked for. Of entities only the sums are told, of others hours and days too."""

    def __init__(self) -> None:
        self._observed: list[tuple[int, Sequence[Key], np.ndarray]] = []
        self._said: dict[str, list[Any]] = defaultdict(list)

    def observed(self, hour: int, keys: Sequence[Key], values: np.ndarray) -> None:
        """What an hour brought."""
        self._observed.append((hour, keys, values))

    def forecast(
        self, outlook: Outlook, which: np.ndarray, keys: Sequence[Key], last_week: np.ndarray, age: np.ndarray
    ) -> None:
        """The outlook of the series `which`; last_week float[n, 168]: what the same hours brought a week ago."""
        for k in which.tolist():
            week = age[k] >= READY_WEEK_H
            if keys[k][0] != "entity":
                for h in range(DAY_H):
                    self._add(outlook, keys[k], h, 1, outlook.hourly[k, h], outlook.hourly_ranges[k, h], last_week[k])
                for d in range(1, 7 if week else 0):
                    of_day = outlook.daily[k, d], outlook.daily_ranges[k, d]
                    self._add(outlook, keys[k], d * DAY_H, DAY_H, *of_day, last_week[k])
            self._add(outlook, keys[k], 0, DAY_H, outlook.daily[k, 0], outlook.daily_ranges[k, 0], last_week[k])
            if week:
                self._add(outlook, keys[k], 0, WEEK_H, outlook.week[k], outlook.week_ranges[k], last_week[k])

    def tables(self) -> dict[str, pa.Table]:
        """Everything gathered since last asked; tables without rows are left out."""
        found = {}
        if self._said:
            found["forecasts"] = _forecasts(self._said)
        if self._observed:
            found["observed_hours"] = _observed(self._observed)
        self._said, self._observed = defaultdict(list), []
        return found

    def _add(
        self, outlook: Outlook, key: Key, begin: int, span: int, expected: float, ends: np.ndarray, before: np.ndarray
    ) -> None:
        row = dict(zip(("scope", "name", "what"), key, strict=True)) | {
            "made_at": (outlook.hour + 1) * _HOUR_MS,
            "from_ts": (outlook.hour + 1 + begin) * _HOUR_MS,
            "to_ts": (outlook.hour + 1 + begin + span) * _HOUR_MS,
            "expected": float(expected),
            "last_week": float(before[begin : begin + span].sum()),
        }
        for name, value in (row | dict(zip(_ENDS, ends.tolist(), strict=True))).items():
            self._said[name].append(value)


def _forecasts(said: dict[str, list[Any]]) -> pa.Table:
    columns: dict[str, pa.Array] = {name: pa.array(said[name], pa.string()) for name in ("scope", "name", "what")}
    columns |= {name: pa.array(said[name], pa.int64()).cast(_MS) for name in ("made_at", "from_ts", "to_ts")}
    numbers = ("expected", *_ENDS, "last_week")
    columns |= {name: pa.array(np.array(said[name], np.float32), from_pandas=True) for name in numbers}
    return pa.table(columns | {"model": pa.array([MODEL] * len(said["name"]), pa.string())})


def _observed(observed: list[tuple[int, Sequence[Key], np.ndarray]]) -> pa.Table:
    keys = [key for _, some, _ in observed for key in some]
    hours = np.concatenate([np.full(len(some), hour, np.int64) for hour, some, _ in observed])
    return pa.table(
        {
            "scope": pa.array([key[0] for key in keys], pa.string()),
            "name": pa.array([key[1] for key in keys], pa.string()),
            "what": pa.array([key[2] for key in keys], pa.string()),
            "hour": pa.array(hours * _HOUR_MS).cast(_MS),
            "value": pa.array(np.concatenate([values for _, _, values in observed]).astype(np.float32)),
        }
    )
