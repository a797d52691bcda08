"""The laws that hold for every model found in the room, the ones written tomorrow included."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from river import anomaly, preprocessing

from pipeline import models
from pipeline.errors import CheckpointError, UsageError
from pipeline.models.base import GroupState
from pipeline.models.detector import GroupDetector
from pipeline.models.tail import TailThreshold

D, M = 4, 2
NAMES = [f"x{j}" for j in range(D)]
# How to fill a constructor's parameters; those not named here keep their defaults.
ARGUMENTS: dict[str, Any] = {
    "features": NAMES,
    "categorical": ["k0", "k1"],
    "model": preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(n_trees=5, height=5, window_size=60, seed=4),
    "alerts_per_day": 300.0,
    "warmup": 100,
    "window_size": 100,
    "seed": 5,
}
HUGE = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 1e-320, -0.0, 0.0])


def _found() -> list[type[GroupState]]:
    """Models of columns of numbers; those of texts and sessions have these laws beside their own tests."""
    classes = set()
    for info in pkgutil.iter_modules(models.__path__):
        module = importlib.import_module(f"{models.__name__}.{info.name}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, GroupDetector | TailThreshold) and cls is not GroupDetector:
                classes.add(cls)
    return sorted(classes, key=lambda cls: cls.__name__)


MODELS = pytest.mark.parametrize("cls", _found(), ids=lambda cls: cls.__name__)
DETECTORS = pytest.mark.parametrize(
    "cls", [c for c in _found() if issubclass(c, GroupDetector)], ids=lambda cls: cls.__name__
)


def _make(cls: type[GroupState], groups: int = 1) -> Any:
    wanted = inspect.signature(cls).parameters
    return cls(**{name: value for name, value in ARGUMENTS.items() if name in wanted}, groups=groups)


def _stream(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.random((n, D)) * [1, 10, 1000, 1] + (rng.random((n, 1)) < 0.03) * rng.random((n, D)) * 500
    X[rng.random((n, D)) < 0.02] = np.nan
    return X, rng.integers(0, 9, (n, M)).astype(np.uint64)


def _run(model: Any, X: np.ndarray, C: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """Scores, or for a threshold its level with the sign telling what fired."""
    if isinstance(model, TailThreshold):
        fires, level = model.exceeds_many(X[:, 0], X[:, 2], groups)
        return np.where(fires, -level, level)
    return model.score_learn_many(X, groups, C)


def _in_range(cls: type[GroupState], score: np.ndarray) -> bool:
    return bool((np.abs(score[~np.isnan(score)]) <= 1).all() and (cls is TailThreshold or np.nanmin(score) >= 0))


def _same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k], equal_nan=a[k].dtype.kind == "f") for k in a)


def test_the_scan_finds_models() -> None:
    assert {"DensityEnsemble", "HalfSpaceTrees", "RSHash", "RiverDetector", "TailThreshold"} <= {
        c.__name__ for c in _found()
    }


@MODELS
def test_range_and_warming_up(cls: type[GroupState]) -> None:
    score = _run(_make(cls), *_stream(1_500, 1))
    assert np.isnan(score[0]) and _in_range(cls, score)
    known = ~np.isnan(score)
    assert known.mean() > 0.8


@MODELS
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 700), max_size=6), seed=st.integers(0, 99))
def test_a_cut_changes_nothing(cls: type[GroupState], cuts: list[int], seed: int) -> None:
    X, C = _stream(700, seed)
    groups = np.random.default_rng(seed).integers(0, 2, 700).astype(np.int32)
    whole = _run(_make(cls, 2), X, C, groups)
    model, edges = _make(cls, 2), [0, *sorted(cuts), 700]
    parts = [_run(model, X[a:b], C[a:b], groups[a:b]) for a, b in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@MODELS
def test_causal(cls: type[GroupState]) -> None:
    X, C = _stream(900, 2)
    before = _run(_make(cls), X, C)
    X[600:], C[600:] = X[600:][::-1] * 7, 3
    np.testing.assert_array_equal(_run(_make(cls), X, C)[:600], before[:600])


@MODELS
def test_groups_are_independent(cls: type[GroupState]) -> None:
    X, C = _stream(1_500, 3)
    groups = np.random.default_rng(4).integers(0, 3, 1_500).astype(np.int32)
    kwargs = {"alerts_per_day": 100.0} if cls is TailThreshold else {}
    together = _run(_make(cls, 3), X, C, groups)
    for g in range(3):
        alone = _make(cls) if not kwargs else TailThreshold(**kwargs, warmup=100)
        np.testing.assert_array_equal(together[groups == g], _run(alone, X[groups == g], C[groups == g]))


@MODELS
def test_same_seed_same_scores(cls: type[GroupState]) -> None:
    np.testing.assert_array_equal(_run(_make(cls), *_stream(800, 5)), _run(_make(cls), *_stream(800, 5)))


@MODELS
@pytest.mark.parametrize("at", [0, 50, 450])
def test_pickle_and_state_keep_scores(cls: type[GroupState], at: int) -> None:
    X, C = _stream(900, 6)
    groups = np.random.default_rng(7).integers(0, 2, 900).astype(np.int32)
    model = _make(cls, 2)
    if at:
        _run(model, X[:at], C[:at], groups[:at])
    pickled, loaded, swapped = pickle.loads(pickle.dumps(model)), _make(cls, 2), _make(cls, 2)  # noqa: S301
    for g in range(2):
        loaded.load(g, model.state(g))
        swapped.load(1 - g, model.state(g))
    want = _run(model, X[at:], C[at:], groups[at:])
    np.testing.assert_array_equal(_run(pickled, X[at:], C[at:], groups[at:]), want)
    np.testing.assert_array_equal(_run(loaded, X[at:], C[at:], groups[at:]), want)
    np.testing.assert_array_equal(_run(swapped, X[at:], C[at:], 1 - groups[at:]), want)


@MODELS
def test_state_is_a_copy_and_an_empty_one_resets(cls: type[GroupState]) -> None:
    X, C = _stream(600, 8)
    model = _make(cls)
    first = _run(model, X, C)
    held = model.state(0)
    kept = {name: array.copy() for name, array in held.items()}
    _run(model, X, C)
    assert _same(held, kept)
    model.load(0, {})
    np.testing.assert_array_equal(_run(model, X, C), first)


@MODELS
def test_a_foreign_state_is_refused(cls: type[GroupState]) -> None:
    model = _make(cls)
    _run(model, *_stream(300, 9))
    good = model.state(0)
    name = next(n for n in good if n not in ("dims", "fingerprint", "model"))
    bad: list[dict[str, Any]] = [
        {k: v for k, v in good.items() if k != name},
        {**good, "more": np.zeros(1)},
        {**good, name: good[name].astype(np.complex64)},
        {**good, name: good[name][..., :1].repeat(2, axis=-1)},
        {**good, "fingerprint": good["fingerprint"] + np.uint64(1)},
        {**good, "dims": np.array([10**9], dtype=np.int64)},
        {**good, "dims": np.array([77] * len(good["dims"]), dtype=np.int64)},
    ]
    for state in bad:
        with pytest.raises(CheckpointError):
            model.load(0, state)
    after = model.state(0)
    assert _same(good, after)


@MODELS
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.01, 0.3, 1.0]))
def test_survives_hostile_numbers(cls: type[GroupState], seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    X, C = _stream(400, seed)
    hit = rng.random(X.shape) < share
    X[hit] = rng.choice(HUGE, int(hit.sum()))
    C[rng.random(C.shape) < share] = rng.choice(np.array([0, 2**64 - 1], dtype=np.uint64))
    model = _make(cls)
    assert _in_range(cls, np.r_[_run(model, X, C), 0.0])
    later = _run(model, *_stream(900, seed))
    assert not np.isinf(later).any() and np.isfinite(later[np.isfinite(_stream(900, seed)[0][:, 0])][-200:]).all()


@MODELS
def test_survives_constant_and_empty_input(cls: type[GroupState]) -> None:
    model = _make(cls)
    for _ in range(2):
        assert _run(model, np.zeros((0, D)), np.zeros((0, M), np.uint64)).shape == (0,)
        score = _run(model, np.full((600, D), 3.25), np.ones((600, M), np.uint64))
        assert np.isfinite(score[-100:]).all()


@MODELS
def test_memory_is_bounded(cls: type[GroupState]) -> None:
    model = _make(cls)
    _run(model, *_stream(1_500, 10))
    small = sum(a.nbytes for a in model.state(0).values())
    for seed in range(3):
        _run(model, *_stream(1_500, 20 + seed))
    assert sum(a.nbytes for a in model.state(0).values()) <= 1.2 * small <= 1.2 * 2**20


@MODELS
def test_wrong_groups_are_refused(cls: type[GroupState]) -> None:
    X, C = _stream(3, 1)
    for groups in ([0, 1, 2], [0, -1, 0], [0, 0]):
        with pytest.raises(UsageError):
            _run(_make(cls, 2), X, C, np.array(groups, dtype=np.int32))


@DETECTORS
def test_one_by_one_equals_the_batch(cls: type[GroupDetector]) -> None:
    X, _ = _stream(500, 11)
    one, batch = _make(cls), _make(cls)
    texts = np.array(["", "http", "dns"])[np.random.default_rng(1).integers(0, 3, (500, M))]
    rows = [dict(zip(NAMES, row, strict=True)) | {"k0": t[0], "k1": t[1]} for row, t in zip(X, texts, strict=True)]
    got = []
    for row in rows:
        before = one.score_one(row)
        assert np.array_equal(before, one.score_one(row), equal_nan=True)  # scoring learns nothing
        one.learn_one(row)
        got.append(before)
    codes = np.concatenate([batch._row(row)[1] for row in rows])
    np.testing.assert_array_equal(got, batch.score_learn_many(X, C=codes))


@DETECTORS
def test_odd_values_one_by_one(cls: type[GroupDetector]) -> None:
    model = _make(cls)
    odd = [None, "text", b"\xff", 10**400, True, float("nan"), [], {}, "\ud800"]
    names = [*NAMES, "k0", "k1", "unheard of"]
    for i in range(300):
        model.learn_one({name: odd[(i + j) % len(odd)] for j, name in enumerate(names)})
    assert 0 <= model.score_one({}) <= 1


@DETECTORS
def test_river_can_clone_it(cls: type[GroupDetector]) -> None:
    model = _make(cls)
    model.learn_one(dict.fromkeys(NAMES, 0.5))
    assert model.clone().state(0).keys() <= model.state(0).keys()
