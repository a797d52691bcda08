"""One connection as its packets show it, told as a row of Zeek's conn.log."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.packet import ICMP, TCP, Packet, Row
from pipeline.ingest.packets.speaker import Speaker, speaker_of
from pipeline.ingest.packets.stream import Piece, Room, Stream
from pipeline.ingest.packets.transport import is_answer

_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
_WRAP = 1 << 32
_PRIVILEGED = 1024
_TRIES = 8
"""Pieces of a connection in which its protocol is looked for."""
_PATIENT, _MORE_TRIES = frozenset((139, 445)), 512
"""Ports of shares: of a connection that was there before, the first piece that begins a message may be far."""
_SHORT = 16
"""Bytes by which nearly every protocol is known; as many pieces of less are looked at together."""
_SERVERS = frozenset((2575, 3544, 5353, 5355, 6661, 11112))
"""Ports of those who are asked, above the privileged ones: HL7, Teredo, names of neighbours, DICOM."""

_LENT, _EVERYBODY = (67, 68), "255.255.255.255"
"""Ports of who lends addresses and who takes one; an answer to everybody is a connection of its own, as Zeek has it."""


class Side:
    """What one end sent."""

    __slots__ = ("bytes", "fin", "packets", "rst", "stream", "syn")

    def __init__(self, room: Room) -> None:
        self.packets = self.bytes = 0
        self.syn = self.fin = self.rst = False
        self.stream = Stream(room)
        """TCP's."""

    def take(self, packet: Packet) -> Sequence[Piece]:
        """Count the payload; what can be read now."""
        if packet.proto != TCP:
            self.bytes += packet.size
            return ((0, packet.payload),)
        if packet.flags & _SYN:
            self.stream.begin(packet.seq + 1)
        pieces = self.stream.take((packet.seq + bool(packet.flags & _SYN)) % _WRAP, packet.payload, packet.size)
        self.bytes = self.stream.bytes
        return pieces


class Connection:
    """Packets between two ends, from the first to a pause or the end."""

    __slots__ = (
        "_begun",
        "_ends",
        "_history",
        "_macs",
        "_orig",
        "_resp",
        "_room",
        "_speaker",
        "_tried",
        "last",
        "proto",
        "ts",
        "uid",
    )

    def __init__(self, first: Packet, room: Room) -> None:
        self.ts = self.last = first.ts
        self.proto = first.proto
        ends, macs = [(first.src, first.sport), (first.dst, first.dport)], [first.src_mac, first.dst_mac]
        if _answers(first):
            ends.reverse()
            macs.reverse()
        self._ends, self._macs = ends, macs
        self._orig, self._resp = Side(room), Side(room)
        self._room = room
        self._history = ""
        self._speaker: Speaker | None = None
        self._tried = 0
        self._begun: dict[bool, bytes] = {}
        name = f"{first.ts:.6f} {self.proto} {ends}"
        self.uid = "C" + hashlib.blake2b(name.encode(), digest_size=9).hexdigest()

    @property
    def closed(self) -> bool:
        """TCP: both ends are done with it."""
        return self._orig.rst or self._resp.rst or (self._orig.fin and self._resp.fin)

    def begins_anew(self, packet: Packet) -> bool:
        """Whether the packet opens another connection between the same ends."""
        return self.closed and packet.flags & (_SYN | _ACK) == _SYN

    def take(self, packet: Packet) -> Iterator[Row]:
        """Count a packet; what it says in full by now."""
        self.last = max(self.last, packet.ts)
        mine = self._of_originator(packet)
        side, other = (self._orig, self._resp) if mine else (self._resp, self._orig)
        side.packets += 1
        self._mark(packet, side, mine=mine)
        if other.stream.waits and packet.flags & _ACK:
            yield from self._hear(packet.ts, other.stream.received(packet.ack), mine=not mine)
        pieces = side.take(packet)
        if self.proto != ICMP:
            yield from self._hear(packet.ts, pieces, mine=mine)

    def _hear(self, ts: float, pieces: Sequence[Piece], *, mine: bool) -> Iterator[Row]:
        for missed, payload in pieces:
            if missed:
                self._begun.pop(mine, None)
                if self._speaker is not None:
                    self._speaker.miss(missed, mine=mine)
            if not payload:
                continue
            if self._speaker is None and self._tried < self._tries:
                self._tried += 1
                payload = self._recognised(payload, mine=mine)
            if self._speaker is not None:
                yield from self._told(self._speaker.hear(ts, payload, mine=mine), self._speaker.service)

    def _recognised(self, payload: bytes, *, mine: bool) -> bytes:
        """The first words of whoever understands them: the piece, or with it what came before in pieces too short to
        say anything, as some send byte by byte."""
        ports, begun = (self._ends[0][1], self._ends[1][1]), self._begun.pop(mine, b"")
        for words in (payload, begun + payload) if begun else (payload,):
            self._speaker = speaker_of(self.proto, *ports, words, mine=mine, room=self._room)
            if self._speaker is not None:
                return words
        if self.proto == TCP and len(begun) + len(payload) < _SHORT:
            self._begun[mine] = begun + payload
        return payload

    def _told(self, said: Iterator[Row], service: str) -> Iterator[Row]:
        """What the speaker tells. Should it fail, that is told as a row of weird.log, and it hears no more: whoever
        found words that break it would else blind us for all other connections."""
        try:
            for name, row in said:
                yield name, self._addressed(row, name)
        except Exception:
            self._speaker = Clear(service)
            yield "weird", self._addressed({"ts": self.last, "name": f"{service}_unread"})

    def end(self) -> Iterator[Row]:
        """What was left unsaid, and the connection itself."""
        for side in (self._orig, self._resp):
            yield from self._hear(self.last, side.stream.end(), mine=side is self._orig)
            side.bytes = side.stream.bytes if self.proto == TCP else side.bytes
        if self._speaker is not None:
            yield from self._told(self._speaker.end(), self._speaker.service)
        both = self._orig.packets + self._resp.packets
        yield (
            "conn",
            self._addressed(
                {
                    "ts": self.ts,
                    "proto": self.proto,
                    "service": self._speaker.service if self._speaker else None,
                    "duration": self.last - self.ts if both > 1 else None,
                    "orig_bytes": self._orig.bytes,
                    "resp_bytes": self._resp.bytes,
                    "orig_pkts": self._orig.packets,
                    "resp_pkts": self._resp.packets,
                    "conn_state": self.state,
                    "history": self._history or None,
                    "orig_l2_addr": self._macs[0] or None,
                    "resp_l2_addr": self._macs[1] or None,
                }
            ),
        )

    @property
    def _tries(self) -> int:
        return _MORE_TRIES if self._ends[1][1] in _PATIENT else _TRIES

    @property
    def state(self) -> str:
        """Zeek's name for how it went."""
        orig, resp = self._orig, self._resp
        if self.proto == ICMP:
            return "OTH"
        if self.proto != TCP:
            return "SF" if orig.packets and resp.packets else "S0" if orig.packets else "SHR"
        if orig.fin and resp.fin:
            return "SF"
        if orig.syn and resp.syn:
            if orig.rst or resp.rst:
                return "RSTO" if orig.rst else "RSTR"
            return {(True, True): "SF", (True, False): "S2", (False, True): "S3"}.get((orig.fin, resp.fin), "S1")
        if orig.syn:
            return "REJ" if resp.rst else "RSTOS0" if orig.rst else "SH" if orig.fin else "S0"
        if resp.syn:
            return "RSTRH" if resp.rst else "SHR" if resp.fin else "OTH"
        return "OTH"

    def _of_originator(self, packet: Packet) -> bool:
        return (packet.src, packet.sport) == self._ends[0]

    def _mark(self, packet: Packet, side: Side, *, mine: bool) -> None:
        """Zeek's history: who did what for the first time, in order; capital letters are the originator's."""
        letters = "D" if packet.payload else ""
        if self.proto == TCP:
            flags = packet.flags
            side.syn |= bool(flags & _SYN)
            side.fin |= bool(flags & _FIN)
            side.rst |= bool(flags & _RST)
            opened = "" if not flags & _SYN else "H" if flags & _ACK else "S"
            plain = "A" if flags & _ACK and not flags & (_SYN | _FIN | _RST) and not packet.payload else ""
            letters = f"{opened}{plain}{letters}{'F' if flags & _FIN else ''}{'R' if flags & _RST else ''}"
        for letter in letters if mine else letters.lower():
            if letter not in self._history:
                self._history += letter

    def _addressed(self, row: dict[str, Any], name: str = "conn") -> dict[str, Any]:
        (src, sport), (dst, dport) = self._ends
        if name == "software":  # a machine's, not a connection's
            host, port = (dst, dport) if row.pop("by_server") else (src, sport)
            return {"host": host, "host_p": port, **row}
        return {"uid": self.uid, "id.orig_h": src, "id.orig_p": sport, "id.resp_h": dst, "id.resp_p": dport, **row}


def ends_of(packet: Packet) -> tuple[Any, ...]:
    """The same for both directions of a connection."""
    ends = sorted(((packet.src, packet.sport), (packet.dst, packet.dport)))
    return (packet.proto, *ends)


def _answers(first: Packet) -> bool:
    """Whether the first packet seen of a connection is one of its server's."""
    if first.proto == TCP and first.flags & _SYN:
        return bool(first.flags & _ACK)
    if first.proto == ICMP:
        return is_answer(first.sport, first.dport)
    if (first.sport, first.dport) == _LENT:
        return first.dst != _EVERYBODY
    return _is_served(first.sport) and not _is_served(first.dport)


def _is_served(port: int) -> bool:
    return 0 < port < _PRIVILEGED or port in _SERVERS
