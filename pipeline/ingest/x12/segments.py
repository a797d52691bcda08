"""Reads X12 interchanges segment by segment, in constant memory, with each interchange's own separators.

Ours, because no library serves: pyx12 4.0 (2026, maintained, its reader alone is about as quick) takes the
separators of the first ISA for the whole file, refuses an ISA of the wrong width, ends silently at an empty
segment and keeps no raw bytes; linuxforhealth-x12 0.57 (last release 2022) builds one pydantic model of a
whole transaction set; ansi-x12 0.2 (2026) is an alpha.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_SEGMENT_BYTES = 64 * 1024
"""Far beyond any real segment: longer means that the separators are wrong."""
_CHUNK_BYTES = 256 * 1024
_EXCERPT_BYTES = 1024
_BLANK = b" \t\r\n\x00\x1a\xef\xbb\xbf"  # line ends, and the padding mainframes leave at the end of a file
_ISA = re.compile(rb"ISA(?=[^A-Za-z0-9\s])")
_ISA_ELEMENTS = 16
_LONGEST_ISA = 256  # 106 by the standard; padding is often wrong
_TRAILERS = frozenset({"SE", "GE", "IEA"})
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment."""

    number: int
    """Position in the file, from 1, the first ISA included."""
    elements: list[str]
    """The identifier, then the elements."""
    raw: bytes
    component: str
    """Separator within composite elements."""
    damage: str = ""
    """Why it cannot be trusted; empty when it can."""
    breaks_off: bool = False
    """Reading cannot go on here: no ISA, no terminator, or the end of the file within a segment."""

    @property
    def name(self) -> str:
        """The segment's identifier."""
        return self.elements[0]

    def get(self, index: int) -> str:
        """The element, trimmed; empty when it is not there."""
        return self.elements[index].strip() if index < len(self.elements) else ""

    def parts(self, index: int) -> list[str]:
        """The components of an element."""
        return self.get(index).split(self.component)


@dataclass(frozen=True, slots=True)
class Separators:
    """What an ISA declares."""

    element: bytes
    component: bytes
    terminator: bytes


def separators(isa: bytes) -> Separators | None:
    """Separators of the ISA that starts here, None when there is none.

    Elements are counted rather than bytes, because fields padded to a wrong width are common.
    """
    element = isa[3:4]
    fields = isa[:_LONGEST_ISA].split(element, _ISA_ELEMENTS) if _ISA.match(isa) else []
    if len(fields) <= _ISA_ELEMENTS or len(fields[-1]) < 2:
        return None
    component, terminator = fields[-1][:1], fields[-1][1:2]
    if terminator == b"\r" and fields[-1][2:3] == b"\n":
        terminator = b"\n"
    if terminator.isalnum() or len({element, component, terminator}) < 3:
        return None
    return Separators(element, component, terminator)


def segments(stream: BinaryIO) -> Iterator[Segment]:
    """Every segment in order. What stands outside interchanges comes as one segment a stretch."""
    return _Reader(stream).run()


class _Reader:
    """State between chunks: the unread bytes and the separators in force."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.buffer = b""
        self.more = True
        self.number = 0
        self.separators: Separators | None = None

    def run(self) -> Iterator[Segment]:
        while self._at_segment():
            self.number += 1
            if _ISA.match(self.buffer):
                self.separators = separators(self.buffer)
            if self.separators is None:
                reason = "no valid ISA segment: the separators are unknown"
                yield Segment(self.number, ["?"], self._skip(), ":", reason, True)
            else:
                yield self._segment(self.separators)

    def _read(self) -> None:
        chunk = self.stream.read(_CHUNK_BYTES)
        self.more = bool(chunk)
        self.buffer += chunk

    def _at_segment(self) -> bool:
        """Brings the next segment's beginning to the front; False at the end of the stream."""
        self.buffer = self.buffer.lstrip(_BLANK)
        while self.more and len(self.buffer) < _LONGEST_ISA:
            self._read()
            self.buffer = self.buffer.lstrip(_BLANK)
        return bool(self.buffer)

    def _skip(self) -> bytes:
        """Drops everything up to the next ISA; gives the beginning of it."""
        excerpt = self.buffer[:_EXCERPT_BYTES]
        start = _ISA.search(self.buffer, 1)
        while start is None and self.more:
            self.buffer = self.buffer[-3:]
            self._read()
            start = _ISA.search(self.buffer, 1)
        self.buffer = self.buffer[start.start() :] if start else b""
        return excerpt

    def _segment(self, seps: Separators) -> Segment:
        end = self.buffer.find(seps.terminator)
        while end < 0 and self.more and len(self.buffer) <= MAX_SEGMENT_BYTES:
            self._read()
            end = self.buffer.find(seps.terminator)
        if 0 <= end <= MAX_SEGMENT_BYTES:
            raw, self.buffer = self.buffer[:end], self.buffer[end + 1 :]
            return self._parsed(raw, seps, "")
        if end < 0 and not self.more and len(self.buffer) <= MAX_SEGMENT_BYTES:
            raw, self.buffer = self.buffer, b""
            return self._parsed(raw, seps, "the file ends inside the segment")
        self.separators = None  # they are wrong here; nothing can be read before the next ISA
        return self._parsed(self._skip(), seps, "the segment is longer than 64 KiB")

    def _parsed(self, raw: bytes, seps: Separators, damage: str) -> Segment:
        raw = raw.rstrip(_BLANK)
        breaks_off = bool(damage)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("latin-1")  # the extended character set of X12 in files that predate UTF-8
        elements = text.split(seps.element.decode("latin-1"))
        if damage and elements[0] in _TRAILERS:
            damage, breaks_off = "", False  # the last terminator is often left out
        elif not damage and _CONTROL.search(text):
            damage = "the segment holds control characters"
        elif not damage and not _SEGMENT_ID.match(elements[0]):
            damage = "the segment has no valid identifier"
        return Segment(self.number, elements, raw, seps.component.decode("latin-1"), damage, breaks_off)
