"""What two ends of a DICOM association send each other (PS3.8), as tests make it."""

import struct

FIND = "1.2.840.10008.5.1.4.1.2.2.1"


def item(kind: int, value: bytes) -> bytes:
    """A piece of an association, by its kind."""
    return struct.pack(">BxH", kind, len(value)) + value


def associate(kind: int, implementation: bytes) -> bytes:
    """The request (1) or its acceptance (2), of a machine with this software."""
    titles = b"ARCHIVE".ljust(16) + b"SCANNER1".ljust(16)
    context = item(0x20, b"\x01\0\0\0" + item(0x30, FIND.encode()) + item(0x40, b"1.2.840.10008.1.2"))
    user = item(0x50, item(0x51, b"\0\0\x40\0") + item(0x52, b"1.2.3") + item(0x55, implementation))
    body = b"\0\1\0\0" + titles + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    return struct.pack(">BxI", kind, len(body)) + body


def data(content: bytes, *, command: bool) -> bytes:
    """Content on its way, a command or not."""
    value = struct.pack(">IBB", len(content) + 2, 1, 3 if command else 2) + content
    return struct.pack(">BxI", 4, len(value)) + value


def command(field: int) -> bytes:
    """What is asked for (PS3.7, E.1)."""
    return struct.pack("<HHIH", 0, 0x0002, 4, 0) + struct.pack("<HHIH", 0, 0x0100, 2, field)
