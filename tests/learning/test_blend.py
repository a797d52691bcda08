"""Guesses weigh as they were right; without truth the prior stands."""

import numpy as np
import pytest

from pipeline.learning.blend import Blend, log_odds

MEAN, SPREAD = np.array([0.0, 1.0, 0.5]), np.array([0.5, 0.5, 0.5])


def guesses(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The first is noise, the second knows; one of five is true."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.2
    return np.column_stack([rng.normal(size=n), np.where(truth, 1.5, -1.5) + rng.normal(size=n)]), truth


def test_before_any_truth_the_prior_stands() -> None:
    blend = Blend(MEAN, SPREAD)
    blend.fit(np.zeros((0, 2)), np.zeros(0, bool))
    assert blend.proba(np.array([[1.0, 2.0]]))[0] == pytest.approx(1 / (1 + np.exp(-2.0)))


def test_who_knows_gains_and_probabilities_are_calibrated() -> None:
    blend = Blend(MEAN, SPREAD)
    blend.fit(*guesses(400))
    fresh, truth = guesses(4000, seed=2)
    p = blend.proba(fresh)
    assert p.mean() == pytest.approx(truth.mean(), abs=0.03)
    sure = p > 0.8
    assert truth[sure].mean() == pytest.approx(p[sure].mean(), abs=0.06)
    assert p[truth].mean() > 0.7 > 0.2 > p[~truth].mean()


def test_who_is_always_wrong_is_ignored_and_never_followed_backwards() -> None:
    blend = Blend(MEAN, SPREAD)
    x, truth = guesses(400)
    blend.fit(x * np.array([1.0, -1.0]), truth)
    low, high = blend.proba(np.array([[0.0, -3.0], [0.0, 3.0]]))
    assert low == high


def test_separable_and_extreme_guesses_stay_finite_and_state_returns() -> None:
    blend = Blend(MEAN, SPREAD)
    x = log_odds(np.array([[0.0, 0.0], [1.0, 1.0]] * 50))
    blend.fit(x, np.array([False, True] * 50))
    p = blend.proba(x[:2])
    assert np.isfinite(p).all() and p[0] < 0.01 and p[1] > 0.99
    other = Blend(MEAN, SPREAD)
    other.load(blend.state())
    assert (other.proba(x) == blend.proba(x)).all()
    with pytest.raises(ValueError, match="another number"):
        other.load([1.0])
