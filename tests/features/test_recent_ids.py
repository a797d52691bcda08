"""What is remembered of event ids, held to the plain definition: the last W distinct ones of each key group."""

from collections import deque
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CheckpointError
from pipeline.features.recent_ids import RecentIds, event_keys, forget_key, note_keys

GROUPS = 3
events = st.lists(st.tuples(st.integers(1, 40), st.integers(0, GROUPS - 1)), max_size=200)


def noted(recent: RecentIds, given: list[tuple[int, int]]) -> list[bool]:
    ids = np.array([i for i, _ in given], np.uint64)
    groups = np.array([g for _, g in given], np.int32)
    return recent.copies(ids, np.full(len(ids), 1.5), groups).tolist()


def plain(window: int, given: list[tuple[int, int]]) -> list[bool]:
    """The definition, one by one."""
    last: list[deque[int]] = [deque(maxlen=window) for _ in range(GROUPS)]
    found = []
    for i, g in given:
        found.append(i in last[g])
        if not found[-1]:
            last[g].append(i)
    return found


@settings(max_examples=300, deadline=None)
@given(events, st.integers(1, 20), st.lists(st.integers(0, 200), max_size=4))
def test_the_last_distinct_ids_of_each_group(given: list[tuple[int, int]], window: int, cuts: list[int]) -> None:
    """Whatever the cuts, with a checkpoint and a new object at each of them."""
    recent, found = RecentIds(window, GROUPS), []
    borders = [0, *sorted(cuts), len(given)]
    for begin, end in pairwise(borders):
        found += noted(recent, given[begin:end])
        states = [recent.state(g) for g in range(GROUPS)]
        recent = RecentIds(window, GROUPS)
        for g, state in enumerate(states):
            recent.load(g, state)
    assert found == plain(window, given)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 63), max_size=400), st.integers(1, 15))
def test_searches_survive_every_deletion(homes: list[int], window: int) -> None:
    """A small, full index with many keys of one home, so that clusters grow, wrap around and shrink."""
    ring, place = np.zeros((1, window), np.uint64), np.zeros(1, np.int64)
    index = np.zeros((1, 1 << (window + 1).bit_length()), np.uint64)
    keys = np.array([h % 3 + 13 + (h << 40) for h in homes], np.uint64)
    groups = np.zeros(len(keys), np.int32)
    found = note_keys(ring, index, place, keys, groups).tolist()
    assert found == plain(window, [(int(k), 0) for k in keys])
    kept = set(ring[ring != 0].tolist())
    assert sorted(index[index != 0].tolist()) == sorted(kept)
    for key in kept:
        forget_key(index, 0, np.uint64(key))
    assert not index.any()


def test_one_id_at_another_time_is_another_event() -> None:
    ids = np.full(4, 7, np.uint64)
    assert (
        event_keys(ids, np.array([0.0, 1.0, -0.0, 1.0])).tolist()[:2] * 2
        == event_keys(ids, np.array([0.0, 1.0, 0.0, 1.0])).tolist()
    )
    copies = RecentIds(8, 1).copies(ids, np.array([1.0, 1.000001, 1.0, 2.0]), np.zeros(4, np.int32))
    assert copies.tolist() == [False, False, True, False]


def test_a_checkpoint_changes_where_keys_were_written_only() -> None:
    recent = RecentIds(1000, 2)
    noted(recent, [(i + 1, 0) for i in range(1500)])
    before = recent.state(0)
    noted(recent, [(i + 5000, 0) for i in range(10)])
    after = recent.state(0)
    assert np.flatnonzero(before["ring"] != after["ring"]).tolist() == list(range(500, 510))
    assert sum(a.nbytes for a in after.values()) == 8 * 1000 + 8
    assert not recent.state(1)["ring"].any()
    recent.load(0, {})
    assert not any(noted(recent, [(i + 1, 0) for i in range(1000)]))


_RING, _PLACE = np.ones(8, np.uint64), np.zeros(1, np.int64)


@pytest.mark.parametrize(
    "state",
    [
        {"ring": np.ones(9, np.uint64), "place": _PLACE},
        {"ring": np.ones(8, np.int64), "place": _PLACE},
        {"ring": _RING, "place": _PLACE + 8},
        {"ring": _RING, "place": _PLACE - 1},
        {"ring": _RING},
        {"ring": _RING, "place": _PLACE, "more": _PLACE},
    ],
)
def test_what_does_not_fit_is_refused(state: dict[str, np.ndarray]) -> None:
    with pytest.raises(CheckpointError, match="recent event ids"):
        RecentIds(8, 1).load(0, state)
