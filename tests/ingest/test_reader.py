"""The reader as a whole: archives, encodings, masks, cut texts, and content that wants to do harm."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ingested import events, fields, letters, read
from strategies import HOSTILE_LINES, hostile_bytes, zeek_conn_rows

from pipeline.errors import UsageError
from pipeline.ingest import compression
from pipeline.ingest.lines import MAX_RECORD_BYTES
from pipeline.ingest.reader import Manner, Parsed, read_path
from pipeline.ingest.registry import formats

ROW = '{"_path":"conn","ts":5.0,"uid":"C1","id.orig_h":"10.0.0.1","conn_state":"SF"}'
MANY = "".join(ROW.replace("C1", f"C{n}") + "\n" for n in range(2000))
LOCAL = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@pytest.mark.parametrize(
    "packed",
    [
        MANY.encode(),
        gzip.compress(MANY.encode()),
        b"".join(gzip.compress(line.encode() + b"\n") for line in MANY.splitlines()),
        gzip.compress(MANY.encode()) + b"\x00" * 512,
        bz2.compress(MANY[:60_000].encode()) + bz2.compress(MANY[60_000:].encode()),
        lzma.compress(MANY.encode()),
        b"\xef\xbb\xbf" + MANY.encode(),
        MANY.encode("utf-16"),
        gzip.compress(("\ufeff" + MANY).encode("utf-16-be")),
        MANY.replace("\n", "\r\n").encode(),
        MANY.rstrip("\n").encode(),
    ],
)
def test_every_wrapping_gives_the_same_events(tmp_path: Path, packed: bytes) -> None:
    found = read(tmp_path, "conn.log", packed)
    assert [fields(result)["uid"] for result in found] == [f"C{n}" for n in range(2000)]


def test_an_event_id_is_the_same_wherever_the_record_lies(tmp_path: Path) -> None:
    plain, packed = read(tmp_path, "a.log", ROW), read(tmp_path, "b.gz", MANY + ROW + "\r\n")
    ids = [json.loads(r.value)["event_id"] for r in (*plain, *packed) if isinstance(r, Parsed)]
    assert ids[0] == ids[-1]
    assert len(set(ids)) == 2001 - 1
    assert all(len(one) == 20 for one in ids)


@pytest.mark.parametrize("cut", [20, 5000])
def test_a_truncated_archive_gives_what_it_has_and_one_letter(tmp_path: Path, cut: int) -> None:
    noisy = "".join(ROW.replace("C1", hashlib.md5(b"%d" % n).hexdigest()) + "\n" for n in range(2000))  # noqa: S324
    found = read(tmp_path, "conn.log", gzip.compress(noisy.encode())[:-cut])
    assert found[-1].reason == "the gzip archive ends early; what is missing could not be read"  # type: ignore[union-attr]
    assert 1500 < len(found) <= 2001 + 1


def test_a_damaged_archive(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(MANY.encode()))
    packed[len(packed) // 2] ^= 0xFF
    assert "damaged" in letters(read(tmp_path, "conn.log", bytes(packed)))[-1].reason


def test_a_bomb_is_not_unpacked_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "BOMB_AFTER_BYTES", 1_000_000)
    found = read(tmp_path, "conn.log", gzip.compress((ROW + " " * 100_000 + "\n").encode() * 400))
    assert "swells" in letters(found)[-1].reason
    assert 10 < len(found) < 300


def test_empty_binary_and_unknown(tmp_path: Path) -> None:
    assert read(tmp_path, "a", b"") == []
    assert read(tmp_path, "b.gz", b"") == []
    for content in (os.urandom(5000), b"PK\x03\x04" + os.urandom(100), b"\x7fELF" + b"\x00" * 500):
        (letter,) = letters(read(tmp_path, "c", content))
        assert letter.reason.startswith("not a format wardwatch reads")


def test_masks(tmp_path: Path) -> None:
    line = '{"_path":"conn","ts":"Jane Roe 1970"}'
    (masked,) = letters(read(tmp_path, "a", f"{ROW}\n{line}\n")[1:])
    (shown,) = letters(read(tmp_path, "a", f"{ROW}\n{line}\n", manner=Manner(mask=False))[1:])
    assert masked.excerpt == '{"_xxxx":"xxxx","xx":"xxxx xxx 9999"}'
    assert shown.excerpt == line
    assert masked.sha256 == hashlib.sha256(line.encode()).hexdigest()
    assert masked.letter_id == shown.letter_id
    assert (masked.position, masked.size_bytes) == ("line 2", len(line))
    assert "Jane" not in masked.to_json().decode()


def test_reasons_name_field_and_rule_without_content(tmp_path: Path) -> None:
    bad = ROW.replace('"uid":"C1"', '"uid":"C1","id.orig_p":70000,"duration":-3')
    (letter,) = letters(read(tmp_path, "a", f"{ROW}\n{bad}\n"))
    assert letter.format == "zeek.conn"
    assert "field src_port: input should be less than or equal to 65535" in letter.reason
    assert "field duration_s" in letter.reason
    assert "70000" not in letter.reason


def test_long_texts_are_cut_and_long_records_refused(tmp_path: Path) -> None:
    row = {"_path": "http", "ts": 1.0, "uid": "u" * 5000, "uri": "/" * 50_000, "method": "GET"}
    dns = {"_path": "dns", "ts": 1.0, "query": "q", "answers": ["a" * 2000] * 2000}
    endless = '{"_path":"http","ts":1.0,"uri":"' + "x" * (MAX_RECORD_BYTES + 1) + '"}'
    found = read(tmp_path, "a.log", "\n".join((json.dumps(row), endless, json.dumps(dns), ROW)))
    assert [len(fields(found[0])[name]) for name in ("uid", "uri")] == [1024, 32_768]
    assert [letter.position for letter in letters(found)] == ["line 2"]
    assert [len(fields(found[2])["answers"]), len(fields(found[2])["answers"][0])] == [1024, 1024]
    assert len(found) == 4


def test_usage_errors(tmp_path: Path) -> None:
    for path, options in ((tmp_path / "absent", {}), (tmp_path, {}), (tmp_path / "a\x00b", {})):
        with pytest.raises(UsageError):
            read_path(path, **options)
    with pytest.raises(UsageError, match="known are access"):
        read_path(tmp_path / "absent", format="nonsense")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(MANY.encode()))))
    found = list(read_path(Path("-")))
    assert len(found) == 2000
    assert json.loads(found[0].value)["origin"] == "stdin"  # type: ignore[union-attr]


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.log"
    Path(os.fsdecode(path)).write_text(f"{ROW}\nrubbish\n")
    assert len(list(read_path(Path(os.fsdecode(path))))) == 2


@LOCAL
@given(hostile_bytes, st.sampled_from((None, *formats())))
def test_no_content_raises(tmp_path: Path, content: bytes, format: str | None) -> None:
    for result in read(tmp_path, "x.log", content, format=format):
        if isinstance(result, Parsed):
            fields(result)
        else:
            assert "reader failed" not in result.reason, result


@LOCAL
@given(st.lists(zeek_conn_rows(), min_size=1, max_size=8), st.data())
def test_a_bad_line_changes_one_result(tmp_path: Path, rows: list[dict[str, object]], data: st.DataObject) -> None:
    lines = [json.dumps(row).encode() for row in rows]
    lines += [lines[0]] * 3
    place = data.draw(st.integers(0, len(lines)))
    bad = data.draw(st.sampled_from([line for line in HOSTILE_LINES if b"\n" not in line and b"orig_h" not in line]))
    assume(place or not bad.startswith(b"\xff\xfe"))  # there it is the byte order mark of UTF-16
    before = read(tmp_path, "conn.log", b"\n".join(lines))
    after = read(tmp_path, "conn.log", b"\n".join([*lines[:place], bad, *lines[place:]]))
    assert [result for index, result in enumerate(after) if index != place] == before
    assert letters([after[place]])


@pytest.mark.parametrize("line", HOSTILE_LINES)
@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("conn.log", ROW.encode()),
        ("eve.json", b'{"timestamp":"2021-06-06T16:00:00Z","event_type":"stats"}'),
        ("auth.log", b"Mar 27 13:06:56 h sshd[1]: Invalid user x from 10.0.0.9"),
        ("access.log", b'10.0.0.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5'),
        ("win.json", b'{"EventID":1,"Channel":"Security","TimeCreated":"2024-05-01T10:00:00Z"}'),
        ("app.log", b"2024-05-01 10:00:00 INFO up"),
    ],
)
def test_hostile_lines_stay_alone_in_every_format(tmp_path: Path, name: str, good: bytes, line: bytes) -> None:
    without = read(tmp_path, name, b"\n".join([good] * 6))
    found = read(tmp_path, name, b"\n".join([good] * 4 + [line] + [good] * 2))
    assert len(found) == 7
    assert [found[n] for n in (0, 1, 2, 3, 5, 6)] == without


def test_records_that_name_no_machine_get_the_one_that_is_told(tmp_path: Path) -> None:
    lines = "2026-01-01 00:00:00 ERROR the disk is full\n2026-01-01 00:00:01 INFO up\n"
    named = events(tmp_path, "a.log", lines, manner=Manner(host="pacs-1"))
    assert [event.get("host") for event in named] == ["pacs-1", "pacs-1"]
    logon = '{"time": "2026-01-01T00:00:00Z", "level": "info", "msg": "up"}\n'
    assert events(tmp_path, "a.json", logon, manner=Manner(host="pacs-1"))[0]["host"] == "pacs-1"
    audit = 'node=lab-2 type=USER_LOGIN msg=audit(1700000000.1:1): acct="a" res=success\n'
    assert events(tmp_path, "b.log", audit, manner=Manner(host="pacs-1"))[0]["host"] == "lab-2"
    assert "host" not in events(tmp_path, "c.log", ROW, manner=Manner(host="pacs-1"))[0]
