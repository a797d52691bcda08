"""Associations of DICOM (PS3.8): who asks whom for what kind of image, and how often; never what is in the images."""

import re
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

ASSOCIATE = re.compile(rb"\x01\x00\x00[\x00-\x02]..\x00[\x01-\x03]\x00\x00[\x20-\x7e]{32}", re.DOTALL)
"""A request of version 1, with the titles of both ends."""
_REQUEST, _ACCEPT, _REJECT, _DATA, _ABORT = 1, 2, 3, 4, 7
_WANTED, _SYNTAX, _USER, _IMPLEMENTATION = 0x20, 0x30, 0x50, 0x55
_OUTCOMES = {_ACCEPT: "accepted", _REJECT: "rejected", _ABORT: "aborted"}
_COMMANDS = {0x0001: "store", 0x0010: "get", 0x0020: "find", 0x0021: "move", 0x0030: "echo"}
_COMMAND_FIELD = b"\x00\x00\x00\x01\x02\x00\x00\x00"
"""(0000,0100) with a value of two bytes."""
_LONGEST, _MOST_SYNTAXES = 65_536, 16
_PIECE = 4_096
"""Bytes taken at a time: behind every message the rest is moved, and there may be thousands of empty ones."""


class _End:
    """What one end sends: messages of any length, of which heads and commands are looked at and data is passed over."""

    __slots__ = ("bytes", "lost", "passed", "rest")

    def __init__(self) -> None:
        self.bytes = b""
        self.passed = 0
        """Bytes to pass over that did not come yet."""
        self.rest = 0
        """Bytes of a message of data that are left."""
        self.lost = False


class Dicom:
    """Of one connection: a row when it is over. Titles are those that machines call themselves and others."""

    service = "dicom"

    def __init__(self) -> None:
        self._ends = {True: _End(), False: _End()}
        self._row: dict[str, Any] = {}
        self._asked: Counter[str] = Counter()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The software that both ends name."""
        for at in range(0, len(payload), _PIECE):
            yield from self._hear(ts, payload[at : at + _PIECE], mine=mine)

    def _hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        end = self._ends[mine]
        if end.lost:
            return
        self._row.setdefault("ts", ts)
        passed = min(end.passed, len(payload))
        end.passed -= passed
        end.bytes += payload[passed:]
        while not end.passed and (step := self._step(end)):
            kind, body = step
            if kind in (_REQUEST, _ACCEPT):
                yield from self._associate(ts, kind, body)
            elif kind in _OUTCOMES:
                self._row["result"] = _OUTCOMES[kind]

    def miss(self, size: int, *, mine: bool) -> None:
        """Data may miss; behind any other hole nothing can be told apart."""
        end = self._ends[mine]
        end.lost = end.lost or size > end.passed
        end.passed -= min(size, end.passed)

    def end(self) -> Iterator[Row]:
        """The association."""
        if self._row:
            yield "dicom", self._row | dict(self._asked)

    def _step(self, end: _End) -> tuple[int, bytes] | None:
        """The next message, or piece of one (kind 0), with what is to be passed over; None where more has to come."""
        if end.rest:
            if len(end.bytes) < 6:
                return None
            size, _, control = struct.unpack_from(">IBB", end.bytes)
            if not 2 <= size <= end.rest - 4:
                end.lost = True
                return None
            if control & 1 and size <= _LONGEST:
                if len(end.bytes) < 4 + size:
                    return None
                self._command(end.bytes[6 : 4 + size])
            end.rest -= 4 + size
            return self._passed(end, 4 + size)
        if len(end.bytes) < 6:
            return None
        kind, size = end.bytes[0], int.from_bytes(end.bytes[2:6], "big")
        if not 1 <= kind <= _ABORT:
            end.lost = True
            return None
        if kind == _DATA:
            end.rest = size
            return self._passed(end, 6)
        if size > _LONGEST:
            return self._passed(end, 6 + size)
        if len(end.bytes) < 6 + size:
            return None
        body = end.bytes[6 : 6 + size]
        self._passed(end, 6 + size)
        return kind, body

    @staticmethod
    def _passed(end: _End, size: int) -> tuple[int, bytes]:
        end.passed = max(size - len(end.bytes), 0)
        end.bytes = end.bytes[size:]
        return 0, b""

    def _command(self, command: bytes) -> None:
        at = command.find(_COMMAND_FIELD)
        name = _COMMANDS.get(int.from_bytes(command[at + 8 : at + 10], "little")) if at >= 0 else None
        if name:
            self._asked[name] += 1

    def _associate(self, ts: float, kind: int, body: bytes) -> Iterator[Row]:
        if kind == _ACCEPT:
            self._row["result"] = _OUTCOMES[kind]
        else:
            self._row |= {"called_ae": _title(body[4:20]), "calling_ae": _title(body[20:36])}
        syntaxes: list[str] = []
        for item, value in _items(body[68:]):
            if item == _WANTED and kind == _REQUEST:
                syntaxes += [_title(name) for part, name in _items(value[4:]) if part == _SYNTAX]
            elif item == _USER:
                for part, name in _items(value):
                    row = (
                        shown(ts, _title(name), "DICOM", by_server=kind == _ACCEPT) if part == _IMPLEMENTATION else None
                    )
                    if row:
                        yield row
        if syntaxes:
            self._row["abstract_syntaxes"] = list(dict.fromkeys(syntaxes))[:_MOST_SYNTAXES]


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at], data[at + 4 : at + 4 + size]
        at += 4 + size


def _title(value: bytes) -> str:
    text = value.decode("latin-1").strip(" \x00")[:64]
    return "".join(sign for sign in text if sign.isprintable())
