"""Cutting JSON into records: lines, arrays, objects over several lines, and what is broken."""

import json
from io import BufferedReader, BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import json_values

from pipeline.ingest.format import Bad
from pipeline.ingest.json_records import JsonRecord, json_records
from pipeline.ingest.lines import MAX_RECORD_BYTES

objects = st.dictionaries(st.text(min_size=1, max_size=8), json_values, min_size=1, max_size=4)


def records(content: bytes, *, peekable: bool = True) -> list[JsonRecord | Bad]:
    stream: Any = BufferedReader(BytesIO(content), 65_536) if peekable else BytesIO(content)
    return list(json_records(stream, "test"))


def values(content: bytes) -> list[Any]:
    found = records(content)
    assert all(isinstance(record, JsonRecord) for record in found), found
    return [record.value for record in found if isinstance(record, JsonRecord)]


@given(st.lists(objects, max_size=6), st.sampled_from((None, 0, 2)), st.booleans())
def test_all_layouts_give_the_same_records(rows: list[dict[str, Any]], indent: int | None, ascii_only: bool) -> None:
    array = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode()
    spread = "\n".join(json.dumps(row, indent=indent, ensure_ascii=ascii_only) for row in rows).encode()
    assert values(array) == rows
    assert values(spread) == rows
    assert [record.value for record in records(array, peekable=False) if isinstance(record, JsonRecord)] == rows


@given(st.lists(objects, min_size=2, max_size=6), st.data())
def test_a_bad_line_harms_no_other(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    lines = [json.dumps(row).encode() for row in rows]
    place = data.draw(st.integers(0, len(lines)))
    bad = data.draw(st.sampled_from((b"rubbish", b'{"a": ', b'"', b"}", b"[error] x", b"\xff\xfe", b'{"a": NaN}')))
    found = records(b"\n".join([*lines[:place], bad, *lines[place:]]))
    assert [record.value for record in found if isinstance(record, JsonRecord)] == rows
    assert [record.position for record in found if isinstance(record, Bad)] == [f"line {place + 1}"]


def test_an_array_with_a_bad_item() -> None:
    found = records(b'[\n{"a": 1},\n{"a": nope},\n{"a": "open},\n{"a": 4}\n]')
    assert isinstance(found[0], JsonRecord)
    assert found[0].value == {"a": 1}
    assert sum(isinstance(record, Bad) for record in found) == 2


def test_a_cut_array_tells_its_end() -> None:
    found = records(b'[{"a": 1}, {"a": 2}, {"a"')
    assert [type(record) for record in found] == [JsonRecord, JsonRecord, Bad]


@pytest.mark.parametrize("opening", [b'{"a":"', b'[{"a":"'])
def test_an_overlong_record_is_kept_out_of_memory(opening: bytes) -> None:
    closing = b'"}]' if opening.startswith(b"[") else b'"}'
    found = records(opening + b"x" * (MAX_RECORD_BYTES + 10) + closing + b"\n" + b'{"b":1}\n')
    assert isinstance(found[0], Bad)
    assert "longer than" in found[0].reason
    assert len(found[0].raw) <= MAX_RECORD_BYTES


def test_escapes_over_block_borders() -> None:
    for length in range(65_520, 65_545):
        row = {"a": "y" * length + '\\"}{', "b": 1}
        assert values(json.dumps([row, row]).encode()) == [row, row]


def test_numbers_beyond_all_bounds() -> None:
    found = records(b'{"a":' + b"9" * 5000 + b'}\n{"a":1e999}\n' + b'{"a":' * 5000 + b"\n" + b'{"ok":1}\n')
    assert isinstance(found[-1], JsonRecord)
    assert len(found) == 4
