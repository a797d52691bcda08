"""Requests and their answers over HTTP/2 in the clear (RFC 9113), remote calls of gRPC among them, as rows of Zeek's
http.log."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.headers import Headers
from pipeline.ingest.packets.packet import BrokenError, Row
from pipeline.ingest.packets.software import shown
from pipeline.ingest.packets.web import length_of, request_of

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEAD, _MOST, _MOST_BLOCK, _MOST_OPEN = 9, 16_393, 65_536, 128
_HEADS, _PROMISED, _GOES_ON = 1, 5, 9
_WITH_HEADS = frozenset((_HEADS, _PROMISED, _GOES_ON))
"""Kinds of frames with a part of a head: what a server promises counts in the table that later heads refer to."""
_END, _PADDED, _RANKED = 0x4, 0x8, 0x20


def _size(data: bytes, at: int) -> int:
    if data.startswith(PREFACE[:_HEAD], at):
        return len(PREFACE)
    return _HEAD + int.from_bytes(data[at : at + 3], "big")


class Web2:
    """Of one connection, up to 128 requests at a time. Behind a hole heads are not read any more: they refer to those
    before them."""

    service = "http"

    def __init__(self) -> None:
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._headers: dict[bool, Headers | None] = {True: Headers(), False: Headers()}
        self._block = {True: bytearray(), False: bytearray()}
        self._asked: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._server = ""

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each request that is answered now."""
        for frame in self._frames[mine].feed(payload):
            headers = self._headers[mine]
            if headers is None or frame.startswith(PREFACE[:_HEAD]) or frame[3] not in _WITH_HEADS:
                continue
            kind, flags, stream = frame[3], frame[4], int.from_bytes(frame[5:9], "big") & 0x7FFF_FFFF
            block = self._block[mine]
            if kind != _GOES_ON:
                block.clear()
            block += frame[_HEAD:] if kind == _GOES_ON else _fragment(frame, kind, flags)
            try:
                if len(block) > _MOST_BLOCK or int.from_bytes(frame[:3], "big") > len(frame) - _HEAD:
                    raise BrokenError
                fields = headers.read(bytes(block)) if flags & _END else {}
            except (BrokenError, IndexError):
                self._headers[mine] = None
                block.clear()
                continue
            yield from self._told(ts, stream, fields, mine=mine)

    def miss(self, size: int, *, mine: bool) -> None:
        """What is said from here on refers to what is not known."""
        self._headers[mine] = None

    def end(self) -> Iterator[Row]:
        """Requests that nobody answered."""
        for row in self._asked.values():
            yield "http", row
        self._asked.clear()

    def _told(self, ts: float, stream: int, fields: dict[str, str], *, mine: bool) -> Iterator[Row]:
        if mine and ":method" in fields:
            host = fields.get(":authority") or fields.get("host")
            named = {**fields, "host": host} if host else fields
            self._asked[stream] = request_of(ts, fields[":method"], fields.get(":path", ""), named)
            if len(self._asked) > _MOST_OPEN:
                yield "http", self._asked.popitem(last=False)[1]
        elif not mine and (status := fields.get(":status", "")).isdecimal() and status[:1] != "1":
            if (server := fields.get("server", "")) and not self._server:
                self._server = server
                if software := shown(ts, server, "HTTP::SERVER", by_server=True):
                    yield software
            row = self._asked.pop(stream, None)
            if row is not None:
                kind = fields.get("content-type", "").partition(";")[0].strip()
                row |= {"status_code": int(status[:3]), "response_body_len": length_of(fields)}
                yield "http", row | ({"resp_mime_types": [kind]} if kind else {})


def _fragment(frame: bytes, kind: int, flags: int) -> bytes:
    """What a frame that begins a head holds of it."""
    begin, end = _HEAD, len(frame)
    if flags & _PADDED:
        begin, end = begin + 1, end - (frame[_HEAD] if len(frame) > _HEAD else 0)
    ahead = 4 if kind == _PROMISED else 5 if flags & _RANKED else 0
    return frame[begin + ahead : max(end, begin)]
