"""Which format gets a file, and what all public data becomes."""

from collections import Counter

import pytest
from ingested import DATA

from pipeline.ingest.format import Bad
from pipeline.ingest.lines import lines
from pipeline.ingest.listing import list_files
from pipeline.ingest.reader import Parsed, guarded, read_path
from pipeline.ingest.registry import FLOOR, formats, recognise
from pipeline.ingest.streams import head_of, open_stream
from schemas.sources import INPUTS

OURS = {"access", "json", "suricata", "syslog", "text", "windows", "zeek"}


def test_the_room_is_scanned() -> None:
    assert set(formats()) >= OURS
    assert list(formats()) == sorted(formats())
    for name, format in formats().items():
        assert format.id == name
        assert format.title


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"#separator \\x09\n#fields\tts\n", "zeek"),
        (b'{"ts":1.0,"uid":"C1","id.orig_h":"10.0.0.1"}\n', "zeek"),
        (b'{"timestamp":"2021-06-06T16:00:00Z","event_type":"flow"}\n', "suricata"),
        (b'[\n  {\n    "timestamp": "2021-06-06T16:00:00Z",\n    "event_type": "flow"\n  },\n  {"cut', "suricata"),
        (b'{"EventID":1,"Channel":"Security"}\n', "windows"),
        (b'{"@timestamp":"2021-06-06T16:00:00Z","winlog":{"event_id":1}}\n', "windows"),
        (b"<13>Mar 27 13:06:56 h a: x\n", "syslog"),
        (b"Mar 27 13:06:56 h sshd[1]: x\n", "syslog"),
        (b"2024-05-01T10:00:00+00:00 h a[5]: x\n", "syslog"),
        (b"60 <13>1 2024-05-01T10:00:00Z h app - - - one", "syslog"),
        (b'1.1.1.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5\n', "access"),
        (b"2024-05-01 10:00:00,1 INFO x\n", "text"),
        (b"[Sun Dec 04 04:47:44 2005] [notice] x\n", "text"),
        (b"1,2026/11/27 03:10:00,0018,TRAFFIC,drop,1,2026/11/27 03:10:00,10.0.0.1,10.0.0.2\n" * 3, "text"),
        (b'{"time":"2024-05-01T10:00:00Z","level":"info","msg":"x"}\n', "json"),
        (b"StartTime,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State\n", "argus"),
        (b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(64), "packets"),
        (b"MSH|^~\\&|EPR|HOSP|||20260302090000||ADT^A01|1|P|2.5\rPID|1||9\r", "hl7"),
        (b"\x0bMSH|^~\\&|EPR|HOSP\rPID|1||9\r\x1c\r", "hl7"),
        (b"FHS|^~\\&|EPR\rBHS|^~\\&|EPR\rMSH|^~\\&|EPR\r", "hl7"),
        (b"", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", None),
        (b"a;b;c\n1;2;3\n", None),
    ],
)
def test_content_decides(head: bytes, expected: str | None) -> None:
    for name in ("data", "conn.log", "eve.json", "auth.log"):
        found = recognise(head, name)
        assert (found.id if found else None) == expected


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not on this machine")
@pytest.mark.parametrize("room", ["network", "logs"])
def test_every_record_of_the_public_data_is_an_event_or_a_dead_letter(room: str) -> None:
    totals: Counter[str] = Counter()
    for path in list_files([DATA / room]).files:
        stream = open_stream(path, problems := [])
        format = recognise(head_of(stream), path.name)
        if format is None:
            assert [isinstance(result, Parsed) for result in read_path(path)] == [False], path
            totals["refused"] += 1
            continue
        assert format.id in OURS, path
        records = [
            result for result in guarded(format, stream, path.name) if isinstance(result, Bad) or result.part == 0
        ]
        assert not problems
        assert not any("reader failed" in record.reason for record in records if isinstance(record, Bad))
        if not path.name.startswith("suricata_alerts"):  # the only one that is an array
            content = open_stream(path, problems)
            expected = sum(1 for _, line, _ in lines(content) if line.strip() and not line.lstrip().startswith(b"#"))
            assert len(records) == expected, path
        totals[format.id] += len(records)
        totals["bad"] += sum(isinstance(record, Bad) for record in records)
    assert totals["bad"] <= 1 if room == "network" else totals["bad"] == 0, totals
    assert totals["refused"] < 30, totals


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not on this machine")
def test_health_data_is_never_taken_for_log_text() -> None:
    for path in list_files([DATA / "health"]).files:
        found = recognise(head_of(open_stream(path, [])), path.name)
        assert found is None or found.id not in OURS, path


def test_scores_are_probabilities() -> None:
    assert 0 < FLOOR < 0.1
    for head in (b"", b"\x00" * 100, b"x" * 65_536, b"\n" * 1000, b"{" * 1000, b"#separator"):
        for format in formats().values():
            assert 0 <= format.sniff(head, "name") <= 1
    assert {"network", "logs"} <= set(INPUTS)
