"""Held to River's own HalfSpaceTrees, score for score."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from river import anomaly

from pipeline.errors import UsageError
from pipeline.models.half_space_trees import HalfSpaceTrees

NAMES = ("a", "b", "c")


def _stream(seed: int, n: int = 700, missing: bool = False) -> list[dict[str, float]]:
    rng = random.Random(seed)
    kinds = [lambda: rng.random(), lambda: rng.gauss(0.5, 0.1), lambda: round(rng.betavariate(2, 8), 1)]
    rows = [{name: kind() for name, kind in zip(NAMES, kinds, strict=True)} for _ in range(n)]
    if missing:
        for row in rows[1:]:
            if rng.random() < 0.3:
                del row[rng.choice(NAMES)]
    return rows


def _columns(rows: list[dict[str, float]]) -> np.ndarray:
    return np.array([[row.get(name, math.nan) for name in NAMES] for row in rows])


@pytest.mark.parametrize("seed", [1, 7, 42])
@pytest.mark.parametrize("missing", [False, True])
def test_same_seed_same_scores_as_river(seed: int, missing: bool) -> None:
    rows = _stream(seed, missing=missing)
    river = anomaly.HalfSpaceTrees(n_trees=7, height=6, window_size=100, seed=seed)
    want = []
    for row in rows:
        want.append(river.score_one(row))
        river.learn_one(row)
    ours = HalfSpaceTrees(n_trees=7, height=6, window_size=100, seed=seed)
    got = ours.score_learn_many(_columns(rows))
    assert np.isnan(got[:100]).all()
    np.testing.assert_array_equal(got[100:], want[100:])


def test_from_river_continues_where_river_stands() -> None:
    rows = _stream(3, 900)
    limits = {"a": (0.0, 2.0), "b": (-1.0, 1.0)}
    river = anomaly.HalfSpaceTrees(n_trees=5, height=5, window_size=80, seed=9, limits=limits)
    for row in rows[:333]:
        river.learn_one(row)
    ours = HalfSpaceTrees.from_river(river, groups=2)
    got = ours.score_learn_many(_columns(rows[333:]), np.ones(len(rows) - 333, dtype=np.int32))
    want = []
    for row in rows[333:]:
        want.append(river.score_one(row))
        river.learn_one(row)
    np.testing.assert_array_equal(got, want)


def test_nan_counts_as_missing() -> None:
    rows = _stream(5, 400)
    a, b = (HalfSpaceTrees(window_size=50, seed=2, features=NAMES) for _ in range(2))
    for row in rows:
        a.learn_one(row)
        b.learn_one(row)
    assert a.score_one({"a": math.nan, "b": None, "c": "x"}) == b.score_one({})


def test_from_river_needs_trees() -> None:
    with pytest.raises(UsageError, match="first event"):
        HalfSpaceTrees.from_river(anomaly.HalfSpaceTrees())


@pytest.mark.parametrize("bad", [{"n_trees": 0}, {"height": 17}, {"window_size": 0}, {"groups": 0}])
def test_refuses_senseless_sizes(bad: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        HalfSpaceTrees(**bad)
