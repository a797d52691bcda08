"""Log-ons to SQL Server and Sybase (MS-TDS): who, from which machine, and whether he was let in. What is
asked of the database is not looked at."""

import re
import struct
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.logon import MARK, Logon
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.tls import Tls

BEGIN = re.compile(rb"(?:\x12\x01|\x10[\x00\x01])..\x00\x00[\x00-\x02]\x00", re.DOTALL)
"""What is said before a log-on, or one at once."""
_ANSWER, _LOGIN, _SSPI, _BEFORE = 0x04, 0x10, 0x11, 0x12
_KINDS = frozenset((0x01, 0x02, 0x03, _ANSWER, 0x06, 0x07, 0x0E, _LOGIN, _SSPI, _BEFORE))
_LET_IN, _ERROR, _DONE = 0xAD, 0xAA, (0xFD, 0xFE, 0xFF)
_SIZED = frozenset((_LET_IN, _ERROR, 0xAB, 0xE3, 0xED, 0xE5))
"""Tokens that say their length in two bytes: information, changes of the environment, NTLM and such."""
_REFUSED = frozenset((*range(18450, 18471), 18486, 18487, 18488))
"""Numbers of errors that mean a log-on was refused (sys.messages)."""
_RECORDS = (b"\x16", b"\x14", b"\x15", b"\x17")
"""First bytes of TLS."""
_QUOTED = re.compile(r"'([^']{1,256})'")
_HEAD, _MOST, _FIXED, _MOST_NAME, _MOST_TOKENS = 8, 33_000, 56, 256, 64
_NAMES = (("client", 36), ("user", 40))
"""Where a login says where each stands, in signs of two bytes."""


def _size(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 2 : at + 4], "big") if data[at] in _KINDS else 0


class Tds:
    """Of one connection: a row of the log-on with its outcome, and the handshake where it is encrypted. Where the
    log-on alone is, its answer still tells the outcome, and of a refused one the name."""

    service = "mssql"

    def __init__(self) -> None:
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._tls = Tls()
        self._logon = Logon()
        self._row: dict[str, Any] = {}
        self._over = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, with the server's answer."""
        if self._over:
            return
        sealed: list[bytes] = []
        for message in self._frames[mine].feed(payload):
            kind, body = message[0], message[_HEAD:]
            if body[:1] in _RECORDS and body[1:2] == b"\x03":
                sealed.append(body)
            elif mine and kind == _LOGIN:
                self._ask(ts, body)
            elif mine and kind == _SSPI and MARK in body:
                self._logon.hear(body)
            elif not mine and kind == _ANSWER:
                yield from self._answer(ts, body)
        if sealed:
            yield from self._tls.hear(ts, b"".join(sealed), mine=mine)

    def miss(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        self._frames[mine].miss(size)

    def end(self) -> Iterator[Row]:
        """A log-on that nobody answered, a handshake that came to nothing."""
        if self._row and not self._over:
            yield "mssql", self._row
        yield from self._tls.end()

    def _ask(self, ts: float, body: bytes) -> None:
        if len(body) < _FIXED:
            return
        self._row = {"ts": ts}
        for name, at in _NAMES:
            begin, signs = struct.unpack_from("<HH", body, at)
            said = body[begin : begin + 2 * min(signs, _MOST_NAME)]
            self._row[name] = said.decode("utf-16-le", "replace") or None
        if MARK in body:
            self._logon.hear(body)

    def _answer(self, ts: float, body: bytes) -> Iterator[Row]:
        if MARK in body:
            self._logon.hear(body)
        for kind, said in _tokens(body):
            if kind == _LET_IN:
                yield from self._told(ts, success=True, error=None)
            elif kind == _ERROR and len(said) >= 8:
                number, signs = int.from_bytes(said[:4], "little"), int.from_bytes(said[6:8], "little")
                text = said[8 : 8 + 2 * signs].decode("utf-16-le", "replace")[:_MOST_NAME]
                if number in _REFUSED:
                    yield from self._told(ts, success=False, error=f"{number} {text}")

    def _told(self, ts: float, *, success: bool, error: str | None) -> Iterator[Row]:
        if self._over:
            return
        self._over = True
        if logon := self._logon.row(self._row.get("ts", ts), success=success, error=error):
            yield logon
            return
        row = self._row or {"ts": ts}
        if not row.get("user") and error and (named := _QUOTED.search(error)):
            row["user"] = named[1]
        yield "mssql", row | {"success": success, "error": error}


def _tokens(body: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, content) of an answer's tokens, up to the first that is none of a log-on."""
    at = 0
    for _ in range(_MOST_TOKENS):
        kind = body[at] if at < len(body) else 0
        if kind in _DONE:
            at += 13
        elif kind in _SIZED and at + 3 <= len(body):
            size = int.from_bytes(body[at + 1 : at + 3], "little")
            yield kind, body[at + 3 : at + 3 + size]
            at += 3 + size
        else:
            return
