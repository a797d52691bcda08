"""Who understands what a connection says: told by its first words, or by its port where words say nothing."""

import re
from collections.abc import Iterator
from typing import Protocol

from pipeline.ingest.packets.leases import Leases
from pipeline.ingest.packets.names import Names
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.tls import Tls
from pipeline.ingest.packets.tunnels import tunnel_in
from pipeline.ingest.packets.web import METHOD, Web

_DNS_PORTS = frozenset((53, 5353, 5355))
_DHCP_PORTS = frozenset((67, 68))
_UDP_SERVICES = {88: "krb", 123: "ntp", 161: "snmp", 514: "syslog", 1812: "radius", 3478: "stun"}
_TCP_SERVICES = {21: "ftp", 25: "smtp", 587: "smtp"}
_GREETING = re.compile(rb"220[ -]")
_DICOM = re.compile(rb"\x01\x00....\x00\x01", re.DOTALL)  # A-ASSOCIATE-RQ of protocol version 1
_SMB = re.compile(rb"\x00...[\xfe\xff]SMB", re.DOTALL)
_RDP = re.compile(rb"\x03\x00..[\x02-\xff]\xe0", re.DOTALL)  # TPKT with a connection request
_MLLP = re.compile(rb"\x0bMSH\|")


class Speaker(Protocol):
    """One connection's words."""

    service: str
    """Zeek's name of the protocol."""

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What was said in full by now; `mine`: by the originator. TCP comes in order, each byte once."""

    def miss(self, size: int, *, mine: bool) -> None:
        """So many bytes were not captured between what was heard and what is heard next."""

    def end(self) -> Iterator[Row]:
        """What was begun and had no answer."""


class Named:
    """A protocol that is recognised and not followed."""

    def __init__(self, service: str) -> None:
        self.service = service

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """Nothing."""
        return iter(())

    def miss(self, size: int, *, mine: bool) -> None:
        """Nothing is kept."""

    def end(self) -> Iterator[Row]:
        """Nothing."""
        return iter(())


def speaker_of(proto: str, sport: int, dport: int, payload: bytes, *, mine: bool) -> Speaker | None:
    """The one for these words, None as long as they say nothing. `sport` is the originator's."""
    if proto == "udp":
        if dport in _DNS_PORTS or sport in _DNS_PORTS:
            return Names(stream=False)
        if dport in _DHCP_PORTS and sport in _DHCP_PORTS:
            return Leases()
        if dport in _UDP_SERVICES:
            return Named(_UDP_SERVICES[dport])
        tunnel = tunnel_in(sport, dport, payload)
        return Named(tunnel[0]) if tunnel else None
    if payload[:1] == b"\x16" and payload[1:2] == b"\x03":
        return Tls()
    if mine and METHOD.match(payload):
        return Web()
    if dport == 53:
        return Names(stream=True)
    if payload.startswith(b"SSH-"):
        return Named("ssh")
    for pattern, service in ((_SMB, "smb"), (_RDP, "rdp"), (_DICOM, "dicom"), (_MLLP, "hl7")):
        if pattern.match(payload):
            return Named(service)
    if not mine and dport in _TCP_SERVICES and _GREETING.match(payload):
        return Named(_TCP_SERVICES[dport])
    return None
