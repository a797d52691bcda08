"""Lines of a stream with their numbers, none of them longer than a record may be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.ingest.format import Bad

MAX_RECORD_BYTES = 4 * 2**20
"""Longest record that is looked into: 4 MiB holds the largest Windows event and FHIR resource by far."""
KEPT_OF_OVERLONG = 65_536
"""What is kept of a longer one, for its excerpt and hash."""
LOOK_AT_BYTES = 131_072
"""What is parsed of a line of text: four times the longest message that an event holds. Regular expressions keep a
stack as long as what they match, so a line of megabytes must not reach them."""
TOO_LONG = f"the record is longer than {MAX_RECORD_BYTES:,} bytes"


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """(number from 1, line without its line ending, whole) of every line, empty ones included.

    `whole` is false for a line beyond MAX_RECORD_BYTES: only its first bytes are given, and reading goes on behind
    its end, so that one endless line costs neither memory nor its neighbours.
    """
    readline = stream.readline
    number = 0
    while line := readline(MAX_RECORD_BYTES + 2):
        number += 1
        if line[-1] == 10:
            yield number, line[:-2] if line[-2:-1] == b"\r" else line[:-1], True
        elif len(line) <= MAX_RECORD_BYTES:
            yield number, line[:-1] if line[-1] == 13 else line, True
        else:
            yield number, line[:KEPT_OF_OVERLONG], False
            _skip_line(stream)


def _skip_line(stream: BinaryIO) -> None:
    while piece := stream.readline(MAX_RECORD_BYTES):
        if piece[-1] == 10:
            return


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without its ending."""

    number: int
    raw: bytes

    @property
    def position(self) -> str:
        """How a record's place is told."""
        return f"line {self.number}"


def whole_lines(entries: Iterable[tuple[int, bytes, bool]], format: str) -> Iterator[Line | Bad]:
    """Those of `lines` that are not blank; an overlong one is refused."""
    for number, raw, whole in entries:
        if not whole:
            yield overlong(number, raw, format)
        elif raw and not raw.isspace():
            yield Line(number, raw)


def overlong(number: int, line: bytes, format: str) -> Bad:
    """The dead letter of a line that `lines` cut."""
    return Bad(f"line {number}", TOO_LONG, line, format)


def first_lines(head: bytes, most: int) -> list[bytes]:
    """Of the first `most` lines those that are not blank, without one that `head` ends within."""
    texts = [line for line in head.split(b"\n")[:most] if line.strip()]
    if len(texts) > 1 and not head.endswith(b"\n") and len(texts) < most:
        texts = texts[:-1]
    return texts


def majority(hits: int, lines: int) -> float:
    """The share of lines that fit a format; 0 below one half, for then the file is of another form and a few lines
    (written by an attacker, perhaps) must not decide for all.
    """
    return hits / lines if lines and 2 * hits >= lines else 0.0
