"""A forest that has a say before labels come: the row as it was is learned, and few labels suffice."""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from river import metrics
from river.evaluate import progressive_val_score

from pipeline.errors import CheckpointError, UsageError
from pipeline.evaluation.few_labels import late_labels
from pipeline.models.default import default_detector
from pipeline.models.metrics import roc_auc
from pipeline.models.semi_supervised_forest import SemiSupervisedForest

NAMES = ("a", "b", "c", "d")


def stream(n: int, seed: int = 1, run: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of which a tenth are attacks, in runs; these are shifted in one column, hardly rarer than others."""
    rng = np.random.default_rng(seed)
    y = np.repeat(rng.random(n // run + 1) < 0.1, run)[:n]
    X = rng.normal(size=(n, 4)) + y[:, None] * [1.5, 0, 0, 0]
    X[rng.random((n, 4)) < 0.03] = np.nan
    return X, np.where(rng.random((n, 1)) < 0.3, 7, 9).astype(np.uint64), y


def small(**changes: Any) -> SemiSupervisedForest:
    return SemiSupervisedForest(**({"trees": 20, "memory": 64, "seed": 3} | changes))


def events(X: np.ndarray, C: np.ndarray) -> list[dict[str, object]]:
    return [dict(zip(NAMES, x, strict=True)) | {"k": f"{c[0]}"} for x, c in zip(X.tolist(), C.tolist(), strict=True)]


def taught(n: int = 900) -> SemiSupervisedForest:
    X, C, y = stream(n)
    model = small()
    late_labels(model, X, C, y, np.arange(0, n, 20), 100)
    return model


def test_one_by_one_is_the_same_model_with_labels_long_after() -> None:
    X, _, y = stream(700)
    many, one = small(), small()
    at, rows = many.observe_many(X), events(X, np.zeros((700, 1)))
    for x in rows:
        del x["k"]
    for x in rows:
        one.predict_proba_one(x)
    for i in range(0, 700, 9):
        many.learn_many(at[i : i + 1], y[i : i + 1])
        one.learn_one(rows[i], bool(y[i]))
    share = (many.labels[1] + 1) / (sum(many.labels) + 2)
    vote = float(many.vote_many(many.observe_many(X[:1]))[0])
    odds = vote / (1 - vote) * share / (1 - share)
    assert one.labels == many.labels and min(many.labels) > 0
    assert one.predict_proba_one(rows[0])[True] == pytest.approx(odds / (1 + odds))


def test_a_label_teaches_the_row_as_it_was() -> None:
    X, C, y = stream(600)
    model = small()
    early = model.observe_many(X[:300], C[:300])
    before = early.row.copy(), early.recent.copy()
    model.observe_many(X[300:] * 50, C[300:])
    model.learn_many(early[[5, 7]], y[[5, 7]])
    np.testing.assert_array_equal(early.row, before[0])
    np.testing.assert_array_equal(early.recent, before[1])
    alike = small()
    alike.learn_many(alike.observe_many(X[:300], C[:300])[[5, 7]], y[[5, 7]])
    for name, array in model.state().items():
        if name.startswith("half"):
            np.testing.assert_array_equal(array, alike.state()[name])


def test_labels_reach_neither_surprise_nor_means() -> None:
    X, C, y = stream(800)
    with_labels, without = small(), small()
    late_labels(with_labels, X, C, y, np.arange(0, 800, 10), 50)
    late_labels(without, X, C, y, np.arange(0), 50)
    a, b = with_labels.observe_many(X, C), without.observe_many(X, C)
    np.testing.assert_array_equal(a.row, b.row)
    np.testing.assert_array_equal(a.recent, b.recent)


def test_before_labels_the_order_is_that_of_the_surprise() -> None:
    X, C, _ = stream(900)
    votes = small().vote_many(small().observe_many(X, C)[256:])
    model = small()
    seen = model.observe_many(X, C)
    scores = default_detector(1, 3).score_learn_many(X, C=C)
    assert np.isnan(scores[:256]).all() and set(model.vote_many(seen)[:256]) == {1 / 3}
    known = scores[256:] < 0.999
    np.testing.assert_array_equal(
        np.argsort(votes[known], kind="stable"), np.argsort(scores[256:][known], kind="stable")
    )
    assert ((votes > 0) & (votes < 1)).all()


def test_few_late_labels_beat_none() -> None:
    X, C, y = stream(4_000, seed=5)
    votes, _ = late_labels(SemiSupervisedForest(seed=1), X, C, y, np.arange(0, 4_000, 40), 300)
    plain = default_detector(1, 1).score_learn_many(X, C=C)
    assert roc_auc(y[1_000:], votes[1_000:]) > roc_auc(y[1_000:], plain[1_000:]) + 0.05


def test_trees_that_know_what_came_before_win_where_attacks_come_in_runs() -> None:
    shares = []
    for run in (1, 60):
        X, C, y = stream(6_000, seed=2, run=run)
        model = SemiSupervisedForest(seed=1)
        late_labels(model, X, C, y, np.arange(0, 6_000, 20), 200)
        loss, judged = model.state()["loss"], model.state()["judged"]
        shares.append((loss / judged).sum(axis=1))
    (alone, with_means), (alone_runs, with_means_runs) = shares
    assert with_means > alone and with_means_runs < alone_runs


def test_state_and_pickle_keep_votes() -> None:
    X, C, y = stream(400, seed=9)
    model, loaded = taught(), small()
    x = events(X, C)[0]
    model.predict_proba_one(x)
    loaded.load(model.state())
    pickled = pickle.loads(pickle.dumps(model))  # noqa: S301
    votes = []
    for m in (model, loaded, pickled):
        m.features, m.categorical = NAMES, ["k"]
        m.learn_one(x, True)
        out, _ = late_labels(m, X, C, y, np.arange(0, 400, 10), 30)
        votes.append(out)
    np.testing.assert_array_equal(votes[0], votes[1])
    np.testing.assert_array_equal(votes[0], votes[2])


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    model = taught()
    state = model.state()
    before = model.state()
    broken: list[dict[str, np.ndarray]] = [
        {},
        {name: a for name, a in state.items() if name != "half1/nodes"},
        state | {"means/mean": state["means/mean"][:, :1]},
        state | {"loss": np.zeros(3)},
        state | {"waiting/codes": np.zeros((1, 1), np.uint64)},
    ]
    for wrong in broken:
        with pytest.raises(CheckpointError):
            model.load(wrong)
    with pytest.raises(CheckpointError):
        small(memory=65).load(state)
    for name, array in model.state().items():
        np.testing.assert_array_equal(array, before[name])


def test_of_one_by_one_rows_so_many_wait_and_others_are_learned_as_they_look() -> None:
    X, C, _ = stream(500)
    model, rows = small(waiting=50), events(X, C)
    for x in rows:
        model.predict_proba_one(x)
    assert len(model.state()["waiting/content"]) == 50
    anomaly = {n: a for n, a in model.state().items() if n.startswith(("anomaly", "means", "waiting"))}
    model.learn_one(rows[0], False)
    model.learn_one({"a": 9.0}, True)
    assert model.labels == (1, 1) and all(v > 0 for v in model.predict_proba_one(rows[1]).values())
    again = small(waiting=50)
    for x in rows:
        again.predict_proba_one(x)
    again.learn_one(rows[0], False)
    for name, array in anomaly.items():  # a label that comes for a row unknown is no row that passes
        np.testing.assert_array_equal(array, again.state()[name])


def test_river_plays_it_with_late_labels() -> None:
    X, C, y = stream(1_500)

    def dataset() -> Iterator[tuple[dict[str, object], bool]]:
        yield from zip(events(X, C), y.tolist(), strict=True)

    metric = progressive_val_score(dataset(), small(), metrics.ROCAUC(), delay=100)
    assert metric.get() > 0.7


def test_any_numbers_pass() -> None:
    rng = np.random.default_rng(1)
    X = rng.choice([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 1e-320], (600, 3))
    y = rng.random(600) < 0.5
    votes, _ = late_labels(small(), X, np.zeros((600, 0), np.uint64), y, np.arange(0, 600, 5), 10)
    assert ((votes > 0) & (votes < 1)).all()


def test_a_table_too_wide_for_recent_means_does_without() -> None:
    X = np.random.default_rng(1).normal(size=(300, 1_366))
    model = small(trees=4)
    seen = model.observe_many(X)
    model.learn_many(seen[:40], np.arange(40) % 2 == 0)
    assert seen.recent.shape == (300, 0) and not np.isnan(model.vote_many(seen)).any()
    assert small().observe_many(X[:, 1:]).recent.shape == (300, 2 * 1_365)


def test_what_does_not_fit_is_told() -> None:
    model = small()
    seen = model.observe_many(np.zeros((3, 2)))
    for call in (
        lambda: model.learn_many(seen, [True]),
        lambda: model.observe_many(np.zeros(3)),
        lambda: model.observe_many(np.zeros((3, 2)), np.zeros((2, 1), np.uint64)),
        lambda: model.observe_many(np.zeros((3, 4))),
        lambda: SemiSupervisedForest(trees=1),
        lambda: SemiSupervisedForest(prior=0.0),
    ):
        with pytest.raises(UsageError):
            call()
