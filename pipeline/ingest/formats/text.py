"""Plain text lines of any kind: what is left when no other format knows the file."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Item, each
from pipeline.ingest.line_times import LOOK_AT, NAMED_WITHIN, TimeFinder
from pipeline.ingest.lines import LOOK_AT_BYTES, Line, lines, whole_lines
from pipeline.ingest.plain_text import is_log_text
from pipeline.ingest.streams import head_of
from pipeline.ingest.told.audit_lines import AuditLines
from pipeline.ingest.told.items import told_items
from pipeline.ingest.year_clock import YearlessFormat

_SNIFFED_LINES = 200
_UNTIMED_LINES = 1000
"""So many lines may come before the first time; they get that time. A text without any is refused as a whole: an
event without a time has no place in a stream."""
_LEVEL = re.compile(
    r"\b(EMERG(?:ENCY)?|FATAL|SEVERE|CRIT(?:ICAL)?|ALERT|ERR(?:OR)?|FAILURE|WARN(?:ING)?|NOTICE|INFO|DEBUG|TRACE)\b"
    r"[\]:|]?",
    re.IGNORECASE,
)
_SEVERITIES = {"EM": 0, "FA": 2, "SE": 3, "CR": 2, "AL": 1, "ER": 3, "WA": 4, "NO": 5, "IN": 6, "DE": 7, "TR": 7}
_PROGRAM = re.compile(r" {0,24}(?:\[[^\]]{0,64}\] )?([A-Za-z][\w.$/-]{2,80}):? ")
_CLUSTER = re.compile(
    r"\d{4}\.\d\d\.\d\d (\S{1,128}) "
    r"(?:(?:\d{4}-\d\d-\d\d-[\d.]+|[A-Z][a-z]{2} {1,2}\d{1,2} [\d:]{8}) \S{1,256} )?"
)
"""Supercomputer logs: date, node, the time again, the node again."""
_EDGES = " \t-,:|[]"
_NO_TIME = "no time is found in this text, so its lines have no place in event time"


class Text(YearlessFormat):
    """Lines whose time stands early in them; a line without one belongs to the line before it (stack traces)."""

    id = "text"
    title = "Any text log, line by line"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Little, so that every other format comes first; 0 for what is no log text or has no time at all."""
        if not is_log_text(head):
            return 0.0
        finder = TimeFinder(self.clock(name, head), head)
        first = head.split(b"\n", _SNIFFED_LINES)[:_SNIFFED_LINES]
        return 0.1 if any(finder.find(line[:NAMED_WITHIN].decode("utf-8", "replace")) for line in first) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every line that is not empty; what it tells decides which (`told_items`)."""
        head = head_of(stream)
        finder = TimeFinder(self.clock(name, head), head)
        records = lines(stream)
        untimed: list[tuple[int, bytes, bool]] = []
        for entry in islice(records, _UNTIMED_LINES):
            untimed.append(entry)
            if finder.find(entry[1][:NAMED_WITHIN].decode("utf-8", "replace")):
                break
        else:
            if any(raw.strip() for _, raw, _ in untimed):
                yield Bad("file", _NO_TIME, b"\n".join(raw for _, raw, _ in untimed)[:65_536], "text")
            return
        yield from _read(chain(untimed, records), finder, _first_ts(finder, untimed[-1][1]))


def _first_ts(finder: TimeFinder, raw: bytes) -> float:
    found = finder.find(raw[:NAMED_WITHIN].decode("utf-8", "replace"))
    return found[0] if found else 0.0


def _read(records: Iterator[tuple[int, bytes, bool]], finder: TimeFinder, ts: float) -> Iterator[Item | Bad]:
    audit = AuditLines()

    def events(cut: Line) -> Iterator[Item | Bad]:
        nonlocal ts
        line = cut.raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\\x00").rstrip()
        found = finder.find(line)
        if found:
            ts, start, end = found
            fields = line_fields(line[:start].strip(_EDGES), line[end:].strip(" \t-,:|"))
        else:
            fields = {"message": line}
        fields.update(ts=ts, format="text")
        audited = audit.fields(line) if "audit(" in line[:NAMED_WITHIN] else None
        if audited:
            yield Item("logs", {"format": "text", **audited}, cut.position, cut.raw)
        else:
            yield from told_items(fields, cut.position, cut.raw)

    return each(whole_lines(records, "text"), events, "text")


def line_fields(before: str, after: str) -> Fields:
    """`message`, and `severity`, `program` and `host` where they are evident; the time of the line is cut out."""
    after = after.removeprefix("]").lstrip(" \t-,:|")
    cluster = _CLUSTER.match(after)
    fields: Fields = {}
    if cluster:
        fields["host"], after = cluster[1], after[cluster.end() :]
    fields["message"] = f"{before} {after}" if before else after
    level = _LEVEL.search(after, 0, LOOK_AT)
    if level:
        fields["severity"] = _SEVERITIES[level[1][:2].upper()]
        program = _PROGRAM.match(after, level.end())
        if program:
            fields["program"] = program[1]
    return fields
