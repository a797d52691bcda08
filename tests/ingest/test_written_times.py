"""A moment is read alike however it is written: in JSON, tables of logs, flows and accesses, and lines of text."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from ingested import events, letters, read

FIRST = datetime(2024, 12, 14, 18, 5, 46, tzinfo=UTC)
MINUTES = [FIRST + timedelta(minutes=7 * n) for n in range(6)]
DE_MONTH = "Dezember"

WAYS = {
    "ISO": "%Y-%m-%dT%H:%M:%SZ",
    "a blank between": "%Y-%m-%d %H:%M:%S",
    "slashes, year first": "%Y/%m/%d %H:%M:%S",
    "a zone by letters": "%Y-%m-%d %H:%M:%S GMT",
    "web servers": "%d/%b/%Y:%H:%M:%S +0000",
    "the year last": "%a %b %d %H:%M:%S %Y",
    "a zone before the year": "%a %b %d %H:%M:%S UTC %Y",
    "mail": "%a, %d %b %Y %H:%M:%S +0000",
    "HTTP": "%a, %d %b %Y %H:%M:%S GMT",
    "American": "%m/%d/%Y %I:%M:%S %p",
    "American, 24 hours": "%m/%d/%Y %H:%M:%S",
    "American, no seconds": "%m/%d/%Y %I:%M %p",
    "American, short year": "%m/%d/%y %H:%M",
    "American with a zone": "%m/%d/%Y %H:%M:%S +0000",
    "German": "%d.%m.%Y %H:%M:%S",
    "German, no seconds": "%d.%m.%Y %H:%M",
    "day first, dashes": "%d-%m-%Y %H:%M:%S",
    "databases": "%d-%b-%Y %H:%M:%S",
    "Oracle": "%d-%b-%y %I.%M.%S.000000 %p",
    "the month in full": "%B %d, %Y %H:%M:%S",
    "half a day behind a month's name": "%b %d, %Y %I:%M:%S %p",
    "Kibana": "%b %d, %Y @ %H:%M:%S.000",
    "German, the month in full": f"%d. {DE_MONTH} %Y %H:%M:%S",
    "digits": "%Y%m%d%H%M%S",
    "digits and a T": "%Y%m%dT%H%M%SZ",
}


def truth(way: str) -> list[float]:
    exact = [moment.timestamp() for moment in MINUTES]
    return exact if "%S" in WAYS[way] else [ts - ts % 60 for ts in exact]


def written(way: str) -> list[str]:
    return [moment.strftime(WAYS[way]) for moment in MINUTES]


def table(header: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


@pytest.mark.parametrize("way", WAYS)
def test_in_json(way: str, tmp_path: Path) -> None:
    rows = [{"time": t, "host": "srv-1", "level": "info", "message": "service started"} for t in written(way)]
    told = events(tmp_path, "a.json", b"\n".join(map(orjson.dumps, rows)))
    assert [e["ts"] for e in told] == truth(way)
    assert {e["message"] for e in told} == {"service started"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (["Time", "Host", "Level", "Message"], ["srv-1", "info", "service started"]),
        (["Time", "Source IP", "Destination IP", "Source Port", "Destination Port", "Protocol", "Bytes"],
         ["10.0.0.5", "203.0.113.9", "40000", "443", "TCP", "1500"]),
        (["Access Time", "User ID", "Patient MRN", "Action"], ["u5", "771", "view"]),
    ],
    ids=["logs", "flows", "accesses"],
)  # fmt: skip
def test_in_tables(way: str, header: list[str], cells: list[str], tmp_path: Path) -> None:
    told = events(tmp_path, "a.csv", table(header, [[t, *cells] for t in written(way)]))
    assert [e["ts"] for e in told] == truth(way)


@pytest.mark.parametrize("way", WAYS)
def test_in_lines(way: str, tmp_path: Path) -> None:
    text = "".join(f"{t} srv-1 cron[4]: service started\n" for t in written(way))
    told = events(tmp_path, "a.log", text)
    assert [e["ts"] for e in told] == truth(way)


@pytest.mark.parametrize(
    ("written", "truth"),
    [
        ("133786731460000000", 1734199546.0),  # Windows: tenths of microseconds since 1601
        ("/Date(1734199546123)/", 1734199546.123),
        ("2024-12-14 18:05:46 CET", 1734199546.0 - 3600),
        ("Sat Dec 14 18:05:46 EST 2024", 1734199546.0 + 5 * 3600),
        ("14-DÉC-24 06.05.46 PM", 1734199546.0),
        ("14 de diciembre de 2024 18:05:46", 1734199546.0),
        ("14 juil. 2024 18:05:46", 1720980346.0),
    ],
)
def test_odd_ones(written: str, truth: float, tmp_path: Path) -> None:
    row = orjson.dumps({"time": written, "host": "srv-1", "level": "info", "message": "service started"})
    assert [e["ts"] for e in events(tmp_path, "a.json", row)] == [truth]


@pytest.mark.parametrize("words", ["31/Feb/2024:10:00:00 +0000", "14 Foo 2024 10:00:00", "Dec 14, 2024 @ 25:00:00"])
def test_no_moment_is_made_up(words: str, tmp_path: Path) -> None:
    row = orjson.dumps({"time": words, "host": "srv-1", "level": "info", "message": "service started"})
    assert len(letters(read(tmp_path, "a.json", row))) == 1


def test_other_rows_tell_whether_months_come_first(tmp_path: Path) -> None:
    rows = [
        {"time": t, "level": "info", "message": "x", "seen": {"last": t}}
        for t in ("03/04/2024 10:00", "03/14/2024 10:00")
    ]
    told = events(tmp_path, "a.json", orjson.dumps(rows))
    assert [datetime.fromtimestamp(e["ts"], UTC).month for e in told] == [3, 3]
    swapped = orjson.dumps(rows).replace(b"03/14", b"14/03")
    assert [datetime.fromtimestamp(e["ts"], UTC).month for e in events(tmp_path, "b.json", swapped)] == [4, 3]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["Month", "Date", "Time", "Component", "Content"], ["Dec", "14", "18:05:46", "cron", "service started"]),
        (["Date", "Day", "Time", "Pid", "Content"], ["Dec", "14", "18:05:46", "4", "service started"]),
        (["Date", "Time", "Level", "Content"], ["241214", "180546", "INFO", "service started"]),
        (["Date", "Time", "Level", "Description"], ["12-14", "18:05:46.000", "I", "service started"]),
        (["Time", "Program", "Details"], ["20241214-18:05:46:000", "cron", "service started"]),
    ],
)
def test_pieces_of_a_time_in_columns(header: list[str], row: list[str], tmp_path: Path) -> None:
    told = events(tmp_path, "2024-12.csv", table(header, [row] * 3))
    assert [e["ts"] for e in told] == [FIRST.timestamp()] * 3
    assert {e["message"] for e in told} == {"service started"}


def test_seconds_since_1970_behind_other_words(tmp_path: Path) -> None:
    lines = [f"{k * 77} node-{k} unix.hw state.change {1734199546 + k} 1 part {k} is away" for k in range(6)]
    assert [e["ts"] for e in events(tmp_path, "a.log", "\n".join(lines))] == [1734199546.0 + k for k in range(6)]
    ids = [f"{k} node unix.hw job {1100000000 + 90000000 * k} done" for k in range(6)]
    assert len(letters(read(tmp_path, "b.log", "\n".join(ids)))) == 1


def test_ids_in_braces_are_no_json(tmp_path: Path) -> None:
    rows = [[f"{{A-{k}}}", "x", "y"] for k in range(9)]
    (letter,) = letters(read(tmp_path, "a.csv", table(["id", "colour", "weight"], rows)))
    assert "table" in letter.reason
    assert "JSON" not in letter.reason


def test_notes_about_people_are_no_lines_of_a_program(tmp_path: Path) -> None:
    for header in (
        ["Date", "Time", "First Name", "Details"],
        ["Time", "Subject", "Entry"],
        ["Time", "Person", "Content"],
    ):
        text = table(header, [["2026-11-20 10:00:00"[: 10 if name == "Date" else 19] for name in header]] * 3)
        assert len(letters(read(tmp_path, "a.csv", text))) == 1, header
