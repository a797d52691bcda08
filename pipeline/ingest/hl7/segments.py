"""A message's segments, taken apart by the separators that its own MSH names."""

import re
from dataclasses import dataclass

from pipeline.ingest.fhir.values import MAX_TEXT, UnreadableError

_ESCAPED_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)\Z")
_NOTHING = '""'  # HL7's word for "delete what you have", which is nothing to us
_SEPARATORS = 4
_USUAL = "^~\\&"


@dataclass(frozen=True, slots=True)
class Separators:
    """One character each; empty where the message names none."""

    field: str
    component: str
    repetition: str
    escape: str
    part: str


class Segment:
    """One segment. Fields, components and parts are counted from 1, as the standard does."""

    def __init__(self, line: str, by: Separators) -> None:
        self.name = line[:3]
        self._by = by
        self._fields = line.split(by.field)
        if self.name == "MSH":
            self._fields.insert(1, by.field)

    def get(self, number: int, component: int = 1, part: int = 1) -> str | None:
        """A plain value of the first repetition; None where it is empty."""
        return next(iter(self.repeated(number, component, part)), None)

    def repeated(self, number: int, component: int = 1, part: int = 1) -> list[str | None]:
        """The same of every repetition that holds anything at all."""
        whole = self._fields[number] if number < len(self._fields) else ""
        pieces = whole.split(self._by.repetition) if self._by.repetition else [whole]
        return [self._inside(piece, component, part) for piece in pieces if piece.strip()]

    def _inside(self, piece: str, component: int, part: int) -> str | None:
        for number, separator in ((component, self._by.component), (part, self._by.part)):
            within = piece.split(separator) if separator else [piece]
            piece = within[number - 1] if number <= len(within) else ""
        value = self._unescaped(piece).strip()
        if len(value) > MAX_TEXT:
            raise UnreadableError("an element is longer than 1,024 characters")
        return value if value and value != _NOTHING else None

    def _unescaped(self, value: str) -> str:
        """Separators written as \\F\\ and the like, bytes as \\X41\\; what only formats a text becomes a blank."""
        mark = self._by.escape
        if not mark or mark not in value:
            return value
        plain = {"F": self._by.field, "S": self._by.component, "R": self._by.repetition, "E": mark, "T": self._by.part}
        pieces = value.split(mark)
        out = pieces[0]
        for k in range(1, len(pieces), 2):
            if k + 1 == len(pieces):  # a mark without its second
                return out + mark + pieces[k]
            coded = _ESCAPED_HEX.match(pieces[k])
            text = bytes.fromhex(coded[1]).decode("utf-8", "replace") if coded else plain.get(pieces[k], " ")
            out += text + pieces[k + 1]
        return out


class Message:
    """The segments of one message; `UnreadableError` where its head is none."""

    def __init__(self, lines: list[bytes]) -> None:
        by = _separators(lines[0])
        codec = _codec(lines[0], by)
        self.segments = [Segment(_decoded(line, codec), by) for line in lines]
        self.head = self.segments[0]
        self.type = (self.head.get(9) or "").upper()
        """`ADT`, `SIU` …"""
        self.trigger = (self.head.get(9, 2) or "").upper()
        """`A01` …, empty where it is not told (versions before 2.3 may say it in EVN only)."""
        event = self.first("EVN")
        if event is not None and not self.trigger:
            self.trigger = (event.get(1) or "").upper()

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next((s for s in self.segments if s.name == name), None)


def _separators(head: bytes) -> Separators:
    text = head.decode("latin-1")
    mark = text[3:4]
    if not mark or mark.isalnum() or mark.isspace():
        raise UnreadableError("the MSH segment names no separators")
    told = text[4:].split(mark, 1)[0][:_SEPARATORS]
    if not told or any(c.isalnum() or c.isspace() for c in told) or len({mark, *told}) != len(told) + 1:
        raise UnreadableError("the MSH segment names no separators")
    # What MSH-2 leaves out is not used in the message, or as it usually is.
    rest = [c if c not in (mark, *told) else "" for c in _USUAL[len(told) :]]
    component, repetition, escape, part = [*told, *rest]
    return Separators(mark, component, repetition, escape, part)


def _codec(head: bytes, by: Separators) -> str:
    """The character set that MSH-18 names, where it is one of ISO 8859; else UTF-8 is tried."""
    told = Segment(head.decode("latin-1"), by).get(18) or ""
    number = told.rpartition("8859/")[2]
    return f"iso8859_{number}" if "8859/" in told and number.isdecimal() and 1 <= int(number) <= 15 else "utf-8"


def _decoded(line: bytes, codec: str) -> str:
    try:
        return line.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return line.decode("latin-1")
