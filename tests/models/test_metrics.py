"""Figures of a ranking against their definitions, counted pair by pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.metrics import Ranking, average_precision, roc_auc

rankings = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 1.0, float("nan")])), min_size=2, max_size=40
)


@given(rows=rankings)
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[bool, float]]) -> None:
    y = np.array([a for a, _ in rows])
    score = np.nan_to_num([s for _, s in rows], nan=-1.0)
    pairs = [(a > b) + 0.5 * (a == b) for a in score[y] for b in score[~y]]
    if not pairs:
        assert np.isnan(roc_auc(y, score))
    else:
        assert roc_auc(y, [s for _, s in rows]) == pytest.approx(np.mean(pairs))


@given(rows=rankings)
def test_average_precision_is_the_sum_over_thresholds(rows: list[tuple[bool, float]]) -> None:
    y = np.array([a for a, _ in rows])
    score = np.nan_to_num([s for _, s in rows], nan=-1.0)
    if not y.any():
        assert np.isnan(average_precision(y, score))
        return
    total, before = 0.0, 0.0
    for level in sorted(set(score), reverse=True):
        recall = y[score >= level].sum() / y.sum()
        total += (recall - before) * y[score >= level].mean()
        before = recall
    assert average_precision(y, score) == pytest.approx(total)


@given(rows=rankings, seed=st.integers(0, 9))
def test_order_of_rows_does_not_matter(rows: list[tuple[bool, float]], seed: int) -> None:
    y, score = np.array([a for a, _ in rows]), np.array([s for _, s in rows])
    mixed = np.random.default_rng(seed).permutation(len(y))
    one, other = Ranking.of(y, score), Ranking.of(y[mixed], score[mixed])
    assert [one.hits_among(k) for k in range(len(y))] == [other.hits_among(k) for k in range(len(y))]


def test_hits_among_the_highest() -> None:
    ranking = Ranking.of([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1])
    assert [ranking.hits_among(k) for k in (0, 1, 2, 3, 9)] == [0.0, 1.0, 1.5, 2.0, 2.0]
