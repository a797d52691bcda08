"""Messages in which names are asked for and told (RFC 1035), taken apart as far as they go."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.ingest.packets.packet import BrokenError

_HEAD, _ENDS, _RECORD = struct.Struct(">HHHHHH"), struct.Struct(">HH"), struct.Struct(">HHIH")
_ANSWERS, _RESERVED, _LAST_OPCODE, _CODE = 0x8000, 0x0040, 8, 15
_CLASSES = frozenset((1, 3, 4, 254, 255))
_UNICAST = 0x8000
"""Of a class: the answer may come to the asker alone (RFC 6762)."""
_POINTER, _PLACE, _LONGEST, _MOST_JUMPS = 0xC0, 0x3FFF, 255, 32
_MOST_ASKED, _MOST_TOLD = 4, 32


class Record(NamedTuple):
    """What is told of a name."""

    name: str
    type: int
    data: bytes
    at: int
    """Where in the message the data stands: names in it point back."""


@dataclass(slots=True)
class NameMessage:
    """A question or an answer."""

    id: int
    answers: bool
    code: int
    asked: list[tuple[str, int]] = field(default_factory=list)
    """(name, type), the first four."""
    told: list[Record] = field(default_factory=list)
    """The first 32, as far as they were captured."""


def name_message(said: bytes) -> NameMessage:
    """BrokenError, or struct.error where it is too short, for what is none: a question that cannot be read."""
    number, flags, asked, told, _, _ = _HEAD.unpack_from(said)
    if flags >> 11 & 15 > _LAST_OPCODE or flags & _RESERVED or not (asked or told) or asked > _LONGEST:
        raise BrokenError
    found = NameMessage(number, bool(flags & _ANSWERS), flags & _CODE)
    at = _HEAD.size
    for _ in range(asked):
        name, at = name_at(said, at)
        kind, of = _ENDS.unpack_from(said, at)
        at += 4
        if of & ~_UNICAST not in _CLASSES:
            raise BrokenError
        if len(found.asked) < _MOST_ASKED:
            found.asked.append((name, kind))
    try:
        for _ in range(min(told, _MOST_TOLD)):
            name, at = name_at(said, at)
            kind, _, _, size = _RECORD.unpack_from(said, at)
            at += _RECORD.size
            if at + size > len(said):
                break
            found.told.append(Record(name, kind, said[at : at + size], at))
            at += size
    except (BrokenError, struct.error):
        if not found.asked:
            raise
    return found


def name_at(said: bytes, at: int) -> tuple[str, int]:
    """(the name that stands at `at`, where what follows it begins). BrokenError where there is none; names that lead
    back to themselves are none."""
    labels: list[bytes] = []
    after, jumps, size = 0, 0, 0
    while True:
        if at >= len(said):
            raise BrokenError
        length = said[at]
        if not length:
            break
        if length & _POINTER == _POINTER:
            after = after or at + 2
            jumps += 1
            if at + 2 > len(said) or jumps > _MOST_JUMPS:
                raise BrokenError
            at = int.from_bytes(said[at : at + 2], "big") & _PLACE
            continue
        size += length + 1
        if length & _POINTER or size > _LONGEST or at + 1 + length > len(said):
            raise BrokenError
        labels.append(said[at + 1 : at + 1 + length])
        at += 1 + length
    return b".".join(labels).decode("utf-8", "backslashreplace"), after or at + 1


def texts_of(data: bytes) -> Iterator[str]:
    """The texts in a record of type TXT."""
    at = 0
    while at < len(data):
        yield data[at + 1 : at + 1 + data[at]].decode("utf-8", "backslashreplace")
        at += 1 + data[at]
