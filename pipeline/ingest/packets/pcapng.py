"""Frames of a pcapng file, each with the link of the interface that saw it (draft-ietf-opsawg-pcapng)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

SECTION = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OLD_PACKET, _PACKET = 1, 2, 6
_RESOLUTION, _OFFSET = 9, 14
"""Options of an interface: how fine its clock is, and the second that its times count from."""
_SHORTEST = 12


class Exact(Protocol):
    """A stream that gives what it is asked for."""

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, or none at the end. ValueError where that cannot be."""


@dataclass(frozen=True, slots=True)
class _Interface:
    link: int
    ticks: float = 1e6
    """Of its clock in a second."""
    begins: int = 0
    """Second that is its zero."""


def frames_of(stream: Exact) -> Iterator[tuple[float, bytes, int]]:
    """(seconds since 1970, bytes, link type) of every packet with a time. ValueError or `struct.error` where the file
    is damaged, after all that stood before."""
    order = "<"
    interfaces: list[_Interface] = []
    while head := stream.read(8):
        if head[:4] == SECTION:
            mark = stream.read(4)
            if mark not in _ORDERS:
                raise ValueError("no byte order")
            order, interfaces = _ORDERS[mark], []
            _body(stream, head, order, 12)
            continue
        (kind,) = struct.unpack_from(order + "I", head)
        body = _body(stream, head, order, 8)
        if kind == _INTERFACE:
            interfaces.append(_interface(body, order))
        elif kind in (_PACKET, _OLD_PACKET):
            form = "IIIII" if kind == _PACKET else "HxxIIII"
            number, high, low, captured, _ = struct.unpack_from(order + form, body)
            if number >= len(interfaces):
                yield 0.0, b"", 1  # of an interface that the file does not know: no frame
                continue
            seen = interfaces[number]
            yield seen.begins + ((high << 32) | low) / seen.ticks, body[20 : 20 + captured], seen.link


def _body(stream: Exact, head: bytes, order: str, read: int) -> bytes:
    """The rest of a block of which `read` bytes were read, without the length that ends it."""
    (length,) = struct.unpack_from(order + "I", head, 4)
    size = length - read
    body = stream.read(size) if length >= _SHORTEST else b""
    if len(body) != size:
        raise ValueError("cut off")
    return body[:-4]


def _interface(body: bytes, order: str) -> _Interface:
    (link,) = struct.unpack_from(order + "H", body)
    ticks, begins, at = 1e6, 0, 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == _RESOLUTION and value:
            ticks = float((2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F))
        elif code == _OFFSET and len(value) == 8:
            (begins,) = struct.unpack(order + "q", value)
        at += 4 + (length + 3) // 4 * 4
    return _Interface(link, ticks, begins)
