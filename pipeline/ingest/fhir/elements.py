"""Cuts a JSON document into its records as it streams: objects in a row, arrays, and Bundles of any size.

A Bundle of a whole hospital does not fit into memory and no streaming JSON parser is among our dependencies;
but to cut at record borders only strings and brackets matter, which one regular expression finds. Each record
is then parsed by itself, so that damage inside one leaves its neighbours alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_RECORD_BYTES = 64 * 1024 * 1024
"""Longest single record (a resource with its attachments)."""
_CHUNK_BYTES = 1024 * 1024
_EXCERPT_BYTES = 4096

# Whole strings, brackets, and (last) a quote whose string has not ended yet. Possessive, so that it is
# linear.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|"', re.DOTALL)
_ENTRY_KEY = re.compile(rb'"entry"\s*:\s*\Z')
_SEPARATORS = b" \t\r\n,\x1e\xef\xbb\xbf"  # white space, commas, RFC 7464 record marks, byte order mark
# Depth at which records open.
_CONCATENATED, _ARRAY, _ENTRIES = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of the document."""

    position: str
    """`record 3`, or `entry 4` of a Bundle."""
    raw: bytes
    """The record; its beginning only when `damage` is set."""
    damage: str = ""
    """Why this is no whole record."""
    outer: bool = False
    """What is left of a Bundle once its entries are taken out."""


def elements(stream: BinaryIO, start: bytes = b"") -> Iterator[Element]:
    """Every record of the document, `start` being the bytes already taken from the stream.

    Memory is bounded by twice `MAX_RECORD_BYTES`, whatever the size of the document.
    """
    return _Cutter(stream, start).run()


class _Cutter:
    """State between chunks: the unread bytes, the depth, and where the current record began."""

    def __init__(self, stream: BinaryIO, start: bytes) -> None:
        self.stream = stream
        self.buffer = start
        self.scanned = 0
        self.depth = 0
        self.level = _CONCATENATED
        self.begin = 0  # first pending byte: of a record when `inside`, else of the text between records
        self.inside = False
        self.unfinished = False  # the buffer ends within a string
        self.shell = b""  # of the Bundle being read
        self.oversize = b""  # beginning of a record beyond the limit
        self.records = self.entries = 0

    def run(self) -> Iterator[Element]:
        more = True
        while more:
            yield from self._scan()
            if not self.inside and not self.unfinished:
                yield from self._stray(len(self.buffer))
            more = self._refill()
        rest = self.oversize or self.buffer.strip(_SEPARATORS) or self.shell
        if rest or self.depth:
            told = "a record" if rest else "a list of records"
            yield Element(self._position(), rest[:_EXCERPT_BYTES] or b"[", f"the file ends inside {told}")

    def _scan(self) -> Iterator[Element]:
        """Follows every string and bracket of the buffer."""
        self.unfinished = False
        for token in _TOKEN.finditer(self.buffer, self.scanned):
            mark = token.group()
            if mark == b'"':
                self.unfinished, self.scanned = True, token.start()
                return
            if mark in b"{[":
                yield from self._open(mark, token.start())
            elif mark in b"}]":
                yield from self._close(token.start())
        self.scanned = len(self.buffer)

    def _refill(self) -> bool:
        """Drops what is done with and reads on; False at the end of the stream."""
        keep = self.begin if self.inside or self.unfinished else len(self.buffer)
        pending, self.scanned = self.buffer[keep:], self.scanned - keep
        if len(pending) > MAX_RECORD_BYTES:
            self.oversize = self.oversize or pending[:_EXCERPT_BYTES]
            # Within a string its quote has to stay, so that the closing one is not taken for an opening one.
            pending, self.scanned = (b'"' if self.unfinished else b""), 0
        more = self.stream.read(max(_CHUNK_BYTES, len(pending)))
        self.buffer, self.begin = pending + more, 0
        return bool(more)

    def _open(self, mark: bytes, at: int) -> Iterator[Element]:
        self.depth += 1
        if not self.inside:
            yield from self._stray(at)
            if mark == b"[" and self.depth == 1:
                self.level, self.begin = _ARRAY, at + 1
            else:
                self.begin, self.inside = at, True
        elif mark == b"[" and self._opens_entries(at):
            self.shell = self.buffer[self.begin : at + 1]
            self.level, self.inside, self.begin, self.entries = _ENTRIES, False, at + 1, 0

    def _opens_entries(self, at: int) -> bool:
        if self.depth != 2 or self.level != _CONCATENATED or self.shell or self.oversize:
            return False
        return _ENTRY_KEY.search(self.buffer[max(self.begin, at - 64) : at]) is not None

    def _close(self, at: int) -> Iterator[Element]:
        if self.depth == 0:
            return  # without an opening one: it stays in the text between the records
        self.depth -= 1
        if self.inside:
            if self.depth == self.level:
                yield from self._record(at + 1)
            return
        yield from self._stray(at)
        # The list of records ends: after entries the Bundle itself goes on, from the bracket.
        self.inside = self.level == _ENTRIES
        self.begin = at if self.inside else at + 1
        self.level = _CONCATENATED

    def _record(self, end: int) -> Iterator[Element]:
        raw = self.buffer[self.begin : end]
        if self.oversize:
            yield Element(self._position(), self.oversize, "the record is longer than 64 MiB")
        elif self.shell and self.level == _CONCATENATED:
            yield Element(f"record {self.records + 1}", self.shell + raw, outer=True)
            self.shell = b""
        else:
            yield Element(self._position(), raw)
        self.begin, self.inside, self.oversize = end, False, b""

    def _stray(self, end: int) -> Iterator[Element]:
        """What stands between records and is no separator."""
        between = self.oversize or self.buffer[self.begin : end].strip(_SEPARATORS)
        if between:
            yield Element(self._position(), between[:_EXCERPT_BYTES], "text between the records is not JSON")
        self.begin, self.oversize = end, b""

    def _position(self) -> str:
        if self.level == _ENTRIES:
            self.entries += 1
            return f"entry {self.entries}"
        self.records += 1
        return f"record {self.records}"
