"""Remote desktops: who asks for one, how it is secured and whether it came to be, as rows of Zeek's rdp.log
(MS-RDPBCGR)."""

import re
import struct
from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.packet import Row

REQUEST = re.compile(rb"\x03\x00..[\x02-\xff]\xe0", re.DOTALL)
"""TPKT with a connection request."""
_REQUESTED, _CONFIRMED, _DATA = 0xE0, 0xD0, 0xF0
_COOKIE = re.compile(rb"Cookie: mstshash=([^\r\n]{0,256})")
_SECURITY = {0: "RDP", 1: "SSL", 2: "HYBRID", 8: "HYBRID_EX"}
_FAILURES = {
    1: "SSL_REQUIRED_BY_SERVER", 2: "SSL_NOT_ALLOWED_BY_SERVER", 3: "SSL_CERT_NOT_ON_SERVER",
    4: "INCONSISTENT_FLAGS", 5: "HYBRID_REQUIRED_BY_SERVER", 6: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
}  # fmt: skip
_AGREED, _REFUSED = 2, 3
_CONNECTED = b"\x0a\x01\x00"
"""Result of an MCS Connect-Response: rt-successful."""
_CORE = re.compile(rb"\x01\xc0[\xd4-\xf8]\x00.{20}(.{30}\x00\x00)", re.DOTALL)
"""Client Core Data, in which the client's name stands."""
_HEAD, _MOST = 6, 4096


def _size(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 2 : at + 4], "big") if data[at : at + 2] == b"\x03\x00" else 0


class Desktop(Clear):
    """Of one connection: told once, when it is known how it went. What follows sealed is told as a handshake."""

    def __init__(self) -> None:
        super().__init__("rdp")
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._row: dict[str, Any] = {}
        self._told = False

    @override
    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row."""
        if self._told:
            return
        self._row.setdefault("ts", ts)
        for message in self._frames[mine].feed(payload):
            try:
                self._message(message, mine=mine)
            except (struct.error, IndexError):
                continue  # says that it is shorter than its own head
        if "result" in self._row:
            yield from self.ended()

    @override
    def missed(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        self._frames[mine].miss(size)

    @override
    def ended(self) -> Iterator[Row]:
        """What was asked for and not answered, or went on in secret."""
        if not self._told and len(self._row) > 1:
            self._told = True
            yield "rdp", ({"result": "encrypted"} if self.sealed else {}) | self._row

    def _message(self, data: bytes, *, mine: bool) -> None:
        kind = data[5]
        if kind == _REQUESTED and mine:
            if found := _COOKIE.search(data):
                self._row["cookie"] = found[1].decode("latin-1")
        elif kind == _CONFIRMED and not mine:
            said, _, _, number = struct.unpack_from("<BBHI", data, 11) if len(data) >= 19 else (_AGREED, 0, 0, 0)
            if said == _AGREED:
                self._row["security_protocol"] = _SECURITY.get(number, f"unknown-{number}")
            elif said == _REFUSED:
                self._row["result"] = _FAILURES.get(number, f"unknown-{number}")
        elif kind == _DATA and mine:
            if found := _CORE.search(data):
                self._row["client_name"] = found[1].decode("utf-16-le", "replace").partition("\x00")[0] or None
        elif kind == _DATA and data[7:9] == b"\x7f\x66" and _CONNECTED in data[9:16]:
            self._row["result"] = "Success"
