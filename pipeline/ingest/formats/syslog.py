"""Syslog files and streams, auth.log among them."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.auth_lines import address_in, auth_events
from pipeline.ingest.format import Bad, Fields, Item
from pipeline.ingest.lines import LOOK_AT_BYTES, MAX_RECORD_BYTES, lines, majority, overlong
from pipeline.ingest.syslog_lines import looks_like, parse
from pipeline.ingest.year_clock import YearClock, YearlessFormat

_COUNTED = re.compile(rb"(\d{1,7}) <\d{1,3}>")
_PEERS = frozenset(("sshd", "sshd-session", "ftpd", "vsftpd", "proftpd", "dovecot", "telnetd", "xinetd"))
_SNIFFED_LINES = 50


class Syslog(YearlessFormat):
    """RFC 5424, RFC 3164 (year by `year_clock`), ISO times, octet counting; a line without a time follows the line
    before it. About authentication: AuthEvent, everything else: LineEvent.
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
        head = stream.peek(65_536) if hasattr(stream, "peek") else b""
        clock = YearClock(self.clock_year(name, head))
        last_ts: float | None = None
        records = _frames(stream) if _COUNTED.match(head) else lines(stream)
        for number, raw, whole in records:
            if not whole:
                yield overlong(number, raw, "syslog")
                continue
            if not raw.strip():
                continue
            text = raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
            fields = parse(text, clock) or {"message": text}
            ts = fields.setdefault("ts", last_ts)
            if ts is None:
                yield Bad(f"line {number}", "the line has no time, nor has one before it", raw, "syslog")
                continue
            last_ts = ts
            yield from _items(fields, f"line {number}", raw)


def _items(fields: Fields, position: str, raw: bytes) -> Iterator[Item]:
    program, message = fields.get("program") or "", fields["message"]
    fields["format"] = "syslog"
    bare = program.rpartition("/")[2]
    auths = auth_events(bare, message) if bare else []
    for part, auth in enumerate(auths):
        yield Item("logs", {**fields, **auth, "kind": "auth"}, position, raw, part)
    if not auths:
        fields["kind"] = "line"
        if bare in _PEERS:
            fields["src_ip"] = address_in(message)
        yield Item("logs", fields, position, raw)


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
