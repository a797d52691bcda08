"""Ids: the same when read again, never one for two events."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import read

from pipeline.ingest.event_ids import KEPT_IDS, TOTAL_IDS, EventIds, event_id, kept_ids
from pipeline.ingest.format import Item
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Parsed

DROP = "2026-03-27T13:06:56+00:00 gw kernel: DROP IN=eth0 SRC=10.0.0.9 DST=10.0.0.1"
records = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), max_size=120)


def item(what: int, ts: float, **more: bool) -> Item:
    return Item("logs", {"ts": ts, "format": "syslog", "kind": "line"}, "line", b"%d at %d" % (what, ts), **more)


def ids_of(results: list[object]) -> list[str]:
    return [json.loads(r.value)["event_id"] for r in results if isinstance(r, Parsed)]


@settings(max_examples=100, deadline=None)
@given(records, st.data())
def test_no_two_records_share_an_id_and_reading_again_gives_the_same(
    drawn: list[tuple[int, int]], data: st.DataObject
) -> None:
    items = [item(what, float(ts)) for what, ts in drawn]
    first = EventIds()
    ids = [first.of(i) for i in items]
    assert len(set(ids)) == len(ids)
    again = EventIds()
    assert [again.of(i) for i in items] == ids
    cut = data.draw(st.integers(0, len(items)))
    more = EventIds()
    assert [more.of(i) for i in [*items[:cut], item(99, 0.0), *items[cut:]] if i.raw != b"99 at 0"] == ids


def test_the_first_of_identical_records_has_the_plain_hash() -> None:
    ids, one = EventIds(), item(1, 5.0)
    assert [ids.of(one) for _ in range(3)] == [event_id("syslog", one.raw, 0, n) for n in range(3)]


def test_records_that_name_themselves_are_not_counted() -> None:
    ids, one = EventIds(), item(1, 5.0, identified=True)
    assert ids.of(one) == ids.of(one)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=200), st.integers(2, 12))
def test_what_stands_close_together_is_told_apart_in_bounded_memory(drawn: list[int], kept: int) -> None:
    """Among any `kept / 2` neighbours no id comes twice."""
    ids = EventIds(kept)
    given = [ids.of(item(what, 1.0)) for what in drawn]
    near = kept // 2
    for at in range(len(given)):
        window = given[max(0, at - near + 1) : at + 1]
        assert len(set(window)) == len(window)


def test_memory_is_shared_among_many_inputs() -> None:
    assert kept_ids(1) == kept_ids(0) == KEPT_IDS
    assert 500 * kept_ids(500) <= TOTAL_IDS
    assert kept_ids(10**6) == 1024


def test_a_rotation_within_a_second_is_counted_on() -> None:
    ids = EventIds()
    before = [ids.of(i) for i in (item(1, 1.0), item(1, 2.0), item(1, 2.0))]
    ids.next_file()
    after = [ids.of(i) for i in (item(1, 2.0), item(2, 2.0), item(1, 3.0), item(1, 2.0))]
    assert len({*before, *after}) == 7


def test_a_file_that_was_only_written_again_keeps_its_ids() -> None:
    items = [item(1, 1.0), item(1, 1.0), item(2, 1.5), item(1, 2.0), item(1, 2.0)]
    ids = EventIds()
    before = [ids.of(i) for i in items]
    ids.next_file()
    assert [ids.of(i) for i in items] == before


@pytest.mark.parametrize(
    ("name", "line", "distinct"),
    [
        ("gw.log", DROP, 3),
        ("access.log", '10.0.0.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5', 3),
        ("app.log", "2024-05-01 10:00:00 INFO up", 3),
        ("app.json", '{"time":"2024-05-01T10:00:00Z","message":"up","level":"info"}', 3),
        ("weird.log", '{"_path":"weird","ts":5.0,"uid":"C1","id.orig_h":"10.0.0.1","name":"odd"}', 3),
        ("conn.log", '{"_path":"conn","ts":5.0,"uid":"C1","id.orig_h":"10.0.0.1"}', 1),
        ("ours.jsonl", '{"ts":5.0,"event_id":"a","format":"x","kind":"flow","src_ip":"10.0.0.1"}', 1),
    ],
)
def test_identical_lines(tmp_path: Path, name: str, line: str, distinct: int) -> None:
    """Lines without an identity are as many events; those with one are the same told again."""
    found = ids_of([*read(tmp_path, name, f"{line}\n" * 3)])
    assert (len(found), len(set(found))) == (3, distinct)
    assert ids_of([*read(tmp_path, "again-" + name, f"{line}\n" * 3)]) == found


def test_copies_of_a_file_hold_the_same_events(tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(f"{DROP}\n" * 5)
    found = ids_of([*read_paths([tmp_path])])
    assert (len(found), len(set(found))) == (10, 5)
