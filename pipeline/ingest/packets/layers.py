"""What lies between a link and the packets it carries: tags, labels, sessions, networks inside networks.

Numbers are Ethernet's types (IEEE's registry), and those of PPP and LLC that mean the same.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from pipeline.ingest.packets.packet import BrokenError

IP4, IP6, ARP, ETHERNET, PPP, MPLS, NOTHING = 0x0800, 0x86DD, 0x0806, 0x6558, 0x880B, 0x8847, 0
_LENGTHS = 0x0600
"""Below it, the field that holds a type says how long a frame of LLC is."""
_LLC = 1
_PPP_TYPES = {0x21: IP4, 0x57: IP6, 0x281: MPLS, 0x283: MPLS}


class Layer(NamedTuple):
    """What is left of a frame, and what it is."""

    kind: int
    """An Ethernet type; NOTHING where there is nothing to take apart."""
    data: bytes
    src_mac: str = ""
    dst_mac: str = ""
    """Cards of both ends, as the innermost frame names them."""


@lru_cache(65_536)
def card(address: bytes) -> str:
    """A card's address as people write it."""
    return address.hex(":")


def kind_at(data: bytes, at: int) -> int:
    """The type that stands there."""
    if len(data) < at + 2:
        raise BrokenError
    kind = data[at] << 8 | data[at + 1]
    return kind if kind >= _LENGTHS else _LLC


def bare(data: bytes) -> int:
    """The type of a packet that nothing names: its first digit is its version."""
    return {4: IP4, 6: IP6}.get(data[0] >> 4, NOTHING) if data else NOTHING


def ethernet(data: bytes) -> Layer:
    """A frame from its first address on."""
    return Layer(kind_at(data, 12), data[14:], card(data[6:12]), card(data[:6]))


def ppp(data: bytes) -> Layer:
    """A frame of PPP (RFC 1661), with or without the two bytes that never change, its protocol in one byte or two."""
    if data[:2] == b"\xff\x03":
        data = data[2:]
    if not data:
        raise BrokenError
    if data[0] & 1:
        return Layer(_PPP_TYPES.get(data[0], NOTHING), data[1:])
    number = int.from_bytes(data[:2], "big")
    return Layer(_PPP_TYPES.get(number, NOTHING), data[2:])


def llc(data: bytes) -> Layer:
    """IEEE 802.2: bare, or with an Ethernet type behind (SNAP)."""
    if data[:3] == b"\xaa\xaa\x03":
        return Layer(kind_at(data, 6), data[8:])
    return Layer(IP4 if data[:2] == b"\x06\x06" else NOTHING, data[3:])


def _mpls(data: bytes) -> Layer:
    at = 0
    while at + 4 <= len(data):
        last = data[at + 2] & 1
        at += 4
        if last:
            kind = bare(data[at:])
            word = 4 if not kind and data[at : at + 1] < b"\x10" else 0  # of a wire that only seems to be one
            return Layer(kind or ETHERNET, data[at + word :])
    raise BrokenError


def _session(data: bytes) -> Layer:
    """PPPoE (RFC 2516), which says how long it is."""
    if len(data) < 8:
        raise BrokenError
    return ppp(data[6 : 6 + int.from_bytes(data[4:6], "big")])


def _tagged(before: int) -> Callable[[bytes], Layer]:
    return lambda data: Layer(kind_at(data, before), data[before + 2 :])


def _inside(before: int) -> Callable[[bytes], Layer]:
    return lambda data: ethernet(data[before:])


_LAYERS: dict[int, Callable[[bytes], Layer]] = {
    **dict.fromkeys((0x8100, 0x88A8, 0x9100, 0x9200), _tagged(2)),  # VLAN, once or twice
    0x8926: _tagged(4),  # VN-tag
    0x8909: _tagged(6),  # Cisco's security groups
    0x88E7: _inside(4),  # a provider's bridges
    0x8903: _inside(2),  # FabricPath
    MPLS: _mpls, 0x8848: _mpls, 0x8864: _session, PPP: ppp, ETHERNET: ethernet, _LLC: llc,
}  # fmt: skip


def under(layer: Layer) -> Layer | None:
    """What the layer holds; None where it is a packet, or nothing that is known. BrokenError."""
    peel = _LAYERS.get(layer.kind)
    if peel is None:
        return None
    found = peel(layer.data)
    return found if found.src_mac else Layer(found.kind, found.data, layer.src_mac, layer.dst_mac)
