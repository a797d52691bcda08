"""Writes small event log files in Windows' binary form, so that no recording of anybody's machine is needed.

After Microsoft's [MS-EVEN6] (binary XML) and the published descriptions of the container: one chunk, elements with
their names in place, no templates.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence

CHUNK = 65_536
FILETIME_EPOCH = 11_644_473_600  # seconds from 1601 to 1970
HEADER = 512  # bytes of a chunk before its first record

Element = tuple[str, Mapping[str, str], "Sequence[Element] | str"]
"""Name, attributes, children or text."""


def evtx_file(events: Sequence[tuple[float, Element]]) -> bytes:
    """The bytes of a file with one record for each (seconds since 1970, root element)."""
    chunk = bytearray(HEADER)
    last = HEADER
    for number, (ts, root) in enumerate(events, 1):
        last = len(chunk)
        chunk += _record(number, ts, root, last)
    return _file_header(len(events)) + bytes(_closed(chunk, len(events), last))


def security_event(code: int, values: Mapping[str, str], *, channel: str = "Security", host: str = "dc1") -> Element:
    """An event as an audit record has it."""
    system: list[Element] = [
        ("Provider", {"Name": "Microsoft-Windows-Security-Auditing"}, ""), ("EventID", {}, str(code)),
        ("Level", {}, "0"), ("TimeCreated", {"SystemTime": "2024-05-01T10:00:00.500000Z"}, ""),
        ("Channel", {}, channel), ("Computer", {}, host),
    ]  # fmt: skip
    data: list[Element] = [("Data", {"Name": name}, value) for name, value in values.items()]
    return ("Event", {}, [("System", {}, system), ("EventData", {}, data)])


def _file_header(records: int) -> bytes:
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, 0, records + 1, 128, 1, 3, 4096, 1)
    head = head.ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(4096, b"\0")


def _closed(chunk: bytearray, records: int, last: int) -> bytearray:
    """The chunk with its header and checksums, filled up."""
    head = struct.pack(
        "<8sQQQQIIII", b"ElfChnk\0", 1, records, 1, records, 128, last, len(chunk), zlib.crc32(chunk[HEADER:])
    )
    chunk[: len(head)] = head
    chunk[124:128] = struct.pack("<I", zlib.crc32(bytes(chunk[:120]) + bytes(chunk[128:HEADER])))
    return chunk.ljust(CHUNK, b"\0")


def _record(number: int, ts: float, root: Element, at: int) -> bytes:
    body = _Body(at + 24)
    body.out += bytes((0x0F, 1, 1, 0))
    body.element(root)
    body.out += b"\0"
    size = 24 + len(body.out) + 4
    stamp = int((ts + FILETIME_EPOCH) * 10_000_000)
    return struct.pack("<IIQQ", 0x2A2A, size, number, stamp) + bytes(body.out) + struct.pack("<I", size)


class _Body:
    """Binary XML of one record; names are told by their offset in the chunk."""

    def __init__(self, at: int) -> None:
        self._at = at
        self.out = bytearray()

    def element(self, element: Element) -> None:
        name, attributes, inner = element
        self.out += bytes((0x41 if attributes else 0x01,)) + struct.pack("<I", 0)
        self._name(name)
        if attributes:
            place = len(self.out)
            self.out += bytes(4)
            for k, (key, value) in enumerate(attributes.items(), 1):
                self.out.append(0x46 if k < len(attributes) else 0x06)
                self._name(key)
                self._text(value)
            self.out[place : place + 4] = struct.pack("<I", len(self.out) - place - 4)
        self.out.append(0x02)
        if isinstance(inner, str):
            self._text(inner)
        else:
            for child in inner:
                self.element(child)
        self.out.append(0x04)

    def _name(self, name: str) -> None:
        here = self._at + len(self.out) + 4
        self.out += struct.pack("<I", here) + struct.pack("<IHH", 0, _hash(name), len(name))
        self.out += name.encode("utf-16-le") + b"\0\0"

    def _text(self, text: str) -> None:
        self.out += b"\x05\x01" + struct.pack("<H", len(text)) + text.encode("utf-16-le")


def _hash(name: str) -> int:
    total = 0
    for unit in name:
        total = (total * 65_599 + ord(unit)) & 0xFFFFFFFF
    return total & 0xFFFF
