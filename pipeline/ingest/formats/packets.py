"""Packet captures (pcap, pcapng), told in the words of Zeek's logs."""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import dpkt
from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.packets.connections import Connections
from pipeline.ingest.packets.frames import Frames
from pipeline.ingest.packets.items import items_of
from pipeline.ingest.packets.links import LINKS
from pipeline.ingest.packets.packet import Arp, Packet, Row
from pipeline.ingest.packets.pcapng import SECTION, frames_of
from pipeline.ingest.streams import head_of

_PCAP = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
_LONGEST = 1 << 22
"""Bytes of the longest record: a frame has 64 kB at most, joined ones some more."""
_CUT = "the capture is damaged here or was cut off; what stood before it was read"
_UNREAD = "captured on a link of type {}, which is not read; Ethernet, Wi-Fi, PPP, loopback and bare IP are"


class _Bounded:
    """A stream that does not follow a damaged length into reading the whole file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, or none at the end. ValueError where that cannot be."""
        if not 0 <= size <= _LONGEST:
            raise ValueError("longer than a packet can be")
        data = self._stream.read(size)
        if data and len(data) < size:
            raise ValueError("cut off")
        return data


class Packets(Format):
    """Connections and what is said in them in the clear (`packets.speaker`). Some 10 to 20 us a packet."""

    id = "packets"
    title = "Packet captures (pcap, pcapng)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """The file's own mark."""
        return 1.0 if head.startswith((*_PCAP, SECTION)) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of everything that was said in full, and one of each connection when it is over."""
        bounded, mark = _Bounded(stream), head_of(stream)[:4]
        try:
            frames = frames_of(bounded) if mark == SECTION else _old(dpkt.pcap.Reader(bounded))
        except (dpkt.Error, ValueError, OSError):
            yield Bad("file", "the head of the capture is damaged", b"", self.id)
            return
        taken, connections, number, broken = Frames(), Connections(), 0, 0
        unread: set[int] = set()
        try:
            for ts, frame, link in frames:
                number += 1
                if link not in LINKS:
                    unread.add(link)
                    continue
                try:
                    packets = taken.packets(frame, link, ts)
                except (ValueError, IndexError, struct.error):
                    broken += 1
                    continue
                for packet in packets:
                    for log, row in _rows(packet, connections):
                        yield from items_of(log, row, number)
        except (dpkt.Error, ValueError, struct.error):
            yield Bad(f"packet {number + 1}", _CUT, b"", self.id)
        for log, row in connections.end():
            yield from items_of(log, row, number)
        if broken:
            yield Bad("file", f"{broken:,} of {number:,} packets are broken, or captured in part", b"", self.id)
        for link in sorted(unread):
            yield Bad("file", _UNREAD.format(link), b"", self.id)


def _old(frames: Any) -> Iterator[tuple[float, bytes, int]]:
    link = frames.datalink()
    for ts, frame in frames:
        yield float(ts), frame, link


def _rows(found: Packet | Arp, connections: Connections) -> Iterator[Row]:
    if isinstance(found, Arp):
        yield (
            "arp",
            {
                "ts": found.ts, "operation": found.operation, "src_mac": found.src_mac, "dst_mac": found.dst_mac,
                "orig_h": found.src, "resp_h": found.dst,
            },
        )  # fmt: skip
    else:
        yield from connections.take(found)
