"""What the guarded hashing model promises: bursts stay visible, drift is accepted in the end."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.models.density import RSHash

Columns = tuple[np.ndarray, np.ndarray]


def _normal(n: int, seed: int) -> Columns:
    rng = np.random.default_rng(seed)
    size, ports = rng.lognormal(6, 1, n), np.array([80.0, 443.0, 104.0])
    X = np.stack([size, size * rng.lognormal(0, 0.2, n), rng.choice(ports, n), rng.exponential(3, n)], axis=1)
    return X, rng.choice(np.array([11, 22, 33], dtype=np.uint64), (n, 1))


def _attack(n: int, seed: int) -> Columns:
    rng = np.random.default_rng(seed)
    X, C = _normal(n, seed)
    X[:, 1] = rng.lognormal(11, 0.1, n)
    X[:, 2] = 4444.0
    return X, C


def _join(*parts: Columns) -> Columns:
    return np.concatenate([x for x, _ in parts]), np.concatenate([c for _, c in parts])


def test_normal_scores_are_uniform_and_anomalies_are_at_the_top() -> None:
    X, C = _join(_normal(6_000, 1), _attack(5, 2))
    score = RSHash().score_learn_many(X, C=C)
    late = score[2_000:6_000]
    for q in (0.5, 0.9, 0.99):
        assert abs((late > q).mean() - (1 - q)) < 0.03
    assert (score[6_000:] > 0.999).all()


def test_a_long_burst_is_neither_learned_nor_hides_what_follows() -> None:
    X, C = _join(_normal(3_000, 1), _attack(3_000, 2), _normal(1_000, 3), _attack(50, 4))
    score = RSHash().score_learn_many(X, C=C)
    assert np.mean(score[3_000:6_000] > 0.99) > 0.95
    assert np.mean(score[6_100:7_000] > 0.9) < 0.2
    assert np.mean(score[7_000:] > 0.99) > 0.95


def test_a_lasting_shift_becomes_normal_after_patience() -> None:
    X, C = _join(_normal(1_500, 1), _attack(4_000, 2))
    score = RSHash(patience=1_000).score_learn_many(X, C=C)
    assert np.mean(score[1_500:2_400] > 0.99) > 0.95
    assert np.mean(score[-500:] > 0.99) < 0.2


def test_a_column_constant_in_the_warm_up_is_scaled_when_it_starts_to_vary() -> None:
    X, C = _normal(12_000, 5)
    X[:300, 3] = 0.0
    model = RSHash()
    score = model.score_learn_many(X, C=C)
    assert 0.02 < np.mean(score[-4_000:] > 0.9) < 0.15  # neither alarmed for ever nor blind
    low, high = model.usual_range()
    assert high[3] > 3.0 and low[3] >= 0.0


def _learned(X: np.ndarray, C: np.ndarray) -> RSHash:
    model = RSHash()
    model.score_learn_many(X, C=C)
    return model


def test_explains_which_columns_are_unusual() -> None:
    model = _learned(*_normal(4_000, 6))
    low, high = model.usual_range()
    assert 10 < low[0] < 150 and 2_000 < high[0] < 20_000
    assert (low[2], high[2]) == pytest.approx((80.0, 443.0), rel=1e-4)
    x, c = np.array([400.0, 400.0, 4444.0, 2.0]), np.array([11], dtype=np.uint64)
    parts = model.contributions(x, c)
    assert parts.shape == (5,) and (parts >= 0).all() and parts.argmax() == 2
    x[2] = 80.0
    assert model.contributions(x, np.array([99], dtype=np.uint64)).argmax() == 4
    assert model.contributions(np.full(4, np.nan), np.zeros(1, dtype=np.uint64)).sum() == 0


def test_unknown_says_nothing() -> None:
    model = _learned(*_normal(3_000, 7))
    assert model.score_learn_many(np.full((1, 4), np.nan), C=np.zeros((1, 1), np.uint64))[0] == 0.0


def test_state_stays_small() -> None:
    model = RSHash(groups=2)
    model.score_learn_many(np.zeros((1, 40)), C=np.zeros((1, 3), dtype=np.uint64))
    assert model.state_bytes() <= 256 * 1024


@pytest.mark.parametrize("bad", [{"warmup": 1}, {"guard": 1.0}, {"groups": 0}, {"half_life": (0.0, 1.0)}])
def test_refuses_senseless_settings(bad: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        RSHash(**bad)
