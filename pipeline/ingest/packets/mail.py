"""Mail on its way (RFC 5321): who sends to whom, as a row of Zeek's smtp.log, with the message for who reads mail; and
who logs on to send some (RFC 4954)."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.attempt import Attempt
from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.lines import Lines
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown
from pipeline.ingest.packets.stream import Room

MESSAGE = "message"
"""Column of the row that holds the message as bytes; it goes to the reader of mail, and no further."""
MOST_BYTES, _MOST_RECIPIENTS = 1 << 20, 100
"""Of one message; what is behind are mostly attachments, whose names stand before them."""
_PATH = re.compile(r"(?:FROM|TO):\s*<?([^<>\s]{0,320})", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,12})(\s+LAST)?\s*$", re.IGNORECASE)
_LET_IN, _REFUSED, _ASKS = "235", "535", "334"
_BANNER = re.compile(r"\b(Postfix|Exim [\d.]+|Sendmail [\d.]+|Microsoft ESMTP|hMailServer)\b", re.IGNORECASE)


class MailTransfer(Clear):
    """Of one connection: a row of each mail when it was taken or refused, or nothing of it comes any more. A message
    is kept for as long as it comes, up to 1 MB, and as far as there is room."""

    def __init__(self, room: Room) -> None:
        super().__init__("smtp")
        self._room = room
        self._lines = {True: Lines(), False: Lines()}
        self._helo: str | None = None
        self._attempt: Attempt | None = None
        self._row: dict[str, Any] = {}
        self._body: bytearray | None = None
        self._size = 0
        self._chunk = 0
        """Bytes that are left of one whose size was told (RFC 3030)."""
        self._chunked = self._whole = False

    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row of each mail that is answered now."""
        at = 0
        while at < len(payload):
            if mine and self._chunk:
                part = payload[at : at + self._chunk]
                at += len(part)
                self._chunk -= len(part)
                self._keep(part)
                continue
            line, at = self._lines[mine].take(payload, at)
            if line is None:
                break
            if not mine:
                yield from self._answer(ts, line.decode("utf-8", "replace"))
            elif self._attempt is not None and b" " not in line:
                self._attempt.hear_text(line)
            elif self._body is None or self._whole or self._chunked:
                yield from self._command(ts, line.decode("utf-8", "replace"))
            elif line == b".":
                self._whole = True
            else:
                self._keep(line.removeprefix(b".") + b"\r\n")

    def missed(self, size: int, *, mine: bool) -> None:
        """A hole in a message is left out of it."""
        self._attempt = None
        self._chunk -= min(size, self._chunk) if mine else 0

    def ended(self) -> Iterator[Row]:
        """A mail that nobody answered."""
        yield from self._told(None)

    def _command(self, ts: float, line: str) -> Iterator[Row]:
        self._attempt = None
        command, _, arg = line.partition(" ")
        command = command.strip().upper()
        if command in ("HELO", "EHLO"):
            self._helo = arg.strip()[:256] or None
        elif command == "MAIL":
            yield from self._told(None)
            self._row = {"ts": ts, "helo": self._helo, "mailfrom": _path(arg)}
        elif command == "RCPT" and self._row:
            to = self._row.setdefault("rcptto", [])
            if len(to) < _MOST_RECIPIENTS and (path := _path(arg)):
                to.append(path)
        elif command == "DATA" and self._row:
            self._body = bytearray()
        elif command == "BDAT" and self._row and (size := _SIZE.match(arg)):
            self._body = self._body or bytearray()
            self._chunk, self._chunked, self._whole = int(size[1]), True, bool(size[2])
        elif command == "AUTH" and (words := arg.split(maxsplit=1)):
            self._attempt = Attempt(ts, mechanism=words[0])
            if len(words) > 1:
                self._attempt.hear_text(words[1].encode())
        elif command == "RSET":
            yield from self._told(None)

    def _answer(self, ts: float, line: str) -> Iterator[Row]:
        if not line[:3].isdecimal() or line[3:4] == "-":
            return
        banner = _BANNER.search(line) if line[:3] == "220" else None
        if banner and (row := shown(ts, banner[1], "SMTP::SERVER", by_server=True)):
            yield row
        if self._attempt is not None and line[:3] != _ASKS:
            attempt, self._attempt = self._attempt, None
            if line[:3] in (_LET_IN, _REFUSED):
                yield from attempt.rows("smtp_auth", success=line[:3] == _LET_IN, error=line)
        if self._whole and not self._chunk:
            yield from self._told(line[:256])
        elif self._body is not None and line[:1] in "45" and not self._size:
            yield from self._told(line[:256])  # the message was not asked for

    def _keep(self, part: bytes) -> None:
        part = part[: min(MOST_BYTES - self._size, self._room.mails)]
        if part and self._body is not None:
            self._body += part
            self._size += len(part)
            self._room.mails -= len(part)

    def _told(self, answer: str | None) -> Iterator[Row]:
        row, body = self._row, bytes(self._body or b"")
        self._room.mails += self._size
        self._row, self._body, self._size, self._chunk = {}, None, 0, 0
        self._chunked = self._whole = False
        if row:
            yield "smtp", row | {"last_reply": answer, **({MESSAGE: body} if body else {})}


def _path(arg: str) -> str | None:
    found = _PATH.match(arg)
    return found[1] or None if found else None
