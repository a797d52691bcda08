"""Cuts HL7 version 2 into messages as it streams: plain files, batches, and bytes as they came over the wire.

A message is its MSH and the segments below, each ended by a carriage return; files written by people end them by line
feeds or both. MLLP puts 0x0B before and 0x1C 0x0D behind a message, a batch file FHS, BHS, BTS and FTS around many.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Longest message, documents it carries included."""
_CHUNK_BYTES = 1024 * 1024
_EXCERPT_BYTES = 4096
_ENDS = re.compile(rb"[\r\n\x0b\x1c]+")
_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}(?:[^A-Za-z0-9\s]|\Z)")
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Cut:
    """One message, or what is none."""

    position: str
    segments: list[bytes]
    damage: str = ""

    @property
    def raw(self) -> bytes:
        """The message as one piece, whatever ended its segments; its beginning where it is damaged."""
        return b"\r".join(self.segments)


@dataclass
class _Cutter:
    found: int = 0
    segments: list[bytes] = field(default_factory=list)
    size: int = 0
    stray: bool = False
    """What stands here belongs to no message, and was told."""

    def feed(self, line: bytes) -> Iterator[Cut]:
        """One segment, or a line that is none."""
        if line.startswith(b"MSH"):
            yield from self.finish()
            self.segments, self.size, self.stray = [line], len(line), False
        elif line[:3] in _ENVELOPE and _SEGMENT.match(line):
            yield from self.finish()
        elif self.segments:
            self.size += len(line)
            if self.size > MAX_MESSAGE_BYTES:
                yield self._told([self.segments[0][:_EXCERPT_BYTES]], "the message is longer than 16 MiB")
                self.segments, self.stray = [], True
            elif _SEGMENT.match(line):
                self.segments.append(line)
            else:  # a line end inside a text: the rest of the segment before
                self.segments[-1] += b" " + line
        elif not self.stray:
            self.stray = True
            yield self._told([line[:_EXCERPT_BYTES]], "the segments belong to no message: there is no MSH before them")

    def finish(self) -> Iterator[Cut]:
        """The message so far."""
        if self.segments:
            yield self._told(self.segments, "")
        self.segments = []

    def _told(self, segments: list[bytes], damage: str) -> Cut:
        self.found += 1
        return Cut(f"message {self.found}", segments, damage)


def messages(stream: BinaryIO) -> Iterator[Cut]:
    """Every message of the stream in order, in memory bounded by the longest."""
    cutter, buffer, first = _Cutter(), b"", True
    while more := stream.read(_CHUNK_BYTES):
        buffer += more.removeprefix(BOM) if first else more
        first = False
        *lines, buffer = _ENDS.split(buffer)
        for line in lines:
            if line := line.strip(b" \t"):
                yield from cutter.feed(line)
        if len(buffer) > MAX_MESSAGE_BYTES:
            yield from cutter.feed(buffer)
            buffer = b""
    if line := buffer.strip(b" \t"):
        yield from cutter.feed(line)
    yield from cutter.finish()
