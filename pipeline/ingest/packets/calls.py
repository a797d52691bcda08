"""Remote procedure calls, over TCP or through a pipe of a share, as rows of Zeek's dce_rpc.log (C706, MS-RPCE)."""

import struct
from collections import OrderedDict
from collections.abc import Iterator
from uuid import UUID

from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.logon import Logon, status_named
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.rpc_names import endpoint_behind, endpoint_of, operation_of

_REQUEST, _RESPONSE, _FAULT, _BIND, _BIND_ACK, _ALTER, _ALTERED = 0, 2, 3, 11, 12, 14, 15
_FIRST = 1
"""Flag of a call's first fragment."""
_HEAD = 16
_MOST = 5840
"""Bytes of the longest fragment that is looked at whole; longer ones are looked at so far."""
_MOST_OPEN, _MOST_CONTEXTS = 64, 64
_DENIED = 5


def _size(data: bytes, at: int) -> int:
    if data[at] != 5 or data[at + 1] > 1 or data[at + 2] > 19:
        return 0
    size = int.from_bytes(data[at + 8 : at + 10], "little" if data[at + 4] & 0x10 else "big")
    return size if size >= _HEAD else 0


def begins_calls(payload: bytes) -> bool:
    """Whether these can be the first bytes of a fragment."""
    return len(payload) >= _HEAD and payload[5:8] == b"\0\0\0" and payload[4] in (0, 0x10) and _size(payload, 0) > 0


class Calls:
    """Of one connection or pipe; at most 64 calls that wait for their answer, and 64 interfaces."""

    service = "dce_rpc"

    def __init__(self, pipe: str | None = None) -> None:
        """pipe: its name, where it is one."""
        self._pipe = pipe
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._contexts: dict[int, str] = {}
        self._asked: OrderedDict[int, tuple[float, int, int]] = OrderedDict()
        self._logon = Logon()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each call that is answered now."""
        for fragment in self._frames[mine].feed(payload):
            try:
                yield from list(self._fragment(ts, fragment))
            except (struct.error, ValueError, IndexError):
                continue

    def miss(self, size: int, *, mine: bool) -> None:
        """Go on at the next fragment."""
        self._frames[mine].miss(size)

    def end(self) -> Iterator[Row]:
        """Calls that nobody answered."""
        while self._asked:
            _, (ts, context, number) = self._asked.popitem(last=False)
            yield from self._call(ts, context, number, None)

    def _fragment(self, ts: float, data: bytes) -> Iterator[Row]:
        order = "<" if data[4] & 0x10 else ">"
        kind, flags = data[2], data[3]
        size, signed, call = struct.unpack_from(order + "HHI", data, 8)
        if signed and len(data) == size:
            self._logon.hear(data[-signed:])
        if kind in (_BIND, _ALTER):
            self._bind(data, order)
        elif kind in (_BIND_ACK, _ALTERED):
            (length,) = struct.unpack_from(order + "H", data, 24)
            if length > 1 and kind == _BIND_ACK:
                self._pipe = data[26 : 25 + length].decode("latin-1")
        elif kind == _REQUEST and flags & _FIRST:
            context, number = struct.unpack_from(order + "HH", data, 20)
            self._asked[call] = ts, context, number
            if len(self._asked) > _MOST_OPEN:
                _, (began, context, number) = self._asked.popitem(last=False)
                yield from self._call(began, context, number, None)
        elif kind in (_RESPONSE, _FAULT):
            yield from self._answer(ts, call, struct.unpack_from(order + "I", data, 24)[0] if kind == _FAULT else 0)

    def _answer(self, ts: float, call: int, fault: int) -> Iterator[Row]:
        if self._logon.waits:
            denied = fault == _DENIED
            row = self._logon.row(ts, success=not denied, error=status_named(0xC0000022) if denied else None)
            if row is not None:
                yield row
        asked = self._asked.pop(call, None)
        if asked is not None:
            yield from self._call(*asked, ts)

    def _bind(self, data: bytes, order: str) -> None:
        at = 28
        for _ in range(data[24]):
            context, forms = struct.unpack_from(order + "HB", data, at)
            raw = data[at + 4 : at + 20]
            self._contexts[context] = str(UUID(bytes_le=raw) if order == "<" else UUID(bytes=raw))
            if len(self._contexts) > _MOST_CONTEXTS:
                self._contexts.pop(next(iter(self._contexts)))
            at += 24 + 20 * forms

    def _call(self, ts: float, context: int, number: int, answered: float | None) -> Iterator[Row]:
        identifier = self._contexts.get(context)
        endpoint = endpoint_of(identifier) if identifier else endpoint_behind(self._pipe or "")
        if endpoint is not None:
            yield (
                "dce_rpc",
                {
                    "ts": ts, "rtt": None if answered is None else max(answered - ts, 0.0), "named_pipe": self._pipe,
                    "endpoint": endpoint, "operation": operation_of(endpoint, number),
                },
            )  # fmt: skip
