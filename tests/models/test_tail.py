"""The alert budget holds on smooth, tied, bounded, drifting and bursting scores, in event time."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.models.tail import TailThreshold

DAY_S = 86_400.0
BUDGET = 20


def _days(scores: np.ndarray, time_s: np.ndarray, budget: float = BUDGET) -> np.ndarray:
    fires, _ = TailThreshold(budget).exceeds_many(scores, time_s)
    return np.bincount((time_s // DAY_S).astype(int), fires)


def _clock(n: int, days: float) -> np.ndarray:
    return np.linspace(0, days * DAY_S, n, endpoint=False)


@pytest.mark.parametrize("kind", ["uniform", "beta", "drift"])
def test_budget_holds_after_the_first_day(kind: str) -> None:
    rng, n = np.random.default_rng(3), 200_000
    scores = {
        "uniform": rng.random(n),
        "beta": rng.beta(5, 20, n),
        "drift": np.clip(rng.beta(5, 20, n) + 0.3 * np.linspace(0, 1, n), 0, 1),
    }[kind]
    daily = _days(scores, _clock(n, 8))
    assert BUDGET / 3 < daily[1:].mean() < 2 * BUDGET
    assert daily[0] < 6 * BUDGET


@pytest.mark.parametrize("share_of_ones", [0.0, 0.001, 0.03, 0.3, 1.0])
def test_ties_never_flood(share_of_ones: float) -> None:
    rng, n = np.random.default_rng(4), 50_000
    scores = np.where(rng.random(n) < share_of_ones, 1.0, 0.5)
    daily = _days(scores, _clock(n, 5))
    assert daily[0] < 15 * BUDGET  # a warm-up that happened to hold no tie takes tenfold overspending to learn
    assert daily[1:].max(initial=0) < 2 * BUDGET


def test_a_clear_outlier_fires_and_a_burst_is_not_learned() -> None:
    rng, n = np.random.default_rng(5), 60_000
    scores = rng.beta(5, 20, n)
    scores[30_000:32_000] = 0.95
    scores[35_000] = 0.9
    fires, threshold = TailThreshold(BUDGET).exceeds_many(scores, _clock(n, 6))
    assert fires[30_000:30_020].all()
    assert fires[35_000]
    assert threshold[35_000] < 0.8


def test_a_new_normal_is_learned_in_the_end() -> None:
    rng, n = np.random.default_rng(6), 60_000
    scores = rng.beta(5, 20, n)
    scores[20_000:] = np.clip(scores[20_000:] + 0.5, 0, 1)
    assert _days(scores, _clock(n, 6))[3:].max() < 3 * BUDGET


def test_a_ten_minute_capture_has_a_few_findings_but_no_flood() -> None:
    rng = np.random.default_rng(7)
    fires, threshold = TailThreshold(BUDGET).exceeds_many(rng.random(5_000), np.linspace(0, 600, 5_000))
    assert 3 <= fires.sum() <= 3 * BUDGET
    assert np.isnan(threshold[:100]).all() and np.isfinite(threshold[100:]).all()


def test_disorder_and_wild_timestamps_change_little() -> None:
    rng, n = np.random.default_rng(8), 100_000
    scores, time_s = rng.random(n), _clock(n, 5)
    plain = _days(scores, time_s).sum()
    wild = time_s + rng.normal(0, 1800, n)
    wild[rng.integers(0, n, 30)] = 4e9
    wild[rng.integers(0, n, 30)] = np.nan
    fires, _ = TailThreshold(BUDGET).exceeds_many(scores, wild)
    assert 0.5 * plain < fires.sum() < 2 * plain


def test_nan_scores_leave_no_trace() -> None:
    rng = np.random.default_rng(9)
    scores, time_s = rng.random(3_000), _clock(3_000, 1)
    holes = rng.random(3_000) < 0.5
    fires, threshold = TailThreshold(BUDGET).exceeds_many(np.where(holes, np.nan, scores), time_s)
    alone, level = TailThreshold(BUDGET).exceeds_many(scores[~holes], time_s[~holes])
    assert not fires[holes].any() and np.isnan(threshold[holes]).all()
    np.testing.assert_array_equal(fires[~holes], alone)
    np.testing.assert_array_equal(threshold[~holes], level)


def test_the_budget_may_change_without_losing_the_tail() -> None:
    old, new = TailThreshold(5, groups=2), TailThreshold(50, groups=2)
    rng = np.random.default_rng(1)
    _, before = old.exceeds_many(rng.random(5_000), _clock(5_000, 2))
    new.load(0, old.state(0))
    _, after = new.exceeds_many([0.999], [2 * DAY_S])
    assert 0.5 < after[0] < before[-1]


@pytest.mark.parametrize("bad", [0, -1, np.inf, np.nan])
def test_refuses_a_senseless_budget(bad: float) -> None:
    with pytest.raises(UsageError):
        TailThreshold(bad)
