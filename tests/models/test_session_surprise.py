"""Sessions by their counts: causal, cut-invariant, movable; rigid events matter and variable ones do not."""

import numpy as np
import pytest

from pipeline.errors import CheckpointError, UsageError
from pipeline.models.session_surprise import EVENTS, SessionSurprise


def _stream(n: int, seed: int) -> list[list[str]]:
    """Every session opens and closes; how often it reads is anybody's guess."""
    rng = np.random.default_rng(seed)
    return [["open", *["read"] * int(rng.integers(0, 12)), "close"] for _ in range(n)]


def test_a_missing_end_is_news_and_another_number_of_reads_is_none() -> None:
    model = SessionSurprise()
    model.score_learn_sessions(_stream(600, 1))
    scores = model.score_learn_sessions([["open", "read"], ["open", "close"], ["open", *["read"] * 11, "close"],
                                         ["open", "read", "format", "close"]], learn=False)  # fmt: skip
    assert scores[0] > 4.0 and scores[3] > 4.0
    assert scores[1] < 2.0 and scores[2] < 2.0


def test_cuts_groups_and_moves_change_nothing() -> None:
    rng = np.random.default_rng(2)
    events = rng.integers(1, 9, 3000).astype(np.uint64)
    bounds = np.r_[0, np.sort(rng.integers(0, 3000, 299)), 3000].astype(np.int64)
    groups = rng.integers(0, 2, 300).astype(np.int32)
    whole, which = SessionSurprise(2, 50).score_learn_many(events, bounds, groups)
    first, second = SessionSurprise(2, 50), SessionSurprise(2, 50)
    a, _ = first.score_learn_many(events, bounds[:161], groups[:160])
    for g in range(2):
        second.load(g, first.state(g))
    b, _ = second.score_learn_many(events, bounds[160:], groups[160:])
    np.testing.assert_array_equal(np.r_[a, b], whole)
    assert np.isnan(whole[:20]).all() and (whole[~np.isnan(whole)] >= 0).all() and which[-1] in range(9)
    with pytest.raises(CheckpointError):
        SessionSurprise(1, 51).load(0, first.state(0))


def test_one_by_one_is_the_batch() -> None:
    stream = _stream(200, 3)
    model, scores = SessionSurprise(warmup=20), []
    for session in stream:
        bag = {name: session.count(name) for name in set(session)}
        scores.append(model.score_one(bag))
        model.learn_one(bag)
    np.testing.assert_array_equal(SessionSurprise(warmup=20).score_learn_sessions(stream), scores)


def test_more_sorts_of_events_than_places_are_borne() -> None:
    model = SessionSurprise(warmup=10)
    size = model.state_bytes()
    scores = model.score_learn_sessions([[f"e{k}" for k in range(i, i + 40)] for i in range(3 * EVENTS)])
    assert np.isfinite(scores[10:]).all() and model.state_bytes() == size


def test_wrong_columns_are_refused() -> None:
    with pytest.raises(UsageError, match="ascend"):
        SessionSurprise().score_learn_many([1, 2], [0, 3])
    with pytest.raises(UsageError, match="must not be 0"):
        SessionSurprise().score_learn_many([1, 0], [0, 2])
