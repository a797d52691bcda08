"""Handshakes of encrypted connections, as rows of Zeek's ssl.log."""

from collections.abc import Iterator

from pipeline.ingest.packets.handshake import Handshake
from pipeline.ingest.packets.packet import Row

_HANDSHAKE, _ALERT = 22, 21
_MOST_BYTES = 65_536


class Tls:
    """Of one connection: told once, when both ends have begun to speak in secret or it is over. At most
    64 kB of each end's handshake are looked at."""

    service = "ssl"

    def __init__(self) -> None:
        self._bytes: dict[bool, bytes] = {True: b"", False: b""}
        self._hidden = {True: False, False: False}
        self._handshake = Handshake("t")
        self._told = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, as soon as it is whole."""
        if self._told:
            return
        self._handshake.row.setdefault("ts", ts)
        if not self._hidden[mine]:
            self._bytes[mine] = (self._bytes[mine] + payload)[:_MOST_BYTES]
            self._hidden[mine] = self._read(mine, ts)
        if all(self._hidden.values()):
            yield from self._tell(established=True)

    def miss(self, size: int, *, mine: bool) -> None:
        """What comes behind a hole cannot be told apart any more."""
        self._hidden[mine] = True

    def end(self) -> Iterator[Row]:
        """The row of a handshake that came to nothing, or that was seen in part."""
        if self._handshake.row and not self._told:
            yield from self._tell(established=False)

    def _tell(self, *, established: bool) -> Iterator[Row]:
        self._told = True
        self._bytes.clear()
        if self._handshake.begun:
            yield "ssl", {**self._handshake.row, "established": established}

    def _read(self, mine: bool, ts: float) -> bool:
        """Take what is whole of one end's records; whether it speaks in secret from here on."""
        data, at, said = self._bytes[mine], 0, b""
        while at + 5 <= len(data):
            kind, size = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
            if kind != _HANDSHAKE:
                self._handshake.take(said, ts)
                return kind != _ALERT
            said += data[at + 5 : at + 5 + size]
            at += 5 + size
        if at >= len(data) or len(data) >= _MOST_BYTES:
            self._handshake.take(said, ts)
        return len(data) >= _MOST_BYTES
