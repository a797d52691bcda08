"""Frames taken apart down to the packets they carry, through whatever tags and tunnels."""

import socket
import struct
from functools import lru_cache

from pipeline.ingest.packets.fragments import Fragments
from pipeline.ingest.packets.layers import ARP, IP4, IP6, NOTHING, Layer, under
from pipeline.ingest.packets.links import LINKS
from pipeline.ingest.packets.packet import ICMP, SCTP, TCP, UDP, Arp, BrokenError, Packet
from pipeline.ingest.packets.transport import asked, data_of_sctp
from pipeline.ingest.packets.tunnels import carried, tunnel_in

_DEEPEST = 24
"""Layers of a frame: tags, tunnels and packets in them; more are a loop, or made to cost time."""
_TCP, _UDP, _SCTP, _ICMP = 6, 17, 132, {1: 4, 58: 6}
_FRAGMENT, _AUTHENTICATED = 44, 51
_OPTIONS = frozenset((0, 43, 60, 135, 139, 140, _AUTHENTICATED))
"""Headers of version 6 between its own and what it carries."""
_HEAD4, _HEAD6 = struct.Struct(">BxHHHxBxx4s4s"), struct.Struct(">4xHBx16s16s")
_TCP_HEAD, _PORTS = struct.Struct(">HHIIH"), struct.Struct(">HHH")
_MORE, _OFFSET = 0x2000, 0x1FFF
Carried = tuple[Packet | None, Layer | None]
"""What a packet of IP says, and the network inside it."""


@lru_cache(65_536)
def _text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


class Frames:
    """Some 3 us a frame. What waits for its missing parts is bounded (`fragments`)."""

    def __init__(self) -> None:
        self._fragments = Fragments()

    @property
    def waiting(self) -> int:
        """Bytes of packets whose rest is not there yet."""
        return self._fragments.bytes

    def packets(self, frame: bytes, link: int, ts: float) -> list[Packet | Arp]:
        """What the frame carries, a tunnel before what is in it; nothing where it is neither IP nor ARP, or a part of a
        packet whose rest is not there yet. BrokenError, or any error of bytes that are too short, where nothing of it
        could be read. `link` is one of LINKS."""
        found: list[Packet | Arp] = []
        try:
            layer: Layer | None = LINKS[link](frame)
            for _ in range(_DEEPEST):
                if layer is None or layer.kind == NOTHING:
                    break
                if layer.kind == ARP:
                    found += _arp(layer, ts)
                    break
                if layer.kind in (IP4, IP6):
                    packet, layer = (self._version4 if layer.kind == IP4 else self._version6)(layer, ts)
                    if packet is not None:
                        found.append(packet)
                else:
                    layer = under(layer)
        except (BrokenError, struct.error, IndexError):
            if not found:
                raise
        return found

    def _version4(self, layer: Layer, ts: float) -> Carried:
        data = layer.data
        first, total, number, cut, proto, src, dst = _HEAD4.unpack_from(data)
        head = (first & 15) * 4
        if first >> 4 != 4 or head < 20:
            raise BrokenError
        sent = max(total or len(data), head) - head  # no length: the card cut it up after it was captured
        part = data[head : head + sent]
        if cut & (_MORE | _OFFSET):
            key = (src, dst, number, proto)
            whole = self._whole(key, ts, (cut & _OFFSET) * 8, part, sent, more=bool(cut & _MORE))
            if whole is None:
                return None, None
            part, sent = whole, len(whole)
        if proto == _AUTHENTICATED:
            proto, part = _behind(proto, part)
            sent = max(sent, len(part))
        return _carried(layer, ts, proto, src, dst, part, sent)

    def _version6(self, layer: Layer, ts: float) -> Carried:
        data = layer.data
        sent, proto, src, dst = _HEAD6.unpack_from(data)
        if data[0] >> 4 != 6:
            raise BrokenError
        sent = sent or len(data) - 40
        part = data[40 : 40 + sent]
        while proto in _OPTIONS or proto == _FRAGMENT:
            if proto == _FRAGMENT:
                after, cut, number = struct.unpack_from(">BxHI", part)
                key = (src, dst, number, after)
                whole = self._whole(key, ts, cut & 0xFFF8, part[8:], sent - 8, more=bool(cut & 1))
                if whole is None:
                    return None, None
                proto, part, sent = after, whole, len(whole)
                continue
            before = len(part)
            proto, part = _behind(proto, part)
            sent -= before - len(part)
        return _carried(layer, ts, proto, src, dst, part, sent)

    def _whole(
        self, key: tuple[bytes, bytes, int, int], ts: float, begin: int, part: bytes, sent: int, *, more: bool
    ) -> bytes | None:
        """The packet of which this is a part, what was not captured of it as zeros. One that is alone is whole."""
        if not begin and not more:
            return part
        return self._fragments.whole(key, ts, begin, part.ljust(sent, b"\0"), last=not more)


def _behind(proto: int, part: bytes) -> tuple[int, bytes]:
    """What follows an extension header, and its protocol."""
    size = (part[1] + 2) * 4 if proto == _AUTHENTICATED else (part[1] + 1) * 8
    if len(part) < size:
        raise BrokenError
    return part[0], part[size:]


def _carried(layer: Layer, ts: float, proto: int, src: bytes, dst: bytes, part: bytes, sent: int) -> Carried:
    ends, cards = (_text(src), _text(dst)), (layer.src_mac, layer.dst_mac)
    if proto == _TCP:
        sport, dport, seq, ack, flags = _TCP_HEAD.unpack_from(part)
        head = (flags >> 12) * 4
        if head < 20:
            raise BrokenError
        payload = part[head:]
        size = max(len(payload), sent - head)
        return Packet(ts, TCP, *ends, sport, dport, payload, size, flags & 0xFF, seq, *cards, ack), None
    if proto == _UDP:
        sport, dport, length = _PORTS.unpack_from(part)
        payload = part[8 : length if length >= 8 else None]
        size = max(len(payload), length - 8)
        tunnel = tunnel_in(sport, dport, payload)
        return Packet(ts, UDP, *ends, sport, dport, payload, size, 0, 0, *cards), tunnel[1] if tunnel else None
    if proto in _ICMP:
        kind = asked(part[0], part[1], _ICMP[proto])
        size = max(len(part), sent) - 8
        return Packet(ts, ICMP, *ends, *kind, part[8:], max(size, 0), 0, 0, *cards), None
    if proto == _SCTP:
        sport, dport, _ = _PORTS.unpack_from(part)
        return Packet(ts, SCTP, *ends, sport, dport, b"", data_of_sctp(part), 0, 0, *cards), None
    return None, carried(proto, part)


def _arp(layer: Layer, ts: float) -> list[Packet | Arp]:
    data = layer.data
    if len(data) < 28:
        raise BrokenError
    operation = {1: "request", 2: "reply"}.get(int.from_bytes(data[6:8], "big"))
    if data[4:6] != b"\x06\x04" or operation is None:
        return []
    return [Arp(ts, operation, data[8:14].hex(":"), data[18:24].hex(":"), _text(data[14:18]), _text(data[24:28]))]
