"""Packets as text: lines of tcpdump (with days: `-tttt`, `-tt`) and tshark (`-t ad`, `-t e`)."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.lines import LOOK_AT_BYTES, Line, lines, majority, whole_lines
from pipeline.ingest.packets.written import Wire
from pipeline.ingest.packets.written_lines import is_packet, packet_of_line

_SNIFFED_LINES = 100
_UNREAD = "not a packet as tcpdump or tshark write it"


class PacketText(Format):
    """A line a packet → the connections they are of, and the names that were asked for. Lines that begin with a blank
    go on with the one before them (`-v`, `-x`); of packets without addresses of IP nothing is told."""

    id = "packet_text"
    title = "Packets as text (tcpdump -tttt, tshark -t ad)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """The share of lines that are of packets with a day, without those that go on with another."""
        whole = head[: head.rfind(b"\n") + 1] or head
        blocks = islice(_blocks(BytesIO(whole)), _SNIFFED_LINES)
        texts = [_text(block.raw) for block in blocks if isinstance(block, Line)]
        if not any(packet_of_line(text, {}) for text in texts):
            return 0.0
        return 0.96 * majority(sum(map(is_packet, texts)), len(texts))

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of each connection when it is over, and of every question for a name."""
        wire = Wire()
        seen: dict[tuple[str, str], tuple[int, int]] = {}
        number = 0
        for block in _blocks(stream):
            if isinstance(block, Bad):
                yield block
                continue
            number = block.number
            text = _text(block.raw)
            told = packet_of_line(text, seen)
            if told is not None:
                yield from wire.take(told, number)
            elif not is_packet(text):
                yield Bad(block.position, _UNREAD, block.raw, self.id)
        yield from wire.end(number)


def _text(raw: bytes) -> str:
    return raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace").rstrip()


def _blocks(stream: BinaryIO) -> Iterator[Line | Bad]:
    """Lines, each with the first one that goes on with it: behind that stands what was in the packet."""
    held: Line | None = None
    joined = False
    for line in whole_lines(lines(stream), PacketText.id):
        if isinstance(line, Line) and line.raw[:1].isspace() and held is not None and not is_packet(_text(line.raw)):
            if not joined and b" > " in line.raw:
                held, joined = Line(held.number, held.raw + b" " + line.raw.lstrip()), True
            continue
        if held is not None:
            yield held
        held, joined = (line, False) if isinstance(line, Line) else (None, False)
        if isinstance(line, Bad):
            yield line
    if held is not None:
        yield held
