"""A line's outcome belongs to the events: not to who owns which key group, nor to where the stream was cut."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.features.decode import decode
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.product import Product
from pipeline.runtime.relay.relay import FEEDS, ticks
from pipeline.settings import Settings
from pipeline.simulator import Hospital
from schemas.base import MAX_TS
from schemas.sources import INPUTS, SOURCES

GROUPS = 8
Found = dict[str, tuple[dict[str, float], str, list[str]]]
each_source = pytest.mark.parametrize("source", list(SOURCES))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Of the settings as they come."""
    return Plan.of(Settings(data_dir=tmp_path_factory.mktemp("keys")), make_keys=True)


@pytest.fixture(scope="module")
def documents(plan: Plan) -> dict[str, list[bytes]]:
    """Ten minutes of a simulated hospital under attack, by source, and what workers make of it."""
    found: dict[str, list[bytes]] = {name: [] for name in INPUTS}
    for event in Hospital(seed=5, start_ts=1.79e9, events_per_s=20.0).events(600):
        found[event.source].append(event.value)
    for target, sources in FEEDS.items():
        found[target] = _given_on(plan, {source: found[source] for source in sources}, target)
        assert len(found[target]) > 300
    return found


def _given_on(plan: Plan, fed: dict[str, list[bytes]], target: str) -> list[bytes]:
    """What lines give on, a hundred documents at a time from each source in turn, with ticks after each."""
    lines = {source: Line(source, plan) for source in fed}
    out: list[bytes] = []
    for first in range(0, max(map(len, fed.values())), 100):
        for source, line in lines.items():
            product = process(line, fed[source][first : first + 100], first)
            if product.onward is not None:
                out += product.onward.documents
            last = first + 100 >= len(fed[source])
            clock = MAX_TS if last else product.clock
            out += ticks(target, f"{source}/0", 1, clock, None, range(GROUPS), GROUPS).documents
    return out


def process(line: Line, texts: Sequence[bytes], first: int = 0, partition: int = 0, partitions: int = 1) -> Product:
    """Process one chunk."""
    offsets = np.arange(first, first + len(texts), dtype=np.int64)
    return line.process(texts, line.source, partition, offsets, partitions)


def play(line: Line, texts: Sequence[bytes], first: int = 0, partition: int = 0, partitions: int = 1) -> Found:
    """Process one chunk; what became of each event, by its id."""
    rows = process(line, texts, first, partition, partitions).rows
    columns = (rows[name].to_pylist() for name in ("event_id", "scores", "top_detector", "found_by"))
    return {i: (dict(scores), top, found) for i, scores, top, found in zip(*columns, strict=True)}


@each_source
@pytest.mark.parametrize("partitions", [2, 4, 8])
def test_owners_do_not_matter(source: str, partitions: int, plan: Plan, documents: dict[str, list[bytes]]) -> None:
    """Each partition's events with a worker of its own, or all with one: the same scores and alerts."""
    texts = documents[source]
    rewrite = plan.pseudonymiser.rewriter_of_many(source) if plan.pseudonymiser and source not in FEEDS else None
    owner = decode(source, texts, GROUPS, rewrite).batch.groups % partitions
    whole = Line(source, plan)
    expected = play(whole, texts)
    alerts = {s.uid: (s.count, s.top_score) for s, _ in whole.changed_alerts(everything=True)}
    found: Found = {}
    apart: dict[str, tuple[int, float]] = {}
    for p in range(partitions):
        line = Line(source, plan)
        found |= play(line, [texts[i] for i in np.flatnonzero(owner == p)], 0, p, partitions)
        mine = {s.uid: (s.count, s.top_score) for s, _ in line.changed_alerts(everything=True)}
        assert not mine.keys() & apart.keys(), "one alert of two workers"
        apart |= mine
    assert found == expected
    assert expected or source == "contacts", "ten minutes are short for a rhythm, and only that has rows there"
    assert apart == alerts


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 4000), max_size=4), source=st.sampled_from(list(SOURCES)))
def test_cuts_and_restarts_do_not_matter(
    cuts: list[int], source: str, plan: Plan, documents: dict[str, list[bytes]]
) -> None:
    texts = documents[source][:4000]
    expected = play(Line(source, plan), texts)
    line, found = Line(source, plan), {}
    for begin, end in pairwise(sorted({0, len(texts), *(c for c in cuts if c < len(texts))})):
        found |= play(line, texts[begin:end], begin)
        state = line.state(range(GROUPS))
        line = Line(source, plan)
        for group, parts in state.items():
            line.load(int(group), parts)
    assert found == expected


@each_source
def test_a_fresh_line_is_what_forgetting_makes_of_one(source: str, plan: Plan) -> None:
    """So nothing has to be forgotten before the first state of a group is put back."""
    line = Line(source, plan)
    fresh = line.state([0])["0"]
    line.reset(0)
    forgotten = line.state([0])["0"]
    assert fresh.keys() == forgotten.keys()
    for part, arrays in fresh.items():
        assert arrays.keys() == forgotten[part].keys(), part
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, forgotten[part][name], f"{part} {name}")


@pytest.mark.parametrize("partition", [0, 1])
def test_events_without_a_key_stay_with_the_state_of_their_partition(
    partition: int, plan: Plan, documents: dict[str, list[bytes]]
) -> None:
    """A producer without keys: what is saved for the partition is all that its events left behind."""
    texts = documents["network"][:4000]
    half = len(texts) // 2
    line = Line("network", plan)
    play(line, texts[:half], 0, partition, 2)
    owned = range(partition, GROUPS, 2)
    moved = Line("network", plan)
    for group, parts in line.state(owned).items():
        moved.load(int(group), parts)
    assert play(moved, texts[half:], half, partition, 2) == play(line, texts[half:], half, partition, 2)


def test_misplaced_events_are_counted(plan: Plan, documents: dict[str, list[bytes]], tmp_path: Path) -> None:
    texts = documents["network"][:1000]
    owner = decode("network", texts, GROUPS).batch.groups % 2
    offsets = np.arange(len(texts), dtype=np.int64)
    assert Line("network", plan).process(texts, "network", 0, offsets, 1).misplaced == 0
    assert Line("network", plan).process(texts, "network", 0, offsets, 2).misplaced == int((owner == 1).sum()) > 0


@pytest.mark.parametrize("more", [{}, {"disabled": ("network.port_scan",)}])
def test_a_challenger_needs_a_detector_that_runs(tmp_path: Path, more: dict[str, tuple[str, ...]]) -> None:
    name = "network.port_scan" if more else "network.port_scam"
    given = Settings(data_dir=tmp_path, challengers={name: {"ports": 40}}, **more)
    with pytest.raises(ConfigError, match="no detector that runs"):
        Plan.of(given, make_keys=True)
