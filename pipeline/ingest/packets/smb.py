"""File sharing of Windows: shares opened, what is done to files, calls through pipes, logons."""

import struct
from collections.abc import Iterator

from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.shares import Shares
from pipeline.ingest.packets.smb1 import Smb1
from pipeline.ingest.packets.smb2 import Smb2

_NEW, _OLD, _SECRET, _PACKED = b"\xfeSMB", b"\xffSMB", b"\xfdSMB", b"\xfcSMB"
_MARKS = (_NEW, _OLD, _SECRET, _PACKED)
_SESSION_KINDS = range(0x81, 0x86)
"""NetBIOS' own words before and between messages (RFC 1002, 4.3.1)."""
_HEAD = 8
_MOST = 8192
"""Bytes of a message that are looked at: all but what is read from and written to files."""


def _size(data: bytes, at: int) -> int:
    if data[at] in _SESSION_KINDS:
        return 4 + int.from_bytes(data[at + 2 : at + 4], "big")
    if data[at] == 0 and data[at + 4 : at + 8] in _MARKS:
        return 4 + int.from_bytes(data[at + 1 : at + 4], "big")
    return 0


def begins_smb(payload: bytes) -> bool:
    """Whether these can be the first bytes of a message."""
    return len(payload) >= _HEAD and payload[0] == 0 and payload[4:8] in _MARKS


class Smb:
    """Of one connection. That the rest of it is encrypted is told once, as a row of weird.log."""

    service = "smb"

    def __init__(self) -> None:
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._shares = Shares()
        self._new, self._old = Smb2(self._shares), Smb1(self._shares)
        self._secret = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each thing that was done."""
        for message in self._frames[mine].feed(payload):
            mark, said = message[4:8], message[4:]
            try:
                if mark == _NEW:
                    yield from list(self._new.message(ts, said))
                elif mark == _OLD:
                    yield from list(self._old.message(ts, said))
                elif mark == _SECRET and not self._secret:
                    self._secret = True
                    yield "weird", {"ts": ts, "name": "smb3_encrypted"}
            except (struct.error, IndexError, ValueError):
                continue  # cut short, or what nobody's machine would have sent

    def miss(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        self._frames[mine].miss(size)

    def end(self) -> Iterator[Row]:
        """Calls that nobody answered."""
        yield from self._shares.end()
