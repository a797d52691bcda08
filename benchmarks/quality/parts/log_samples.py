"""Lines of hundreds of programs that others collected to test their own parsers: what of them is read right."""

import json
import re
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.ingest.format import Fields, Item
from pipeline.ingest.reader import guarded
from pipeline.ingest.registry import recognise
from pipeline.ingest.streams import head_of, open_stream

title = "Log lines of other people's tests"
protocol = """DATA/log_samples/fail2ban (`fail2ban/tests/files/logs` of fail2ban/fail2ban: lines of 90 services, before
each what a ban must be based on: time and address, or that there is nothing) and DATA/log_samples/crowdsec (`.tests`
of crowdsecurity/hub: 390 folders, with what their parser finds). Each file is read as `scan` reads it, by itself. Read:
lines that became an event. Time: right to the second, give or take whole hours (zones). Address: as the source of the
line's event. Failed logon: lines of which the collection says so (fail2ban: any reason to ban, refused mail and probes
among them) and which are an AuthEvent with outcome failure or a web request turned away (401, 403). Account: as its
user. Against it: lines that are no reason to ban an address and are such a failure of one. Half of the files of each,
by the hash of their names, is for the report and was not looked into."""
_EXPECTED = re.compile(r"#\s*failJSON:\s*(\{.*\})")
_META = re.compile(r'results\["s01-parse"\]\["([^"]+)"\]\[(\d+)\]\.Evt\.Meta\["(\w+)"\] == "(.*)"$')
_FAILED = re.compile(r"fail|_bf|bad_pass|invalid")
_ONE_DIGIT_DAY = re.compile(r"-(\d)T")
Events = dict[int, list[Fields]]
"""The fields of the events of each line, by its number."""


def run(options: Options) -> list[Row]:
    """A row a collection and half."""
    root = options.path("log_samples")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="wardwatch-samples-") as scratch:
        for half in HALVES:
            rows.append(_row("fail2ban", half, _annotated(root / "fail2ban", half, Path(scratch))))
            rows.append(_row("crowdsec", half, _parsed(root / "crowdsec", half)))
    return rows


def _row(name: str, half: str, counts: Counter[str]) -> Row:
    shares = ("time", "address", "failed logon", "account", "against it")
    row: Row = {"collection": name, "half": half, "files": counts["files"], "lines": counts["lines"]}
    row["read"] = f"{counts['read']}/{counts['lines']}"
    return row | {share: f"{counts[share]}/{counts['of ' + share]}" for share in shares if counts["of " + share]}


def events_of(path: Path) -> Events:
    """What the file becomes."""
    stream = open_stream(path, [])
    chosen = recognise(head_of(stream), path.name)
    found: Events = {}
    for item in guarded(chosen, stream, path.name) if chosen else ():
        place = re.search(r"\d+", item.position)
        if isinstance(item, Item) and place:
            found.setdefault(int(place[0]), []).append(item.fields)
    return found


def _failure(event: Fields) -> bool:
    if event["kind"] == "web":
        return event.get("status") in (401, 403)
    return event["kind"] == "auth" and event.get("outcome") == "failure"


def _annotated(folder: Path, half: str, scratch: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and in_half(p.name, half)):
        lines, wanted = _lines_and_notes(path)
        if not lines:
            continue
        copy = scratch / path.name
        copy.write_text("\n".join(lines) + "\n", encoding="utf-8")
        found = events_of(copy)
        counts.update(files=1, lines=len(lines), read=len(found))
        for number, note in enumerate(wanted, start=1):
            if note is not None:
                _compare(note, found.get(number, []), counts)
    return counts


def _lines_and_notes(path: Path) -> tuple[list[str], list[Fields | None]]:
    lines: list[str] = []
    notes: list[Fields | None] = []
    note = None
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _EXPECTED.match(line)
        if match:
            try:
                note = json.loads(match[1])
            except ValueError:
                note = None
        elif line.strip() and not line.startswith("#"):
            lines.append(line)
            notes.append(note)
            note = None
    return lines, notes


def _compare(note: Fields, events: list[Fields], counts: Counter[str]) -> None:
    failed = any(map(_failure, events))
    if not note.get("match"):
        counts.update({"of against it": 1, "against it": failed and any(e.get("src_ip") for e in events)})
        return
    host = note.get("host")
    told = any(host in (event.get("src_ip"), event.get("src_host")) for event in events)
    counts.update({"of address": 1, "address": told, "of failed logon": 1, "failed logon": failed})
    if note.get("time") and events:
        expected = datetime.fromisoformat(_ONE_DIGIT_DAY.sub(r"-0\1T", note["time"])).replace(tzinfo=UTC)
        moment = datetime.fromtimestamp(events[0]["ts"], UTC)
        near = abs((moment.replace(year=expected.year) - expected).total_seconds()) <= 86_400
        same = (moment.minute, moment.second) == (expected.minute, expected.second)
        counts.update({"of time": 1, "time": same and near})


def _parsed(folder: Path, half: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for test in sorted(path for path in folder.iterdir() if path.is_dir() and in_half(path.name, half)):
        told, settings = test / "parser.assert", (test / "config.yaml").read_text(encoding="utf-8")
        log = re.search(r"^log_file:\s*\"?([^\s\"]+)", settings, re.MULTILINE)
        if not log or not (test / log[1]).is_file() or not told.is_file() or not told.stat().st_size:
            continue
        metas: dict[tuple[str, str], dict[str, str]] = {}
        for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
            match = _META.match(line)
            if match:
                metas.setdefault((match[1], match[2]), {})[match[3]] = match[4]
        found = events_of(test / log[1])
        lines = (test / log[1]).read_text(encoding="utf-8", errors="replace").splitlines()
        counts.update(files=1, lines=sum(bool(line.strip()) for line in lines), read=len(found))
        _compare_sets(list(metas.values()), [event for events in found.values() for event in events], counts)
    return counts


def _compare_sets(metas: list[dict[str, str]], events: list[Fields], counts: Counter[str]) -> None:
    """By value: theirs are in order of parsing, not of lines."""
    failed = sum(bool(_FAILED.search(m.get("log_type", "") + m.get("sub_type", ""))) for m in metas)
    users = [m.get("target_user") or m.get("user") or m.get("username") for m in metas]
    for share, wanted, have in (
        ("address", [m.get("source_ip") for m in metas], [e.get("src_ip") for e in events]),
        ("account", users, [e.get("user") or e.get("target_user") for e in events]),
        ("failed logon", ["x"] * failed, ["x"] * sum(map(_failure, events))),
    ):
        asked, there = Counter(value for value in wanted if value), Counter(have)
        counts[f"of {share}"] += asked.total()
        counts[share] += sum(min(n, there[value]) for value, n in asked.items())
