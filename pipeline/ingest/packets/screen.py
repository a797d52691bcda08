"""Screens shared over RFB (VNC, RFC 6143): how somebody is asked who he is, and whether he was let in, as rows of
Zeek's rfb.log."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row

VERSION = re.compile(rb"RFB (\d{3})\.(\d{3})\n")
_TYPES = {
    0: "Invalid", 1: "None", 2: "VNC", 5: "RA2", 6: "RA2ne", 16: "Tight", 17: "Ultra", 18: "TLS", 19: "VeNCrypt",
    20: "GTK-VNC SASL", 21: "MD5 hash", 22: "Colin Dean xvp", 30: "Apple Remote Desktop",
}  # fmt: skip
"""As Zeek names them."""
_NONE, _CHALLENGED, _APPLE = 1, 2, 30
_CHALLENGE, _RESULT, _MOST = 16, 4, 4_096
_OLD, _TOLD_ALWAYS = 3, 8
"""Minor versions of protocol 3 up to which the server chooses, and from which each choice has a result."""
_VERSION = 12


class Screen:
    """Of one connection: told once, when it is known how it went. Of methods that go on in secret only the method."""

    service = "rfb"

    def __init__(self) -> None:
        self._said = {True: b"", False: b""}
        self._row: dict[str, Any] = {}
        self._over = self._lost = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row."""
        if self._over or self._lost:
            return
        self._row.setdefault("ts", ts)
        self._said[mine] = (self._said[mine] + payload)[:_MOST]
        yield from self._known()

    def miss(self, size: int, *, mine: bool) -> None:
        """What comes behind a hole cannot be told apart any more."""
        self._lost = True

    def end(self) -> Iterator[Row]:
        """What came to no end."""
        if not self._over and len(self._row) > 1:
            self._over = True
            yield "rfb", self._row

    def _known(self) -> Iterator[Row]:
        server, client = self._said[False], self._said[True]
        for end, said in (("server", server), ("client", client)):
            if found := VERSION.match(said):
                self._row[f"{end}_major_version"], self._row[f"{end}_minor_version"] = (
                    part.decode() for part in found.groups()
                )
        if not (len(server) > _VERSION and len(client) >= _VERSION and VERSION.match(client)):
            return
        minor = int(client[8:11])
        kind, at = self._chosen(minor, server[_VERSION:], client[_VERSION:])
        if kind is None:
            return
        self._row["authentication_method"] = _TYPES.get(kind, f"unknown-{kind}")
        if kind == _NONE and minor < _TOLD_ALWAYS:
            yield from self._told(success=True)
        elif kind in (_NONE, _CHALLENGED, _APPLE):
            at += _asked(kind, server[at:])
            result = server[at : at + _RESULT]
            if len(result) == _RESULT and (kind == _NONE or len(client) > _VERSION + (minor > _OLD)):
                yield from self._told(success=not any(result))

    def _chosen(self, minor: int, server: bytes, client: bytes) -> tuple[int | None, int]:
        """(the method, where what follows begins in what the server says); None where it is not known yet."""
        if minor <= _OLD:
            return (int.from_bytes(server[:4], "big"), _VERSION + 4) if len(server) >= 4 else (None, 0)
        return (client[0], _VERSION + 1 + server[0]) if client and server[0] else (None, 0)

    def _told(self, *, success: bool) -> Iterator[Row]:
        self._over = True
        self._said = {True: b"", False: b""}
        yield "rfb", self._row | {"auth": success}


def _asked(kind: int, server: bytes) -> int:
    """Bytes of the server's question."""
    if kind == _CHALLENGED:
        return _CHALLENGE
    return 4 + 2 * int.from_bytes(server[2:4], "big") if kind == _APPLE else 0
