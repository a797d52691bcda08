"""How good forecasts are, judged as they are made: from each origin on, by what came, beside the simplest forecasts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pipeline.forecast.open_hours import Key
from pipeline.forecast.profile import DAY_H, WEEK_H
from pipeline.forecast.series_bank import ORIGIN_H, SeriesBank

SPANS = ("each hour of 24", "next 24 hours", "each of days 2-7", "next 7 days")
WARM_H = 14 * DAY_H
"""Hours before the first forecast that is judged: two weeks, so that there is a last week."""
LEVELS = (0.1, 0.9, 0.025, 0.975)


class Peer(Protocol):
    """A forecaster of one series, in River's words."""

    def learn_one(self, y: float, x: None = None) -> None: ...

    def forecast(self, horizon: int, xs: None = None) -> list[float]: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """All forecasts of one span of n series: float[n, origins, windows], windows of the span side by side."""

    span: str
    truth: np.ndarray
    said: np.ndarray
    ranges: np.ndarray
    """float[n, origins, windows, 4]."""
    last_week: np.ndarray
    yesterday: np.ndarray
    """The last 24 hours (for seven days: seven times)."""
    peers: Mapping[str, np.ndarray]

    def errors(self) -> dict[str, np.ndarray]:
        """Mean absolute error of each series, by forecaster."""
        all_said = {"wardwatch": self.said, "last week": self.last_week, "yesterday": self.yesterday, **self.peers}
        return {name: np.abs(said - self.truth).mean(axis=(1, 2)) for name, said in all_said.items()}

    def inside(self) -> tuple[np.ndarray, np.ndarray]:
        """Share of truths inside the 80 % and the 95 % range, float[n] each."""
        low, high, low_95, high_95 = np.moveaxis(self.ranges, -1, 0)
        within = (low <= self.truth) & (self.truth <= high), (low_95 <= self.truth) & (self.truth <= high_95)
        return within[0].mean(axis=(1, 2)), within[1].mean(axis=(1, 2))

    def pinball(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean pinball loss of the four ends, float[n]: ours, and of last week's value as if it were sure."""
        losses = []
        for ends in (self.ranges, np.repeat(self.last_week[..., None], len(LEVELS), axis=-1)):
            off = self.truth[..., None] - ends
            level = np.array(LEVELS)
            losses.append(np.maximum(level * off, (level - 1) * off).mean(axis=(1, 2, 3)))
        return losses[0], losses[1]


def backtest(
    series: Mapping[Key, np.ndarray], first_hour: int, peers: Mapping[str, Callable[[], Peer]] | None = None
) -> tuple[list[Key], list[Judged]]:
    """Play hourly numbers, float[T] each from `first_hour` (since 1970) on, and judge what was said six-hourly.

    Peers are asked for the next 24 hours only, as they are slow. Empty where there are less than 22 days.
    """
    keys = sorted(series)
    values = np.array([series[key] for key in keys])
    if not keys or values.shape[1] < WARM_H + WEEK_H + DAY_H:
        return keys, []
    origins, outlooks = _play(keys, values, first_hour)
    asked = _ask(values, origins, peers or {})
    judged = [_hourly(values, origins, outlooks, asked), _daily(values, origins, outlooks, asked)]
    far = [k for k, t in enumerate(origins) if t + 1 + WEEK_H <= values.shape[1]]
    return keys, judged + _weekly(values, [origins[k] for k in far], [outlooks[k] for k in far])


def _play(keys: Sequence[Key], values: np.ndarray, first_hour: int) -> tuple[list[int], list[tuple[np.ndarray, ...]]]:
    kinds = sorted({(scope, what) for scope, _, what in keys})
    kin = np.array([kinds.index((scope, what)) for scope, _, what in keys])
    bank, rows = SeriesBank(len(keys)), np.arange(len(keys))
    origins: list[int] = []
    outlooks: list[tuple[np.ndarray, ...]] = []
    for t in range(values.shape[1]):
        bank.learn(rows, first_hour + t, values[:, t])
        if (first_hour + t) % ORIGIN_H == ORIGIN_H - 1:
            o = bank.forecast(rows, first_hour + t, kin)
            if t + 1 >= WARM_H and t + 1 + DAY_H <= values.shape[1]:
                origins.append(t)
                week = o.week[:, None], o.week_ranges[:, None]
                outlooks.append((o.hourly[:, :DAY_H], o.hourly_ranges, o.daily, o.daily_ranges, *week))
    return origins, outlooks


def _ask(values: np.ndarray, origins: Iterable[int], peers: Mapping[str, Callable[[], Peer]]) -> dict[str, np.ndarray]:
    """By peer, float[n, origins, 24]; what a peer cannot say is what it said before, at first nothing."""
    wanted = set(origins)
    found = {}
    for name, make in peers.items():
        told = []
        for row in values:
            model, latest, mine = make(), [0.0] * DAY_H, []
            for t, y in enumerate(row.tolist()):
                model.learn_one(y)
                if t in wanted:
                    latest = _finite(model.forecast(DAY_H), latest)
                    mine.append(latest)
            told.append(mine)
        found[name] = np.array(told)
    return found


def _finite(said: list[float], before: list[float]) -> list[float]:
    return [max(y, 0.0) if np.isfinite(y) else b for y, b in zip(said, before, strict=True)]


def _ahead(values: np.ndarray, origins: Sequence[int], shift: int, hours: int) -> np.ndarray:
    """float[n, origins, hours] from each origin on, moved by `shift` hours."""
    return np.stack([values[:, t + 1 + shift : t + 1 + shift + hours] for t in origins], axis=1)


def _hourly(
    values: np.ndarray, origins: Sequence[int], outlooks: list[tuple[np.ndarray, ...]], asked: dict[str, np.ndarray]
) -> Judged:
    return Judged(
        SPANS[0], _ahead(values, origins, 0, DAY_H), _stack(outlooks, 0), _stack(outlooks, 1),
        _ahead(values, origins, -WEEK_H, DAY_H), _ahead(values, origins, -DAY_H, DAY_H), asked,
    )  # fmt: skip


def _daily(
    values: np.ndarray, origins: Sequence[int], outlooks: list[tuple[np.ndarray, ...]], asked: dict[str, np.ndarray]
) -> Judged:
    truth, week, day = (_ahead(values, origins, shift, DAY_H).sum(2, keepdims=True) for shift in (0, -WEEK_H, -DAY_H))
    peers = {name: said.sum(2, keepdims=True) for name, said in asked.items()}
    return Judged(SPANS[1], truth, _stack(outlooks, 2)[:, :, :1], _stack(outlooks, 3)[:, :, :1], week, day, peers)


def _weekly(values: np.ndarray, origins: Sequence[int], outlooks: list[tuple[np.ndarray, ...]]) -> list[Judged]:
    truth, week = (_days(_ahead(values, origins, shift, WEEK_H)) for shift in (0, -WEEK_H))
    day = _ahead(values, origins, -DAY_H, DAY_H).sum(2, keepdims=True)
    days = Judged(
        SPANS[2], truth[:, :, 1:], _stack(outlooks, 2)[:, :, 1:], _stack(outlooks, 3)[:, :, 1:], week[:, :, 1:],
        np.repeat(day, 6, axis=2), {},
    )  # fmt: skip
    sums = truth.sum(2, keepdims=True), _stack(outlooks, 4), _stack(outlooks, 5), week.sum(2, keepdims=True), day * 7
    return [days, Judged(SPANS[3], *sums, {})]


def _stack(outlooks: list[tuple[np.ndarray, ...]], which: int) -> np.ndarray:
    return np.stack([o[which] for o in outlooks], axis=1)


def _days(hours: np.ndarray) -> np.ndarray:
    return np.asarray(hours.reshape(*hours.shape[:2], -1, DAY_H).sum(axis=3))
