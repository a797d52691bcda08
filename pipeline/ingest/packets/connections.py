"""All connections of a capture that go on: which packet belongs to which, and when each is over."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.connection import Connection, ends_of
from pipeline.ingest.packets.packet import TCP, Packet, Row
from pipeline.ingest.packets.stream import Room

OPEN_S, CLOSED_S, LOOSE_S = 300.0, 5.0, 60.0
"""Pauses after which a TCP connection, one that both ends closed, and UDP or ICMP are over; as Zeek has them."""
MOST_SHOWN = 65_536
"""Pieces of software that are remembered, each of a machine."""
MOST = 200_000
"""Connections that are followed at a time; the one that was silent for longest is told when there are more."""


class Connections:
    """Some 1.5 kB a connection, and what a speaker holds until it was said in full. A packet that is a little late is
    taken as of now; where the clock was set back, or was wrong for a moment, all that goes on is told and begins anew.
    """

    def __init__(self) -> None:
        self._open: dict[float, OrderedDict[tuple[Any, ...], Connection]] = {
            pause: OrderedDict() for pause in (OPEN_S, CLOSED_S, LOOSE_S)
        }
        self._now = float("-inf")
        self._room = Room()
        self._shown: OrderedDict[tuple[Any, ...], None] = OrderedDict()

    def take(self, packet: Packet) -> Iterator[Row]:
        """What the packet says, after the connections that are over by now. A machine's software is told once."""
        for name, row in self._take(packet):
            if name != "software" or self._is_new((row["host"], row["name"], row.get("unparsed_version"))):
                yield name, row

    def _take(self, packet: Packet) -> Iterator[Row]:
        if packet.ts < self._now - OPEN_S:
            yield from self.end()
            self._now = packet.ts
        self._now = max(self._now, packet.ts)
        yield from self._over(self._now)
        ends = ends_of(packet)
        for table in self._open.values():
            found = table.pop(ends, None)
            if found is not None:
                break
        else:
            found = None
        if found is not None and found.begins_anew(packet):
            yield from found.end()
            found = None
        found = found or Connection(packet, self._room)
        yield from found.take(packet)
        pause = LOOSE_S if packet.proto != TCP else CLOSED_S if found.closed else OPEN_S
        self._open[pause][ends] = found
        if sum(map(len, self._open.values())) > MOST:
            fullest = max(self._open.values(), key=len)
            yield from fullest.popitem(last=False)[1].end()

    def end(self) -> Iterator[Row]:
        """What is left, in order of its begin."""
        left = [connection for table in self._open.values() for connection in table.values()]
        for table in self._open.values():
            table.clear()
        for connection in sorted(left, key=lambda c: (c.ts, c.uid)):
            yield from connection.end()

    def _is_new(self, software: tuple[Any, ...]) -> bool:
        new = software not in self._shown
        self._shown[software] = None
        self._shown.move_to_end(software)
        if len(self._shown) > MOST_SHOWN:
            self._shown.popitem(last=False)
        return new

    def _over(self, now: float) -> Iterator[Row]:
        for pause, table in self._open.items():
            while table and next(iter(table.values())).last + pause < now:
                yield from table.popitem(last=False)[1].end()
