"""Order of event time behind ticks: whatever the cut, the restart or the order in which lanes are read."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CheckpointError
from pipeline.features.decode import decode
from pipeline.runtime.event_order import EventOrder, Lanes
from pipeline.runtime.relay.relay import group_name, ticks
from schemas.base import MAX_TS

GROUPS = 4
TOPICS = ("ehr", "context")
LANES = ("ehr/0", "ehr/1", "context/0")
START = 1.7e9


def event(ident: int, ts: float, group: int = 0) -> bytes:
    """An access of a group."""
    fields = {"ts": ts, "event_id": f"e{ident}", "format": "test", "kind": "access", "chart": group_name(group, GROUPS)}
    return orjson.dumps(fields)


def tick(lane: str, ts: float, idle_s: float | None = None, group: int = 0) -> bytes:
    """What a lane says to a group."""
    lanes = sum(other.split("/")[0] == lane.split("/")[0] for other in LANES)
    return ticks("charts", lane, lanes, ts, idle_s, [group], GROUPS).documents[0]


def play(order: EventOrder, documents: Sequence[bytes], first: int = 0) -> list[tuple[str, int]]:
    """(event id, offset) of what is let go, in order."""
    batch = decode("charts", documents, GROUPS).batch
    found = []
    for step in order.take(batch, batch.ts, np.arange(first, first + len(documents))):
        for texts, offsets in zip(step.documents, step.offsets, strict=True):
            found += [(str(orjson.loads(d)["event_id"]), o) for d, o in zip(texts, offsets.tolist(), strict=True)]
    return found


def new(**options: float) -> EventOrder:
    """Without lateness, so that tests can count."""
    return EventOrder(TOPICS, **{"lateness_s": 0.0} | options)  # type: ignore[arg-type]


def test_nothing_goes_before_every_lane_was_heard_of() -> None:
    order = new()
    assert play(order, [event(1, START), tick("ehr/0", START + 9), tick("context/0", START + 9)]) == []
    assert play(order, [tick("ehr/1", START + 5)]) == [("e1", 0)]


def test_the_slowest_lane_decides_and_ties_go_by_id() -> None:
    order = new()
    play(order, [tick(lane, 0.0) for lane in LANES])
    late, early = event(2, START + 8), event(3, START + 1)
    assert play(order, [late, early, tick("ehr/0", START + 9), tick("ehr/1", START + 9)], 10) == []
    assert play(order, [tick("context/0", START + 4)], 14) == [("e3", 11)]
    assert play(order, [tick("context/0", START + 9)], 15) == [("e2", 10)]
    ends = [tick(lane, START + 21) for lane in LANES]
    same = [i for i, _ in play(order, [event(i, START + 20) for i in (7, 5, 6)] + ends, 20)]
    again = new()
    play(again, [tick(lane, 0.0) for lane in LANES])
    assert [i for i, _ in play(again, [event(i, START + 20) for i in (6, 7, 5)] + ends, 20)] == same
    assert sorted(same) == ["e5", "e6", "e7"]


def test_a_silent_lane_does_not_hold_back_others_and_all_silent_go_on_with_time() -> None:
    lanes = Lanes()
    for lane in LANES:
        lanes.tick(lane, 2 if lane.startswith("ehr") else 1, 0.0, None)
    lanes.tick("ehr/0", 2, START, None)
    lanes.tick("ehr/1", 2, 0.0, 5.0)
    assert lanes.watermark(TOPICS) == 0.0
    lanes.tick("context/0", 1, START - 50, 5.0)
    assert lanes.watermark(TOPICS) == START
    lanes.tick("ehr/0", 2, START, 30.0)
    assert lanes.watermark(TOPICS) == START + 30
    lanes.tick("context/0", 1, START - 40, None)
    assert lanes.watermark(TOPICS) == START - 40


def test_a_wrong_clock_is_put_right() -> None:
    lanes = Lanes()
    for lane in LANES:
        lanes.tick(lane, 2 if lane.startswith("ehr") else 1, MAX_TS - 5, None)
    for lane in LANES:
        lanes.tick(lane, 2 if lane.startswith("ehr") else 1, START, None)
    assert lanes.watermark(TOPICS) == START
    lanes.tick("ehr/0", 2, START - 60, None)
    assert lanes.watermark(TOPICS) == START, "no clock goes back a little"


def test_the_end_of_all_lanes_lets_everything_go() -> None:
    order = EventOrder(TOPICS)
    documents = [event(1, MAX_TS), event(2, START), *(tick(lane, MAX_TS) for lane in LANES)]
    assert [i for i, _ in play(order, documents)] == ["e2", "e1"]


def test_a_flood_is_bounded_and_loses_nothing() -> None:
    order = new(most_bytes=2000)
    documents = [event(i, START + i) for i in range(100)]
    assert play(order, documents) == []
    held = sum(order.state(0)["sizes"])
    found = play(order, [tick(lane, START + 1000) for lane in LANES], 100)
    assert sorted(found) == sorted((f"e{i}", i) for i in range(100))
    assert held == sum(map(len, documents))


@st.composite
def logs(draw: st.DrawFn) -> list[bytes]:
    """Events of two groups and ticks that go on, as a log might have them."""
    clocks = dict.fromkeys(LANES, START)
    out: list[bytes] = []
    for i in range(draw(st.integers(1, 60))):
        group = draw(st.integers(0, 1))
        if draw(st.booleans()):
            out.append(event(i, START + draw(st.integers(0, 50)), group))
            continue
        lane = draw(st.sampled_from(LANES))
        clocks[lane] += draw(st.integers(0, 20))
        out.append(tick(lane, clocks[lane], draw(st.sampled_from((None, 3.0))), group))
    return out


@settings(max_examples=60, deadline=None)
@given(log=logs(), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_cuts_and_restarts_do_not_matter(log: list[bytes], cuts: list[int]) -> None:
    end = [tick(lane, MAX_TS, None, g) for g in (0, 1) for lane in LANES]
    whole = play(new(), log + end)
    order, found = new(), []
    documents = log + end
    for a, b in pairwise(sorted({0, len(documents), *(c for c in cuts if c < len(documents))})):
        found += play(order, documents[a:b], a)
        moved = new()
        for g in range(GROUPS):
            moved.load(g, order.state(g))
        order = moved
    by_offset = lambda items, g: [i for i in items if b'"%s"' % group_name(g, GROUPS).encode() in documents[i[1]]]  # noqa: E731
    for g in (0, 1):
        assert by_offset(found, g) == by_offset(whole, g)
    assert len(whole) == sum(b'"tick"' not in d for d in log)


def test_a_foreign_state_is_refused() -> None:
    order = new()
    with pytest.raises(CheckpointError):
        order.load(0, {"lanes": np.zeros(3, np.uint8)})
    order.load(0, {})
    assert order.state(0)["sizes"].size == 0
