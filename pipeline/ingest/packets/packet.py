"""What one captured frame carries, under whatever link it was captured on."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dpkt
from dpkt.arp import ARP
from dpkt.ip import IP
from dpkt.ip6 import IP6

TCP, UDP, ICMP = "tcp", "udp", "icmp"
_CARRIED = (dpkt.ip.IP_PROTO_TCP, dpkt.ip.IP_PROTO_UDP)
_UNDERSTOOD = (dpkt.ethernet.ETH_TYPE_IP, dpkt.ethernet.ETH_TYPE_IP6, dpkt.ethernet.ETH_TYPE_ARP)


Row = tuple[str, dict[str, Any]]
"""Name of a Zeek log, and a row of it."""


@dataclass(slots=True)
class Packet:
    """One TCP segment, UDP datagram or ICMP message."""

    ts: float
    proto: str
    src: str
    dst: str
    sport: int
    """Of ICMP its type, `dport` its code."""
    dport: int
    payload: bytes
    """As far as it was captured."""
    size: int
    """Bytes of the payload as it was sent."""
    flags: int = 0
    """TCP's."""
    seq: int = 0
    src_mac: str = ""
    dst_mac: str = ""
    ack: int = 0
    """TCP's number of the byte that the sender waits for."""


@dataclass(frozen=True, slots=True)
class Arp:
    """One question for an address, or an answer."""

    ts: float
    operation: str
    src_mac: str
    dst_mac: str
    src: str
    dst: str


def _ethernet(frame: bytes) -> tuple[object, str, str]:
    found = dpkt.ethernet.Ethernet(frame)
    if isinstance(found.data, bytes) and found.type in _UNDERSTOOD:
        raise dpkt.UnpackError  # the library keeps what it cannot take apart
    return found.data, found.src.hex(":"), found.dst.hex(":")


def _cooked(frame: bytes) -> tuple[object, str, str]:
    found = dpkt.sll.SLL(frame)
    return found.data, found.hdr[:6].hex(":") if found.hlen == 6 else "", ""


def _cooked2(frame: bytes) -> tuple[object, str, str]:
    found = dpkt.sll2.SLL2(frame)
    return found.data, found.hdr[:6].hex(":") if found.hlen == 6 else "", ""


def _loopback(frame: bytes) -> tuple[object, str, str]:
    return dpkt.loopback.Loopback(frame).data, "", ""


def _bare(frame: bytes) -> tuple[object, str, str]:
    return (IP6 if frame[:1] and frame[0] >> 4 == 6 else IP)(frame), "", ""


LINKS: dict[int, Callable[[bytes], tuple[object, str, str]]] = {
    0: _loopback, 1: _ethernet, 12: _bare, 14: _bare, 101: _bare, 108: _loopback, 113: _cooked, 228: _bare, 229: _bare,
    276: _cooked2,
}  # fmt: skip
"""By link type (LINKTYPE_* of tcpdump.org): what lies under it, and the cards of both sides where they are told."""


def packet_of(frame: bytes, link: int, ts: float) -> Packet | Arp | None:
    """What the frame carries; None where it is neither IP nor ARP, or a later part of a fragmented packet. Raises
    `dpkt.Error`, or any error of a parser, for what is broken. `link` is one of LINKS."""
    inner, src_mac, dst_mac = LINKS[link](frame)
    if isinstance(inner, ARP):
        return _arp(inner, ts)
    if isinstance(inner, IP):
        if inner.offset:
            return None
        src, dst = socket.inet_ntop(socket.AF_INET, inner.src), socket.inet_ntop(socket.AF_INET, inner.dst)
    elif isinstance(inner, IP6):
        src, dst = socket.inet_ntop(socket.AF_INET6, inner.src), socket.inet_ntop(socket.AF_INET6, inner.dst)
    else:
        return None
    carried = inner.data
    macs = (src_mac, dst_mac)
    if isinstance(carried, dpkt.tcp.TCP):
        payload = bytes(carried.data)
        size = max(len(payload), _sent(inner) - 4 * carried.off)
        ports, numbers = (carried.sport, carried.dport), (carried.flags, carried.seq)
        return Packet(ts, TCP, src, dst, *ports, payload, size, *numbers, *macs, carried.ack)
    if isinstance(carried, dpkt.udp.UDP):
        payload = bytes(carried.data)
        size = max(len(payload), carried.ulen - 8)
        return Packet(ts, UDP, src, dst, carried.sport, carried.dport, payload, size, 0, 0, *macs)
    if isinstance(carried, dpkt.icmp.ICMP | dpkt.icmp6.ICMP6):
        payload = bytes(carried)[8:]
        size = max(len(payload), _sent(inner) - 8)
        return Packet(ts, ICMP, src, dst, carried.type, carried.code, payload, size, 0, 0, *macs)
    if inner.p in _CARRIED and not (isinstance(inner, IP) and inner.mf):
        raise dpkt.UnpackError
    return None


def _sent(inner: IP | IP6) -> int:
    """Bytes that the packet carried; 0 where the card cut it up after it was captured."""
    return int(inner.plen) if isinstance(inner, IP6) else int(inner.len) - 4 * int(inner.hl)


def _arp(found: ARP, ts: float) -> Arp | None:
    if found.pln != 4 or found.op not in (dpkt.arp.ARP_OP_REQUEST, dpkt.arp.ARP_OP_REPLY):
        return None
    operation = "request" if found.op == dpkt.arp.ARP_OP_REQUEST else "reply"
    ends = (socket.inet_ntop(socket.AF_INET, address) for address in (found.spa, found.tpa))
    return Arp(ts, operation, found.sha.hex(":"), found.tha.hex(":"), *ends)
