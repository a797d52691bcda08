"""The forest of labelled feedback: batch and loop agree, few labels suffice, nothing foreign is walked."""

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CheckpointError, UsageError
from pipeline.models.feedback_forest import FeedbackForest
from pipeline.models.frozen_forest import FrozenForest
from pipeline.models.metrics import roc_auc
from pipeline.models.recent_means import RecentMeans

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def rows(n: int, seed: int = 1, share: float = 0.2) -> Rows:
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    X = rng.normal(size=(n, 4)) + y[:, None] * [2, 0, -2, 0]
    X[rng.random((n, 4)) < 0.05] = np.nan
    C = np.column_stack([rng.integers(1, 5, n), np.where(y & (rng.random(n) < 0.7), 9, rng.integers(1, 5, n))])
    return X, C.astype(np.uint64), y


def small(**changes: Any) -> FeedbackForest:
    return FeedbackForest(**({"trees": 8, "memory": 32, "seed": 3} | changes))


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 150), max_size=5))
def test_a_cut_changes_nothing(cuts: list[int]) -> None:
    X, C, y = rows(150)
    whole, parts = small(), small()
    whole.learn_many(X, y, C)
    for a, b in pairwise([0, *sorted(cuts), 150]):
        parts.learn_many(X[a:b], y[a:b], C[a:b])
    np.testing.assert_array_equal(whole.vote_many(X, C), parts.vote_many(X, C))


def test_one_by_one_is_the_same_model() -> None:
    X, _, y = rows(120)
    many, one = small(), small(features=["a", "b", "c", "d"], categorical=[])
    many.learn_many(X, y)
    for row, label in zip(X.tolist(), y.tolist(), strict=True):
        one.learn_one(dict(zip("abcd", row, strict=True)), label)
    vote = float(many.vote_many(X[:1])[0])
    odds = vote / (1 - vote) * (prior := (y.sum() + 1) / (len(y) + 2)) / (1 - prior)
    assert one.predict_proba_one(dict(zip("abcd", X[0].tolist(), strict=True)))[True] == pytest.approx(
        odds / (1 + odds)
    )


def test_no_opinion_before_both_classes_were_seen() -> None:
    X, C, y = rows(60)
    model = small()
    assert model.predict_proba_one({"a": 1.0}) == {}
    model = small()
    model.learn_many(X[~y], y[~y], C[~y])
    assert np.isnan(model.vote_many(X, C)).all() and model.seen == (int((~y).sum()), 0)
    model.learn_many(X[y][:1], y[y][:1], C[y][:1])
    assert not np.isnan(model.vote_many(X, C)).any()


def test_few_labels_suffice() -> None:
    X, C, y = rows(4_000, share=0.1)
    model = FeedbackForest(seed=2)
    model.learn_many(X[:60], y[:60], C[:60])
    assert roc_auc(y[60:], model.vote_many(X[60:], C[60:])) > 0.9


def test_rare_attacks_are_not_displaced_and_old_ones_are() -> None:
    X, C, y = rows(2_000, share=0.005)
    model = small()
    model.learn_many(X, y, C)
    kept = model.state()["X"][1]
    assert int((~np.isnan(kept).all(axis=1)).sum()) == y.sum()
    fair = small(forget=False)
    fair.learn_many(np.arange(3_000.0)[:, None], np.arange(3_000) % 2 == 1)
    ring = small()
    ring.learn_many(np.arange(3_000.0)[:, None], np.arange(3_000) % 2 == 1)
    assert ring.state()["X"].min() >= 3_000 - 64
    assert 800 < fair.state()["X"].mean() < 2_200 and fair.state()["X"].min() < 600


def test_state_and_pickle_keep_votes() -> None:
    X, C, y = rows(200)
    model, loaded = small(), small()
    model.learn_many(X[:100], y[:100], C[:100])
    loaded.load(model.state())
    pickled = pickle.loads(pickle.dumps(model))  # noqa: S301
    for m in (model, loaded, pickled):
        m.learn_many(X[100:], y[100:], C[100:])
    np.testing.assert_array_equal(model.vote_many(X, C), loaded.vote_many(X, C))
    np.testing.assert_array_equal(model.vote_many(X, C), pickled.vote_many(X, C))
    with pytest.raises(CheckpointError, match="another size"):
        small(trees=9).load(model.state())
    with pytest.raises(CheckpointError, match="incomplete"):
        small().load({"X": X})


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats(), st.booleans()), min_size=2, max_size=40))
def test_any_numbers_can_be_learned(cells: list[tuple[float, float, bool]]) -> None:
    X, y = np.array([c[:2] for c in cells]), np.array([c[2] for c in cells])
    model = small()
    model.learn_many(X, y)
    vote = model.vote_many(X)
    assert np.isnan(vote).all() if y.all() or not y.any() else ((vote >= 0) & (vote <= 1)).all()


def test_frozen_trees_judge_as_freshly_grown_ones() -> None:
    X, C, y = rows(300)
    model = FeedbackForest(trees=40, seed=5)
    model.learn_many(X, y, C)
    frozen = model.frozen()
    assert roc_auc(y, frozen.vote_many(X, C)) > 0.99
    assert frozen.nodes.shape[1] < 4 * 1024 and (frozen.numbers, frozen.categories) == (4, 2)
    with pytest.raises(UsageError, match="both classes"):
        small().frozen()


def test_damaged_trees_are_refused() -> None:
    X, C, y = rows(100)
    model = small()
    model.learn_many(X, y, C)
    good = model.frozen()
    circle, far, wrong = good.nodes.copy(), good.nodes.copy(), good.nodes.copy()
    circle[0, 0, 1], far[0, 0, 2], wrong[0, 0, 0] = 0, 10**6, 99
    for nodes in (circle, far, wrong, good.nodes[:, :, :2], good.nodes.astype(np.int64)):
        with pytest.raises(CheckpointError):
            FrozenForest(nodes, good.cut, good.code, 4, 2)


def test_wrong_shapes_are_told() -> None:
    model = small()
    model.learn_many(np.zeros((2, 3)), [True, False])
    for call in (
        lambda: model.vote_many(np.zeros((2, 4))),
        lambda: model.vote_many(np.zeros(3)),
        lambda: model.learn_many(np.zeros((2, 3)), [True]),
        lambda: FeedbackForest(prior=1.0),
        lambda: FeedbackForest(trees=0),
        lambda: RecentMeans(()),
        lambda: RecentMeans().transform_many([[1.0]], [5]),
    ):
        with pytest.raises(UsageError):
            call()


def test_recent_means_belong_to_their_group_and_go_on_after_a_cut() -> None:
    rng = np.random.default_rng(4)
    X, groups = rng.normal(size=(80, 3)), rng.integers(0, 2, 80).astype(np.int32)
    X[rng.random((80, 3)) < 0.1] = np.nan
    whole = RecentMeans(groups=2).transform_many(X, groups)
    again = RecentMeans(groups=2)
    parts = [again.transform_many(X[a:b], groups[a:b]) for a, b in pairwise((0, 1, 33, 80))]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    for g in range(2):
        np.testing.assert_array_equal(whole[groups == g], RecentMeans().transform_many(X[groups == g]))
    np.testing.assert_array_equal(whole[:, :3], X)
