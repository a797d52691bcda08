"""Any River detector behind the batch contract, and nothing but River's detectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from river import anomaly, linear_model, preprocessing

from pipeline.errors import CheckpointError, ConfigError
from pipeline.models.river_adapter import RiverDetector


def _columns(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0, 1, (n, 2))


def test_raw_scale_is_rivers_own_score() -> None:
    X = np.random.default_rng(1).random((400, 2))
    river = anomaly.HalfSpaceTrees(n_trees=5, height=4, window_size=50, seed=3)
    want = []
    for row in X.tolist():
        x = dict(zip("ab", row, strict=True))
        want.append(river.score_one(x))
        river.learn_one(x)
    fresh = anomaly.HalfSpaceTrees(n_trees=5, height=4, window_size=50, seed=3)
    got = RiverDetector(fresh, features="ab", score_scale="raw", warmup=50).score_learn_many(X)
    np.testing.assert_array_equal(got[50:], want[50:])
    assert np.isnan(got[:50]).all()


def test_nan_and_infinity_do_not_poison_a_model_that_they_would() -> None:
    naked = anomaly.OneClassSVM()
    naked.learn_one({"a": math.nan})
    assert math.isnan(naked.score_one({"a": 1.0}))  # the control: River alone is poisoned for ever
    X = _columns(600, 2)
    X[300] = np.nan
    X[301] = np.inf
    X[302, 0] = -1e300
    detector = RiverDetector(preprocessing.StandardScaler() | anomaly.OneClassSVM(), features="ab", warmup=100)
    assert np.isfinite(detector.score_learn_many(X)[100:]).all()


def test_an_exploding_model_starts_afresh() -> None:
    X = _columns(500, 3)
    X[:, 0] = 1e12
    score = RiverDetector(anomaly.OneClassSVM(), features="ab", warmup=20).score_learn_many(X)
    assert not np.isinf(score).any()


def test_from_spec_makes_a_pipeline() -> None:
    detector = RiverDetector.from_spec(
        "river.anomaly.HalfSpaceTrees", {"n_trees": 10, "seed": 1}, features="ab",
        before=["river.preprocessing.MinMaxScaler"],
    )  # fmt: skip
    score = detector.score_learn_many(_columns(600, 4))
    assert np.isnan(score[:250]).all() and np.nanmax(score) < 1


@pytest.mark.parametrize(
    "name",
    ["os.system", "river.anomaly", "river.linear_model.LogisticRegression", "river.nothing.Here", "builtins.eval",
     "river.anomaly.hst.random.Random", "river.compose.pipeline.pd"],
)  # fmt: skip
def test_from_spec_takes_river_detectors_only(name: str) -> None:
    with pytest.raises(ConfigError):
        RiverDetector.from_spec(name, features="ab")


@pytest.mark.parametrize("params", [{"n_trees": [1]}, {"wrong": 1}])
def test_from_spec_takes_plain_known_parameters(params: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        RiverDetector.from_spec("river.anomaly.HalfSpaceTrees", params, features="ab")


def test_refuses_what_is_no_detector() -> None:
    with pytest.raises(ConfigError):
        RiverDetector(linear_model.LogisticRegression(), features="ab")


def test_damaged_model_bytes_are_refused_and_change_nothing() -> None:
    detector = RiverDetector(anomaly.HalfSpaceTrees(seed=1), features="ab", warmup=10)
    detector.score_learn_many(_columns(300, 5))
    before = detector.state(0)
    with pytest.raises(CheckpointError):
        detector.load(0, {**before, "model": before["model"][:50]})
    with pytest.raises(CheckpointError):
        detector.load(0, {k: v for k, v in before.items() if k != "model"})
    assert all(np.array_equal(v, before[k]) for k, v in detector.state(0).items())
