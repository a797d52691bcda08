"""JSON records of a stream with their bytes: one a line, items of an array, or objects that span lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BufferedReader, BytesIO
from typing import Any, BinaryIO

import orjson

from pipeline.ingest.format import Bad
from pipeline.ingest.lines import MAX_RECORD_BYTES, TOO_LONG, lines, overlong
from pipeline.ingest.streams import head_of
from pipeline.ingest.told.list_heads import is_record

NOT_JSON = "the record is not valid JSON"
_STRUCTURE = re.compile(rb'["{}\[\]\n\\]')
_BLOCK = _HEAD = 65_536
_QUOTE, _BACKSLASH, _LINE_FEED = b'"'[0], b"\\"[0], b"\n"[0]
_ARRAY = re.compile(rb"\[\s*(?:$|[{\]\[])")
_UP_TO = rb"\s*\{(?:[^\[\]{}]|\{[^\[\]{}]*+\}|\{|\[(?:[^\[\]{}]|\{[^\[\]{}]*+\})*+\]){0,4096}?"
_LIST = rb"\s*:\s*(?=\[\s*\{)"
_BATCH = re.compile(_UP_TO + rb'"(?:[Rr]ecords|value|hits|logEvents|events|items|results?|logs|entries|data)"' + _LIST)
"""How clouds, searches and services begin a file of many records, most often in one line of megabytes."""
_LONG = re.compile(_UP_TO + rb'"[^"\\\n]{1,64}"' + _LIST)
"""A list of another name is one of records if it is long."""
_OPENING = 8192
_KEY = re.compile(rb'"([^"\\\n]{1,64})"\s*:(?!\s*[\[{])')
_ANOTHER = re.compile(rb"\}\s*(?=\{)")
"""Between two documents; within one a comma stands there."""
LOOK_AT_LINES = 8
_LOOK_BACK = 64
_WRITTEN_DEEP = 250


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """A record and its value (any JSON value)."""

    position: str
    value: Any
    raw: bytes


def loads(raw: bytes) -> Any:
    """The value of `raw`; bytes that are no UTF-8 are replaced. ValueError for anything that is no JSON, or nested
    deeper than the writer goes (254): what is read can be written again, also as a part of something else."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        if raw.isascii():
            raise
        value = orjson.loads(raw.decode("utf-8", "replace"))
    if raw.count(b"[") + raw.count(b"{") > _WRITTEN_DEEP:
        try:
            orjson.dumps([[[[value]]]])
        except orjson.JSONEncodeError as error:
            raise ValueError(NOT_JSON) from error
    return value


def dumps(value: Any) -> str:
    """Compact JSON text of parsed JSON."""
    return orjson.dumps(value).decode()


def json_records(stream: BinaryIO, format: str) -> Iterator[JsonRecord | Bad]:
    """Every record in order, in constant memory. Empty lines are passed over.

    The first lines decide: an opened array, or a cloud's batch around one, is read item by item; objects that span
    lines are read object by object; in all other cases every line is a record of its own, so that a bad line harms
    no other.
    """
    head = head_of(stream)
    first = head.splitlines(keepends=True)[:LOOK_AT_LINES]
    taken, rest = b"", stream
    if not head or (len(first) == 1 and not head.endswith(b"\n")):
        taken = stream.readline(MAX_RECORD_BYTES)
        first, stream = [taken], _Prefixed(taken, rest)
    start = next((line.strip() for line in first if not line.isspace()), b"")
    complete = sum(line[:1] == b"{" and _is_object(line) for line in first)
    if _ARRAY.match(start) and complete < 2:  # with one item a line, only the last one stands without a comma
        return _items(stream, format, outer=1)
    batch = _batch(taken or head)
    if batch and not complete:  # a batch that ends within the head is a record of one line, whose reader looks inside
        if taken:
            return _items(_Prefixed(taken[batch.end() :], rest), format, outer=1, batch=True)
        rest.read(batch.end())
        return _items(rest, format, outer=1, batch=True)
    if start[:1] == b"{" and not complete and not _is_object(start):
        return _items(stream, format, outer=0)
    return _per_line(stream, format)


@lru_cache(maxsize=2)
def head_values(head: bytes, limit: int = 50) -> tuple[Any, ...]:
    """The first complete values in the head of a file; empty where most records are not JSON."""
    if b"{" not in head:
        return ()
    values: list[Any] = []
    bad = 0
    for record in json_records(BufferedReader(BytesIO(head), _BLOCK), "json"):
        if isinstance(record, JsonRecord):
            values.append(record.value)
        else:
            bad += 1
        if len(values) + bad >= limit:
            break
    return tuple(values) if len(values) >= bad else ()


def head_objects(head: bytes) -> tuple[dict[str, Any], ...]:
    """The objects among `head_values`."""
    return tuple(value for value in head_values(head) if isinstance(value, dict))


def _batch(opening: bytes) -> re.Match[bytes] | None:
    """The beginning of a document up to its list of records, whose name is the last; None where it has none."""
    found = _BATCH.match(opening, 0, _OPENING)
    if found is None:
        long = _LONG.match(opening, 0, _OPENING)
        found = long if long and _is_long(opening[long.end() : _HEAD]) else None
    if found is None or is_record(key.decode("utf-8", "replace") for key in _KEY.findall(found[0])[:-1]):
        return None
    return found


def _is_long(listed: bytes) -> bool:
    """Whether a list goes on beyond what is looked at of a file."""
    splitter = _Splitter(1, batch=True)
    return len(listed) > _BLOCK // 2 and all(splitter.feed(listed)) and splitter.behind is None


def _is_object(line: bytes) -> bool:
    try:
        value = loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and bool(value)


class _Prefixed(BytesIO):
    """A stream whose first bytes were read already: gives them back, then goes on with the stream."""

    def __init__(self, first: bytes, stream: BinaryIO) -> None:
        super().__init__(first)
        self._left, self._stream = len(first), stream

    def read(self, size: int | None = -1) -> bytes:
        if self._left:
            self._left = 0
            return super().read()
        return self._stream.read(size if size is not None else -1)

    def readline(self, size: int | None = -1) -> bytes:
        if self._left:
            line = super().readline(size)
            self._left -= len(line)
            return line
        return self._stream.readline(size if size is not None else -1)


def _per_line(stream: BinaryIO, format: str) -> Iterator[JsonRecord | Bad]:
    for number, line, whole in lines(stream):
        if not whole:
            yield overlong(number, line, format)
        elif line and not line.isspace():
            try:
                yield JsonRecord(f"line {number}", loads(line), line)
            except ValueError:
                yield Bad(f"line {number}", NOT_JSON, line, format)


def _items(stream: BinaryIO, format: str, *, outer: int, batch: bool = False) -> Iterator[JsonRecord | Bad]:
    number = 0
    for raw, size in _split(stream, outer, batch=batch):
        number += 1
        if size > MAX_RECORD_BYTES:
            yield Bad(f"record {number}", TOO_LONG, raw, format)
            continue
        try:
            yield JsonRecord(f"record {number}", loads(raw), raw)
        except ValueError:
            yield Bad(f"record {number}", NOT_JSON, raw, format)


def _split(stream: BinaryIO, outer: int, *, batch: bool) -> Iterator[tuple[bytes, int]]:
    splitter = _Splitter(outer, batch=batch)
    while block := stream.read(_BLOCK):
        while block:
            yield from splitter.feed(block)
            block = b"" if splitter.behind is None else _next_batch(splitter.behind, stream)
            if splitter.behind is not None:
                splitter = _Splitter(outer, batch=batch)
    yield from splitter.rest()


def _next_batch(behind: bytes, stream: BinaryIO) -> bytes:
    """What follows the records in their document is passed over: bytes from the next document's list on, if any."""
    while True:
        another = _ANOTHER.search(behind)
        if another:
            behind = behind[another.end() :]
            behind += stream.read(_BLOCK) if len(behind) < _OPENING else b""
            opening = _batch(behind)
            if opening:
                return behind[opening.end() :]
        else:
            more = stream.read(_BLOCK)
            if not more:
                return b""
            behind = behind[-_LOOK_BACK:] + more


class _Splitter:
    """Cuts a stream into (bytes, true size) of every value `outer` levels deep and of stray text between them.

    Only the first MAX_RECORD_BYTES of a value are kept. A line break inside a text is no JSON: it ends the text,
    so that a missing quote does not turn the rest of the file inside out. Of a batch, which ends with its list,
    `behind` is what stands behind that in the last block.
    """

    def __init__(self, outer: int, *, batch: bool) -> None:
        self._outer, self._depth, self._is_batch = outer, 0, batch
        self.behind: bytes | None = None
        self._in_text = self._escaped = False
        self._held = bytearray()
        self._size = 0

    def feed(self, block: bytes) -> Iterator[tuple[bytes, int]]:
        start = 0
        skip_to, self._escaped = int(self._escaped), False
        for match in _STRUCTURE.finditer(block):
            at = match.start()
            byte = block[at]
            if at < skip_to:
                continue
            if byte == _BACKSLASH:
                if self._in_text:
                    skip_to = at + 2
                    self._escaped = skip_to > len(block)
            elif byte == _QUOTE:
                self._in_text = not self._in_text
            elif byte == _LINE_FEED:
                self._in_text = False
            elif self._in_text:
                continue
            elif byte in b"{[":
                if self._depth <= self._outer:
                    self._hold(block[start:at])
                    yield from self._stray()
                    start = at + (self._depth < self._outer)
                self._depth += 1
            else:
                self._depth = max(self._depth - 1, 0)
                if self._depth <= self._outer:
                    inside = self._depth == self._outer
                    self._hold(block[start : at + inside])
                    yield from self._taken() if inside else self._stray()
                    start = at + 1
                    if self._is_batch and not self._depth:
                        self.behind = block[start:]
                        return
        self._hold(block[start:])

    def rest(self) -> Iterator[tuple[bytes, int]]:
        """What stands behind the last value: nothing in a whole file."""
        return self._stray()

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        self._held += piece[: max(0, MAX_RECORD_BYTES - len(self._held))]

    def _taken(self) -> Iterator[tuple[bytes, int]]:
        yield bytes(self._held), self._size
        self._held.clear()
        self._size = 0

    def _stray(self) -> Iterator[tuple[bytes, int]]:
        text = bytes(self._held).strip(b" \t\r\n,")
        if text:
            yield text, self._size
        self._held.clear()
        self._size = 0
