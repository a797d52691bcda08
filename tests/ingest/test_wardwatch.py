"""Our own events: written by the simulator, read back as what they were."""

from pathlib import Path

import orjson
import pytest

from pipeline.ingest.reader import Parsed, read_path
from pipeline.ingest.registry import recognise
from pipeline.simulator import Emitted, Hospital
from schemas.dead_letter import DeadLetter


@pytest.fixture(scope="module")
def emitted() -> list[Emitted]:
    return list(Hospital(start_ts=1_753_693_200.0, staff=120, patients=400, devices=40, events_per_s=20).events(120))


def without_origin(value: bytes) -> dict[str, object]:
    return {name: field for name, field in orjson.loads(value).items() if name != "origin"}


def assert_same(path: Path, emitted: list[Emitted]) -> None:
    read = list(read_path(path))
    assert [(r.source, r.key, r.ts) if isinstance(r, Parsed) else r for r in read] == [
        (e.source, e.key, e.ts) for e in emitted
    ]
    for result, event in zip(read, emitted, strict=True):
        assert isinstance(result, Parsed)
        assert without_origin(result.value) == orjson.loads(event.value)


def test_lines_of_all_topics_are_told_apart_by_their_fields(tmp_path: Path, emitted: list[Emitted]) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"\n".join(e.value for e in emitted))
    assert_same(path, emitted)


def test_the_wrapper_tells_the_source_and_is_no_part_of_the_event(tmp_path: Path, emitted: list[Emitted]) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(b'{"source":"%s",%s' % (e.source.encode(), e.value[1:]) for e in emitted))
    assert_same(path, emitted)


def test_an_origin_of_its_own_is_kept(tmp_path: Path, emitted: list[Emitted]) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"origin":"sensor-3",%s' % emitted[0].value[1:])
    (result,) = read_path(path)
    assert isinstance(result, Parsed)
    assert orjson.loads(result.value)["origin"] == "sensor-3"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"source":"claims","ts":1,"event_id":"a","format":"zeek.conn","kind":"flow"}', "field kind"),
        ('{"source":"nowhere","ts":1,"event_id":"a","format":"x","kind":"flow"}', "of a kind that no event has"),
        ('{"ts":1,"event_id":"a","format":"x","kind":"auth"}', "belongs to several topics"),
        ('{"ts":1,"event_id":"a","format":"x","kind":["flow"]}', "no event of ours"),
        ('{"ts":-1,"event_id":"a","format":"x","kind":"flow","src_ip":"10.0.0.1"}', "field ts"),
        ('["flow"]', "no event of ours"),
    ],
)
def test_what_is_no_event_becomes_a_dead_letter(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(line + "\n")
    (result,) = read_path(path, format="wardwatch")
    assert isinstance(result, DeadLetter)
    assert reason in result.reason


def test_other_json_is_left_to_others() -> None:
    zeek = b'{"ts":1.0,"uid":"C1","id.orig_h":"10.0.0.1"}\n'
    ours = b'{"ts":1.0,"event_id":"a","format":"x","kind":"flow","src_ip":"10.0.0.1"}\n'
    for head, expected in ((zeek, "zeek"), (ours, "wardwatch")):
        found = recognise(head, "data")
        assert found is not None and found.id == expected
