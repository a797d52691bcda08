"""The reference that cannot be taught in a hurry, beside the norm that can."""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.detectors.memory.slow_reference import DAY_S, SlowReference
from pipeline.detectors.memory.usual_amount import UsualAmount

HOUR_S = 3600.0
Amount = Callable[[int], float]


def hourly(amount: Amount, days: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """(times, amounts) of one event an hour, with a third of noise."""
    rng = np.random.default_rng(seed)
    hours = np.arange(24 * days)
    return HOUR_S * hours + 60.0, np.array([amount(int(h)) for h in hours]) * rng.lognormal(0.0, 0.3, len(hours))


def days_found(amount: Amount, days: int, least: float = 0.0) -> list[int]:
    """Days on which the reference finds too much."""
    ts, sizes = hourly(amount, days)
    key, group = np.full(len(ts), 9, np.uint64), np.zeros(len(ts), np.int32)
    score, *_ = SlowReference(1, 64, least).add(key, sizes, ts, group)
    return sorted({int(t // DAY_S) for t in ts[np.nan_to_num(score) >= 0.5]})


def ramp(hour: int) -> float:
    return 100.0 * float(1.05 ** min(max(hour - 24 * 14, 0), 120))


def test_a_ramp_drags_the_norm_along_but_not_the_reference() -> None:
    ts, sizes = hourly(ramp, 19)
    key, group = np.full(len(ts), 9, np.uint64), np.zeros(len(ts), np.int32)
    deviations = UsualAmount(1, 64, HOUR_S).add(key, key, sizes, ts, group).deviations
    during = np.nan_to_num(deviations[24 * 14 :])
    assert np.median(during[-24:]) < 2.0  # a hundred times the usual, and as unusual as one hour in twenty
    assert during.max() < 3.5  # what `network.exfiltration` asks for at a place that others use
    assert days_found(ramp, 19)[0] in (15, 16)


@pytest.mark.parametrize("a_day", [1.0, 1.02, 0.97])
def test_what_grows_as_hospitals_do_is_not_found(a_day: float) -> None:
    assert days_found(lambda hour: 100.0 * a_day ** (hour / 24), 60) == []


def test_a_leap_and_the_level_it_leaves_behind_are_no_ramp() -> None:
    assert days_found(lambda hour: 100.0 if hour < 24 * 14 else 3000.0, 60) == []


def test_a_ramp_on_top_of_an_accepted_level_is_found() -> None:
    def leap_then_ramp(hour: int) -> float:
        return (100.0 if hour < 24 * 14 else 3000.0) * 1.05 ** min(max(hour - 24 * 30, 0), 100)

    assert days_found(leap_then_ramp, 36)[0] in (31, 32)


def test_who_was_to_know_knows_after_three_days() -> None:
    def plateau(hour: int) -> float:
        return 100.0 * 1.05 ** min(max(hour - 24 * 14, 0), 60)

    found = days_found(plateau, 60)
    assert 3 <= len(found) <= 4
    assert found == list(range(found[0], found[0] + len(found)))


def test_little_is_never_too_much() -> None:
    assert days_found(ramp, 19, least=1e9) == []


def test_there_is_no_opinion_in_the_first_week() -> None:
    ts, sizes = hourly(lambda _: 100.0, 10)
    key, group = np.full(len(ts), 9, np.uint64), np.zeros(len(ts), np.int32)
    score, usual, limit, amount = SlowReference(1, 64, 0.0).add(key, sizes, ts, group)
    assert np.isnan(score[: 24 * 7]).all()
    assert not np.isnan(score[24 * 7 :]).any()
    assert (limit[24 * 7 :] > 3 * usual[24 * 7 :]).all()
    assert amount[23] == pytest.approx(sizes[:24].sum())


def test_a_clock_that_was_ahead_does_not_stop_the_count() -> None:
    ts, sizes = hourly(ramp, 19)
    ts[200] += 400 * DAY_S
    key, group = np.full(len(ts), 9, np.uint64), np.zeros(len(ts), np.int32)
    score, *_ = SlowReference(1, 64, 0.0).add(key, sizes, ts, group)
    assert (np.nan_to_num(score[24 * 14 :]) >= 0.5).any()
