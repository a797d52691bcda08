"""What the default model promises: no kind of anomaly is invisible to it, bursts and dirty starts cost it little."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.models import density_ensemble
from pipeline.models.default import default_detector
from pipeline.models.density_ensemble import WIDEST_COVARIANCE, DensityEnsemble

Columns = tuple[np.ndarray, np.ndarray]


def _normal(n: int, seed: int) -> Columns:
    rng = np.random.default_rng(seed)
    size, ports = rng.lognormal(6, 1, n), np.array([80.0, 443.0, 104.0])
    X = np.stack([size, size * rng.lognormal(0, 0.1, n), rng.choice(ports, n), rng.exponential(3, n)], axis=1)
    return X, rng.choice(np.array([11, 22, 33], dtype=np.uint64), (n, 1))


def _attack(n: int, seed: int) -> Columns:
    rng = np.random.default_rng(seed)
    X, C = _normal(n, seed)
    X[:, 1] = rng.lognormal(11, 0.1, n)
    X[:, 2] = 4444.0
    return X, C


def _join(*parts: Columns) -> Columns:
    return np.concatenate([x for x, _ in parts]), np.concatenate([c for _, c in parts])


def _auc(normal: np.ndarray, bad: np.ndarray) -> float:
    return float((bad[:, None] > normal).mean() + (bad[:, None] == normal).mean() / 2)


def _mixed(share: float, n: int, seed: int) -> tuple[Columns, np.ndarray]:
    y = np.random.default_rng(seed).random(n) < share
    (X, C), (attack, codes) = _normal(n, seed), _attack(n, seed + 1)
    X[y], C[y] = attack[y], codes[y]
    return (X, C), y


def test_the_documented_example() -> None:
    assert doctest.testmod(density_ensemble).failed == 0


def test_normal_scores_are_uniform() -> None:
    X, C = _normal(5_000, 1)
    late = DensityEnsemble().score_learn_many(X, C=C)[2_000:]
    for q in (0.5, 0.9, 0.99):
        assert abs((late > q).mean() - (1 - q)) < 0.035


def test_a_burst_costs_no_more_than_its_clean_self() -> None:
    clean, y = _mixed(0.05, 3_000, 3)
    burst, z = _mixed(0.5, 3_000, 3)
    start = _normal(1_500, 5)
    auc = []
    for rows, labels in ((clean, y), (burst, z)):
        X, C = _join(start, rows)
        score = DensityEnsemble().score_learn_many(X, C=C)[1_500:]
        auc.append(_auc(score[~labels], score[labels]))
    assert auc[0] > 0.99 and auc[0] - auc[1] < 0.03
    assert 0.4 < _auc(score[~z], np.random.default_rng(1).permutation(score)[z]) < 0.95  # the control: labels that lie


def test_a_dirty_warm_up_still_finds_its_like() -> None:
    (X, C), y = _mixed(0.05, 3_000, 7)
    score = DensityEnsemble().score_learn_many(X, C=C)
    assert _auc(score[256:][~y[256:]], score[256:][y[256:]]) > 0.97


def test_a_cold_start_of_which_nearly_half_is_one_crowd_keeps_the_varied_part() -> None:
    (X, C), y = _mixed(0.45, 4_000, 13)  # of just half, chance would decide which is taken for the usual
    score = DensityEnsemble().score_learn_many(X, C=C)
    assert _auc(score[256:][~y[256:]], score[256:][y[256:]]) > 0.9
    X[:, 1] = np.where(y, X[:, 1] * np.random.default_rng(2).lognormal(0, 2, 4_000), X[:, 1])
    X[:, 2] = np.where(y, np.random.default_rng(3).integers(1, 60_000, 4_000), X[:, 2])
    spread = DensityEnsemble().score_learn_many(X, C=C)  # the control: nothing is dense, and nothing is cut
    assert _auc(spread[256:][~y[256:]], spread[256:][y[256:]]) < 0.99


def test_a_crowd_that_grows_slowly_does_not_become_usual() -> None:
    n = 8_000
    y = np.random.default_rng(15).random(n) < np.linspace(0.0, 0.5, n)
    (X, C), (attack, codes) = _normal(n, 15), _attack(n, 16)
    X[y], C[y] = attack[y], codes[y]
    score = DensityEnsemble().score_learn_many(X, C=C)
    assert _auc(score[-2_000:][~y[-2_000:]], score[-2_000:][y[-2_000:]]) > 0.85


def test_a_usual_that_moves_becomes_usual() -> None:
    X, C = _normal(8_000, 17)
    X[4_000:, :2] *= 3.0
    score = DensityEnsemble(patience=1_000).score_learn_many(X, C=C)
    assert np.mean(score[4_000:4_200] > 0.9) > 0.2
    assert np.mean(score[-1_500:] > 0.9) < 0.2


def test_a_broken_relation_a_gap_and_a_new_combination_are_found() -> None:
    X, C = _normal(4_000, 9)
    X[:, 3] = np.where(np.arange(4_000) % 2, 1.0, 1e6) * np.random.default_rng(1).lognormal(0, 0.3, 4_000)
    C = np.column_stack([C[:, 0], C[:, 0] + np.uint64(100)])
    relation, gap, combination = X[-60:-40].copy(), X[-40:-20].copy(), C[-20:].copy()
    relation[:, 1] = relation[::-1, 1] * 8.0
    gap[:, 3] = 1e3
    combination[:, 1] = np.where(combination[:, 0] == 11, 133, 111)
    rows = np.concatenate([X[:-60], relation, gap, X[-20:]])
    codes = np.concatenate([C[:-60], C[-60:-40], C[-40:-20], combination])
    score = DensityEnsemble().score_learn_many(rows, C=codes)
    usual = score[1_000:-60]
    for part in (score[-60:-40], score[-40:-20], score[-20:]):
        assert _auc(usual, part) > 0.85


def test_numbers_only_categories_only_and_many_columns() -> None:
    X, C = _normal(700, 11)
    numbers = DensityEnsemble().score_learn_many(X)
    names = DensityEnsemble().score_learn_many(np.zeros((700, 0)), C=np.where(np.arange(700)[:, None] < 699, C, 99))
    wide = DensityEnsemble().score_learn_many(np.tile(X, (1, WIDEST_COVARIANCE // 4 + 1)))
    for score in (numbers, names, wide):
        assert np.isnan(score[:256]).all() and np.isfinite(score[256:]).all()
    assert names[-1] > 0.99


def test_state_stays_small() -> None:
    model = default_detector(groups=2)
    model.score_learn_many(np.zeros((1, 40)), C=np.zeros((1, 3), dtype=np.uint64))
    assert model.state_bytes() <= 800 * 1024


@pytest.mark.parametrize(
    "bad", [{"warmup": 1}, {"guard": 1.0}, {"groups": 0}, {"recent": 0}, {"half_life": (0.0, 1.0)}]
)
def test_refuses_senseless_settings(bad: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        DensityEnsemble(**bad)
