"""What one captured frame carries: a TCP segment, a datagram, a message of ICMP or SCTP, a question for an address."""

from dataclasses import dataclass
from typing import Any

TCP, UDP, ICMP, SCTP = "tcp", "udp", "icmp", "sctp"

Row = tuple[str, dict[str, Any]]
"""Name of a Zeek log, and a row of it."""


class BrokenError(ValueError):
    """Bytes that nobody's stack would have sent, or that were captured in part."""


@dataclass(slots=True)
class Packet:
    """One TCP segment, UDP datagram, SCTP packet or ICMP message."""

    ts: float
    proto: str
    src: str
    dst: str
    sport: int
    """Of ICMP its type; `dport` is the type of the answer or, where it has none, the code: as Zeek has them."""
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
