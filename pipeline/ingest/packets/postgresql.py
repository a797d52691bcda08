"""Log-ons to PostgreSQL, as rows of Zeek's postgresql.log. What is asked of the database is not looked at."""

from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.packet import Row

_VERSION = b"\x00\x03"
"""Of the protocol; requests for encryption have others."""
_METHODS = {2: "KerberosV5", 3: "CleartextPassword", 5: "MD5Password", 7: "GSSAPI", 9: "SSPI", 10: "SASL"}
_LET_IN, _ASKS, _REFUSES = 0, b"R", b"E"
_HEAD, _MOST, _LONGEST = 5, 2_048, 10_000


def _size(data: bytes, at: int) -> int:
    size = int.from_bytes(data[at + 1 : at + 5], "big")
    return 1 + size if size >= 4 else 0


class Postgres(Clear):
    """Of one connection: a row of the log-on with its outcome."""

    def __init__(self) -> None:
        super().__init__("postgresql")
        self._begun = b""
        self._frames = Framing(_HEAD, _size, _MOST)
        self._row: dict[str, Any] = {}
        self._over = False

    @override
    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, with the server's answer."""
        if self._over:
            return
        if mine:
            if not self._row:
                self._ask(ts, payload)
            return
        if not self._row:
            return  # whether it may go on encrypted
        for message in self._frames.feed(payload):
            yield from self._answer(message)

    @override
    def missed(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        self._begun = b""
        self._frames.miss(size if not mine else 0)

    @override
    def ended(self) -> Iterator[Row]:
        """A log-on that nobody answered."""
        if self._row and not self._over:
            yield "postgresql", self._row

    def _ask(self, ts: float, payload: bytes) -> None:
        said = (self._begun + payload)[:_LONGEST]
        size = int.from_bytes(said[:4], "big")
        self._begun = said if len(said) < size else b""
        if len(said) < size or said[4:6] != _VERSION:
            return
        words = said[8:size].split(b"\0")
        given = dict(zip(words[::2], words[1::2], strict=False))
        named = {c: given.get(c.encode(), b"")[:256].decode("utf-8", "replace") or None
                 for c in ("user", "database", "application_name")}  # fmt: skip
        self._row = {"ts": ts, **named, "frontend": "startup"}

    def _answer(self, message: bytes) -> Iterator[Row]:
        kind = message[:1]
        if kind == _ASKS and len(message) >= 9:
            method = int.from_bytes(message[5:9], "big")
            if method in _METHODS:
                self._row["backend_arg"] = _METHODS[method]
            elif method == _LET_IN:
                yield from self._told({"backend": "auth_ok", "success": True})
        elif kind == _REFUSES:
            fields = {part[:1]: part[1:] for part in message[5:].split(b"\0") if part}
            code, text = (fields.get(name, b"")[:256].decode("utf-8", "replace") for name in (b"C", b"M"))
            yield from self._told({"backend": "error", "success": False, "error": f"{code} {text}".strip()})

    def _told(self, how: dict[str, Any]) -> Iterator[Row]:
        self._over = True
        yield "postgresql", self._row | how
