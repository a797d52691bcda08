"""The mixture: it finds the rhythm, its ranges hold what they promise, and floods are not learned."""

import numpy as np
import pytest

from pipeline.errors import CheckpointError
from pipeline.forecast.hourly_mixture import HourlyMixture
from pipeline.forecast.series_bank import ORIGIN_H, Outlook, SeriesBank

MONDAY = 492_336  # hours since 1970 of 2026-03-02 00:00 UTC


def shape(hours: np.ndarray) -> np.ndarray:
    """A working week: busy by day, half as busy at weekends."""
    by_day = 10 + 60 * np.exp(-(((hours % 24) - 11) ** 2) / 20)
    return np.asarray(by_day * np.where((hours // 24 + 3) % 7 >= 5, 0.5, 1.0))


def played(bank: SeriesBank, values: np.ndarray, first: int = MONDAY) -> list[Outlook]:
    """All outlooks of series float[n, hours]."""
    rows = np.arange(len(values))
    outlooks = []
    for h in range(values.shape[1]):
        bank.learn(rows, first + h, values[:, h])
        if (first + h) % ORIGIN_H == ORIGIN_H - 1:
            outlooks.append(bank.forecast(rows, first + h, np.zeros(len(rows), np.int64)))
    return outlooks


def drawn(series: int, weeks: int, seed: int = 1) -> np.ndarray:
    """Counts around the shape."""
    mean = shape(MONDAY + np.arange(weeks * 168))
    return np.random.default_rng(seed).poisson(mean, (series, len(mean))).astype(float)


def test_it_finds_the_week() -> None:
    outlook = played(SeriesBank(4), drawn(4, 4))[-1]
    expected = shape(outlook.hour + 1 + np.arange(168))
    assert np.abs(outlook.hourly / expected - 1).mean() < 0.12
    assert np.abs(outlook.week / expected.sum() - 1).max() < 0.03
    assert np.allclose(outlook.daily.sum(axis=1), outlook.week, rtol=1e-4)


def test_it_is_nearer_than_last_week_and_its_ranges_hold() -> None:
    values = drawn(30, 5)
    outlooks = [o for o in played(SeriesBank(30), values) if MONDAY + 2 * 168 <= o.hour < MONDAY + 4 * 168]
    truth = np.stack([values[:, o.hour + 1 - MONDAY :][:, :24] for o in outlooks])
    before = np.stack([values[:, o.hour + 1 - 168 - MONDAY :][:, :24] for o in outlooks])
    expected = np.stack([o.hourly[:, :24] for o in outlooks])
    ranges = np.stack([o.hourly_ranges for o in outlooks])
    assert np.abs(expected - truth).mean() < 0.8 * np.abs(before - truth).mean()
    assert ((ranges[..., 0] <= truth) & (truth <= ranges[..., 1])).mean() == pytest.approx(0.8, abs=0.03)
    assert ((ranges[..., 2] <= truth) & (truth <= ranges[..., 3])).mean() == pytest.approx(0.95, abs=0.02)


def test_a_level_that_doubles_is_followed() -> None:
    values = drawn(4, 5)
    values[:, 3 * 168 :] *= 2
    later = [o for o in played(SeriesBank(4), values) if o.hour == MONDAY + 4 * 168 - 1]
    expected = 2 * shape(later[0].hour + 1 + np.arange(168)).sum()
    assert np.abs(later[0].week / expected - 1).max() < 0.15


def test_a_flood_is_not_a_habit() -> None:
    values, calm = drawn(1, 4), drawn(1, 4)
    values[:, 500:504] = 50_000.0
    flooded, usual = played(SeriesBank(1), values)[-1], played(SeriesBank(1), calm)[-1]
    assert flooded.week[0] < 1.25 * usual.week[0]


def test_a_burst_at_the_beginning_is_cut() -> None:
    values = drawn(1, 3)
    values[:, 0] += 20_000.0
    outlook = played(SeriesBank(1), values)[-1]
    assert outlook.week[0] < 1.15 * shape(np.arange(MONDAY, MONDAY + 168)).sum()


def test_unknown_hours_are_no_zeros() -> None:
    values = drawn(2, 3)
    values[:, 400:440] = np.nan
    outlook = played(SeriesBank(2), values)[-1]
    assert np.isfinite(outlook.hourly).all()
    assert np.abs(outlook.week / shape(np.arange(MONDAY, MONDAY + 168)).sum() - 1).max() < 0.08


def test_state_goes_on_where_it_was() -> None:
    values = drawn(3, 3)
    first, second = SeriesBank(8), SeriesBank(8)
    played(first, values[:, :400])
    rows = np.arange(3)
    second.load(first.state(rows), rows)
    whole, parted = played(first, values[:, 400:], MONDAY + 400), played(second, values[:, 400:], MONDAY + 400)
    for a, b in zip(whole, parted, strict=True):
        assert np.array_equal(a.hourly_ranges, b.hourly_ranges, equal_nan=True)
    with pytest.raises(CheckpointError, match="another form"):
        second.load({}, rows)


def test_forgetting_makes_as_new() -> None:
    bank = SeriesBank(2)
    played(bank, drawn(2, 2))
    for row in range(2):
        bank.forget(row)
    fresh = SeriesBank(2).state(np.arange(2))
    assert all(np.array_equal(a, fresh[name], equal_nan=True) for name, a in bank.state(np.arange(2)).items())


def test_rivers_form_says_what_the_bank_says() -> None:
    values = drawn(1, 2)
    model, bank = HourlyMixture(MONDAY), SeriesBank(1)
    for y in values[0]:
        model.learn_one(float(y))
    outlook = played(bank, values)[-1]
    assert model.forecast(24) == pytest.approx(outlook.hourly[0, :24])
    assert model.ranges()[5] == pytest.approx(tuple(outlook.hourly_ranges[0, 5]))
    with pytest.raises(ValueError, match="168 hours"):
        model.forecast(169)
