"""Packets inside packets: what a datagram or a packet of another protocol than TCP carries, where it is a network."""

from collections.abc import Callable

from pipeline.ingest.packets.layers import ETHERNET, IP4, IP6, MPLS, NOTHING, PPP, Layer, bare
from pipeline.ingest.packets.links import wireless
from pipeline.ingest.packets.packet import BrokenError

GRE = 47
_ERSPAN, _ERSPAN3, _WCCP = 0x88BE, 0x22EB, 0x883E
_CHECKED, _ROUTED, _KEYED, _NUMBERED, _ANSWERED = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
_USER_DATA = 255


def carried(number: int, data: bytes) -> Layer | None:
    """The network in a packet of the IP protocol `number`; None for protocols that carry none. BrokenError."""
    if number == GRE:
        return _gre(data)
    if number == 97:  # EtherIP
        return Layer(ETHERNET, data[2:])
    kind = {4: IP4, 41: IP6, 137: MPLS}.get(number)
    return Layer(kind, data) if kind else None


def _gre(data: bytes) -> Layer:
    """RFC 2784, 2890 and 2637, and the mirrored ports that switches send in it (ERSPAN I to III)."""
    if len(data) < 4:
        raise BrokenError
    flags, kind = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    parts = (flags & (_CHECKED | _ROUTED), flags & _KEYED, flags & _NUMBERED, flags & 7 == 1 and flags & _ANSWERED)
    data = data[4 + 4 * sum(map(bool, parts)) :]
    if kind == _ERSPAN:
        return Layer(ETHERNET, data[8:] if flags & _NUMBERED else data)
    if kind == _ERSPAN3:
        if len(data) < 12:
            raise BrokenError
        more = 8 if data[11] & 1 else 0
        return Layer(ETHERNET if data[10] >> 2 & 31 == 0 else bare(data[12 + more :]), data[12 + more :])
    if kind == _WCCP:
        data = data if bare(data) else data[4:]
        return Layer(bare(data), data)
    return Layer(kind if kind in (IP4, IP6, ETHERNET, PPP, MPLS) else NOTHING, data)


def _vxlan(data: bytes) -> Layer | None:
    return Layer(ETHERNET, data[8:]) if len(data) > 8 and data[0] & 0x08 and data[7] == 0 else None


def _geneve(data: bytes) -> Layer | None:
    if len(data) < 8 or data[0] >> 6 or data[1] & 0x3F:
        return None
    kind = int.from_bytes(data[2:4], "big")
    return Layer(kind, data[8 + 4 * (data[0] & 0x3F) :]) if kind in (IP4, IP6, ETHERNET, MPLS) else None


def _gtp(data: bytes) -> Layer | None:
    """User data of mobile networks, version 1 (3GPP TS 29.281)."""
    if len(data) < 8 or data[0] >> 4 != 3 or data[1] != _USER_DATA:
        return None
    at, more = (12, data[11] if data[0] & 4 else 0) if data[0] & 7 and len(data) >= 12 else (8, 0)
    while more and at < len(data) and data[at]:
        size = 4 * data[at]
        more = data[at + size - 1] if at + size <= len(data) else 0
        at += size
    kind = bare(data[at:])
    return Layer(kind, data[at:]) if kind else None


def _teredo(data: bytes) -> Layer | None:
    """RFC 4380: a packet of version 6, behind what says who asks and where from."""
    if data[:2] == b"\x00\x01" and len(data) >= 4:
        data = data[13 + data[2] + data[3] :]
    if data[:2] == b"\x00\x00":
        data = data[8:]
    whole = len(data) >= 40 and data[0] >> 4 == 6 and int.from_bytes(data[4:6], "big") <= len(data) - 40
    return Layer(IP6, data) if whole else None


def _capwap(data: bytes) -> Layer | None:
    """What access points hand to their controller (RFC 5415), as it was on the air or on the wire."""
    head = 4 * (data[1] >> 3) if len(data) > 8 else 0
    if head < 8 or data[0] or data[3] & 0x80:  # encrypted, or in pieces
        return None
    inside = data[head:]
    if not data[2] & 1:
        return Layer(ETHERNET, inside)
    if len(inside) > 2 and inside[0] & 0x0C != 0x08 and inside[1] & 0x0C == 0x08:  # as some controllers turn it
        inside = inside[1::-1] + inside[2:]
    return wireless(inside)


def _l2tp(data: bytes) -> Layer | None:
    """Version 2 (RFC 2661); its own messages carry nothing."""
    flags = int.from_bytes(data[:2], "big")
    if len(data) < 6 or flags & 0x8000 or flags & 15 != 2:
        return None
    at = 6 + (2 if flags & 0x4000 else 0) + (4 if flags & 0x0800 else 0)
    if flags & 0x0200:
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    return Layer(PPP, data[at:]) if at < len(data) else None


_BY_PORT: dict[int, tuple[str, Callable[[bytes], Layer | None]]] = {
    4789: ("vxlan", _vxlan), 8472: ("vxlan", _vxlan), 6081: ("geneve", _geneve), 2152: ("gtpv1", _gtp),
    3544: ("teredo", _teredo), 1701: ("l2tp", _l2tp), 4754: ("gre", _gre),
    5247: ("capwap", _capwap),
}  # fmt: skip
_TEREDO = b"\x20\x01\x00\x00"
"""How addresses begin that Teredo lends; its relays answer from any port."""


def tunnel_in(sport: int, dport: int, payload: bytes) -> tuple[str, Layer] | None:
    """(Zeek's name of the tunnel, the network in it) of a datagram; None where it is none."""
    name, read = _BY_PORT.get(dport) or _BY_PORT.get(sport) or ("", None)
    if read is None and payload[:1] == b"\x60" and _TEREDO in (payload[8:12], payload[24:28]):
        name, read = "teredo", _teredo
    try:
        found = read(payload) if read else None
    except (BrokenError, IndexError):
        return None
    return (name, found) if found else None
