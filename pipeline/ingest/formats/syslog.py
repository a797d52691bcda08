"""Syslog files and streams, auth.log among them."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Item, each
from pipeline.ingest.lines import LOOK_AT_BYTES, MAX_RECORD_BYTES, Line, lines, majority, whole_lines
from pipeline.ingest.streams import head_of
from pipeline.ingest.syslog_lines import looks_like, parse
from pipeline.ingest.told.audit_lines import AuditLines
from pipeline.ingest.told.items import told_items
from pipeline.ingest.year_clock import YearlessFormat

_COUNTED = re.compile(rb"(\d{1,7}) <\d{1,3}>")
_SNIFFED_LINES = 50


class Syslog(YearlessFormat):
    """RFC 5424, RFC 3164 (year by `year_clock`), ISO times, octet counting; a line without a time follows the line
    before it. What a line tells makes it an AuthEvent, a WebEvent, a ProcessEvent, a FlowEvent or a LineEvent.
    """

    id = "syslog"
    title = "Syslog and auth.log"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """The share of lines that open as syslog does."""
        if _COUNTED.match(head):
            return 0.9
        texts = [line for line in head.split(b"\n")[:_SNIFFED_LINES] if line.strip()]
        hits = sum(looks_like(line.rstrip(b"\r").decode("utf-8", "backslashreplace")) for line in texts)
        return 0.9 * majority(hits, len(texts))

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """Events of every line or counted frame."""
        head = head_of(stream)
        clock = self.clock(name, head)
        audit = AuditLines()
        last_ts: float | None = None
        records = _frames(stream) if _COUNTED.match(head) else lines(stream)

        def events(line: Line) -> Iterator[Item | Bad]:
            nonlocal last_ts
            text = line.raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
            fields = parse(text, clock) or {"message": text}
            ts = fields.setdefault("ts", last_ts)
            if ts is None:
                yield Bad(line.position, "the line has no time, nor has one before it", line.raw, "syslog")
                return
            last_ts = ts
            audited = audit.fields(fields["message"]) if "audit(" in fields["message"] else None
            fields["format"] = "syslog"
            if audited:
                yield Item("logs", {**fields, **audited}, line.position, line.raw)
            else:
                yield from told_items(fields, line.position, line.raw)

        return each(whole_lines(records, self.id), events, self.id)


def _frames(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Frames of RFC 6587 octet counting; where a count is wrong, the line it stands in is one record."""
    number = 0
    while True:
        number += 1
        digits = b""
        while len(digits) < 9 and (byte := stream.read(1)):
            if digits or byte not in b"\r\n ":
                digits += byte
            if byte == b" " and digits:
                break
        if not digits:
            return
        size = int(digits) if digits.strip().isdigit() else -1
        if 0 < size <= MAX_RECORD_BYTES:
            yield number, stream.read(size).rstrip(b"\r\n"), True
        else:
            line = digits + stream.readline(MAX_RECORD_BYTES)
            yield number, line.rstrip(b"\r\n"), len(line) < MAX_RECORD_BYTES
