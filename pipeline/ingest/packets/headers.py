"""Fields of HTTP/2's heads, as one end tells them (HPACK, RFC 7541)."""

from collections import deque

from pipeline.ingest.packets.huffman import opened
from pipeline.ingest.packets.packet import BrokenError

_STATIC = (
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
    (":scheme", "http"), (":scheme", "https"),
    *((":status", code) for code in ("200", "204", "206", "304", "400", "404", "500")),
    ("accept-charset", ""), ("accept-encoding", "gzip, deflate"),
    *((name, "") for name in (
        "accept-language", "accept-ranges", "accept", "access-control-allow-origin", "age", "allow", "authorization",
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-length",
        "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "from",
        "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
        "link", "location", "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh",
        "retry-after", "server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent", "vary",
        "via", "www-authenticate",
    )),
)  # fmt: skip
_INDEXED, _KEPT, _RESIZED, _CODED = 0x80, 0x40, 0x20, 0x80
_OVERHEAD, _MOST_TABLE, _MOST_SAID = 32, 4_096, 65_536
"""Bytes that a field costs beside its texts; of the table and of one head's texts at most."""
_MOST_NUMBER = 1 << 28


class Headers:
    """The table that one end's heads refer to; once a head is missed, what follows cannot be read."""

    def __init__(self) -> None:
        self._table: deque[tuple[str, str]] = deque()
        self._size, self._limit = 0, _MOST_TABLE

    def read(self, block: bytes) -> dict[str, str]:
        """Name → value of one head, the first of each name. BrokenError."""
        found: dict[str, str] = {}
        at, said = 0, 0
        while at < len(block):
            first = block[at]
            if first & _INDEXED:
                index, at = _number(block, at, 7)
                name, value = self._entry(index)
            elif first & _KEPT or not first & _RESIZED:
                index, at = _number(block, at, 6 if first & _KEPT else 4)
                name, at = (self._entry(index)[0], at) if index else _text(block, at)
                value, at = _text(block, at)
                if first & _KEPT:
                    self._keep(name, value)
            else:
                limit, at = _number(block, at, 5)
                self._limit = min(limit, _MOST_TABLE)
                self._shrink()
                continue
            said += len(name) + len(value)
            if said > _MOST_SAID:
                raise BrokenError
            found.setdefault(name, value)
        return found

    def _entry(self, index: int) -> tuple[str, str]:
        if 1 <= index <= len(_STATIC):
            return _STATIC[index - 1]
        if 0 <= index - len(_STATIC) - 1 < len(self._table):
            return self._table[index - len(_STATIC) - 1]
        raise BrokenError

    def _keep(self, name: str, value: str) -> None:
        self._table.appendleft((name, value))
        self._size += len(name) + len(value) + _OVERHEAD
        self._shrink()

    def _shrink(self) -> None:
        while self._size > self._limit:
            name, value = self._table.pop()
            self._size -= len(name) + len(value) + _OVERHEAD


def _number(block: bytes, at: int, bits: int) -> tuple[int, int]:
    """(the number in the last `bits` of the byte there and what follows, where it ends)."""
    most = (1 << bits) - 1
    value, at, shift = block[at] & most, at + 1, 0
    if value < most:
        return value, at
    while True:
        if at >= len(block) or value > _MOST_NUMBER:
            raise BrokenError
        value += (block[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not block[at - 1] & 0x80:
            return value, at


def _text(block: bytes, at: int) -> tuple[str, int]:
    if at >= len(block):
        raise BrokenError
    coded = block[at] & _CODED
    size, at = _number(block, at, 7)
    if at + size > len(block):
        raise BrokenError
    said = block[at : at + size]
    return (opened(said) if coded else said).decode("latin-1"), at + size
