"""Who understands what a connection says: told by its first words, or by its port where words say nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from pipeline.ingest.packets.agents import Agents
from pipeline.ingest.packets.announcements import DISCOVERY_PORT, SSDP, SSDP_PORT, Announcements
from pipeline.ingest.packets.calls import Calls, begins_calls
from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.controllers import BACNET, DNP3, DNP3_UDP, ENIP, S7, Controllers
from pipeline.ingest.packets.desktop import REQUEST, Desktop
from pipeline.ingest.packets.dicom import ASSOCIATE, Dicom
from pipeline.ingest.packets.directory import Directory
from pipeline.ingest.packets.files import FileCommands
from pipeline.ingest.packets.kerberos import Kerberos
from pipeline.ingest.packets.leases import Leases
from pipeline.ingest.packets.machines import MODBUS, MQTT, Modbus, Mqtt
from pipeline.ingest.packets.mail import MailTransfer
from pipeline.ingest.packets.mailbox import Imap, Pop3
from pipeline.ingest.packets.messages import BEGIN, Messages
from pipeline.ingest.packets.mongo import BEGIN as MONGO
from pipeline.ingest.packets.mongo import Mongo
from pipeline.ingest.packets.mysql import MySql
from pipeline.ingest.packets.names import Names
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.postgresql import Postgres
from pipeline.ingest.packets.proxy import Proxy, begins_proxy
from pipeline.ingest.packets.quic import Quic, initial_at
from pipeline.ingest.packets.radius import PORTS as RADIUS_PORTS
from pipeline.ingest.packets.radius import Radius
from pipeline.ingest.packets.redis import Redis
from pipeline.ingest.packets.screen import Screen
from pipeline.ingest.packets.services import datagram_named, named_by_words
from pipeline.ingest.packets.shell import Shell
from pipeline.ingest.packets.smb import Smb, begins_smb
from pipeline.ingest.packets.stream import Room
from pipeline.ingest.packets.syslog import PRIORITY, Syslog
from pipeline.ingest.packets.tds import BEGIN as TDS
from pipeline.ingest.packets.tds import Tds
from pipeline.ingest.packets.telephony import Telephony
from pipeline.ingest.packets.terminal import TELNET, Terminal
from pipeline.ingest.packets.tls import Tls
from pipeline.ingest.packets.trivial import TrivialFiles
from pipeline.ingest.packets.tunnels import tunnel_in
from pipeline.ingest.packets.web import METHOD, Web
from pipeline.ingest.packets.web2 import PREFACE, Web2

_DNS_PORTS = frozenset((53, 5353, 5355))
_DHCP_PORTS = frozenset((67, 68))
_SNMP_PORTS = frozenset((161, 162))
_KERBEROS_PORT = 88
_NETBIOS_PORT, _MULTICAST_PORT = 137, 5353
_UDP_SERVICES = {123: "ntp", 3478: "stun"}
_MAIL_PORTS = frozenset((25, 465, 587, 2525))
_FILES_PORT = 21
_MAIL = re.compile(rb"(?:HELO|EHLO) |MAIL FROM:", re.IGNORECASE)
_GREETING = re.compile(rb"220[ -]")
"""Of mail and of files alike."""
_MODBUS_PORT, _SYSLOG_PORT = 502, 514
_DEEPEST = 3
"""Protocols inside each other that are read: TLS behind a proxy behind a proxy."""


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


_FOLLOWED: Mapping[str, Callable[[], Speaker]] = {
    "ldap_tcp": Directory, "pop3": Pop3, "imap": Imap, "mysql": MySql, "postgresql": Postgres, "redis": Redis,
    "rfb": Screen, "sip": lambda: Telephony(stream=True), "s7comm": lambda: Controllers(S7, stream=True),
    "dnp3_tcp": lambda: Controllers(DNP3, stream=True), "enip": lambda: Controllers(ENIP, stream=True),
}  # fmt: skip
"""Those of the protocols that are known by their first words of which more is told than their name."""
_FOLLOWED_DATAGRAMS: Mapping[str, Callable[[], Speaker]] = {
    "sip": lambda: Telephony(stream=False),
    "tftp": TrivialFiles,
    "bacnet": lambda: Controllers(BACNET, stream=False),
    "dnp3_udp": lambda: Controllers(DNP3_UDP, stream=False),
}
_BEGINS: tuple[tuple[re.Pattern[bytes], Callable[[], Speaker]], ...] = (
    (ASSOCIATE, Dicom), (BEGIN, Messages), (MQTT, Mqtt), (TELNET, Terminal), (TDS, Tds), (MONGO, Mongo),
)  # fmt: skip


def speaker_of(
    proto: str, sport: int, dport: int, payload: bytes, *, mine: bool, room: Room, depth: int = 0
) -> Speaker | None:
    """The one for these words, None as long as they say nothing. `sport` is the originator's; `depth`: in how many
    other protocols they are said; `room`: of what has to wait."""
    if proto == "udp":
        return _of_datagrams(sport, dport, payload)

    def inside(words: bytes, own: bool) -> Speaker | None:
        if depth >= _DEEPEST:
            return None
        return speaker_of(proto, sport, dport, words, mine=own, room=room, depth=depth + 1)

    if payload[:1] == b"\x16" and payload[1:2] == b"\x03":
        return Tls()
    if named := named_by_words(payload, mine=mine):
        return _FOLLOWED[named]() if named in _FOLLOWED else Clear(named)
    if mine and METHOD.match(payload):
        return Web(inside)
    if mine and payload.startswith(PREFACE):
        return Web2()
    if dport == 53:
        return Names(stream=True)
    if dport == _KERBEROS_PORT:
        return Kerberos(stream=True)
    if begins_smb(payload):
        return Smb()
    if begins_calls(payload):
        return Calls()
    if mine and REQUEST.match(payload):
        return Desktop()
    if payload.startswith(b"SSH-"):
        return Shell()
    if dport == _MODBUS_PORT and MODBUS.match(payload):
        return Modbus()
    for pattern, made in _BEGINS:
        if pattern.match(payload):
            return made()
    if mine and begins_proxy(payload):
        return Proxy(inside)
    if mine and _MAIL.match(payload):
        return MailTransfer(room)
    if mine and dport == _FILES_PORT and payload[:5].upper() == b"USER ":
        return FileCommands()
    if mine or not _GREETING.match(payload):
        return None
    return MailTransfer(room) if dport in _MAIL_PORTS or b"SMTP" in payload[:512].upper() else FileCommands()


def _of_datagrams(sport: int, dport: int, payload: bytes) -> Speaker | None:
    if dport in _DNS_PORTS or sport in _DNS_PORTS:
        return Names(stream=False, multicast=_MULTICAST_PORT in (sport, dport))
    if _NETBIOS_PORT in (sport, dport):
        return Names(stream=False, netbios=True)
    if dport in _DHCP_PORTS and sport in _DHCP_PORTS:
        return Leases()
    if dport in RADIUS_PORTS:
        return Radius()
    if dport in _SNMP_PORTS:
        return Agents()
    if dport == _KERBEROS_PORT:
        return Kerberos(stream=False)
    if dport in _UDP_SERVICES:
        return Clear(_UDP_SERVICES[dport])
    if DISCOVERY_PORT in (sport, dport):
        return Announcements(soap=True)
    if SSDP_PORT in (sport, dport) or SSDP.match(payload):
        return Announcements(soap=False)
    if initial_at(payload):
        return Quic()
    if dport == _SYSLOG_PORT or PRIORITY.match(payload):
        return Syslog()
    tunnel = tunnel_in(sport, dport, payload)
    named = tunnel[0] if tunnel else datagram_named(payload)
    if named is None:
        return None
    return _FOLLOWED_DATAGRAMS[named]() if named in _FOLLOWED_DATAGRAMS else Clear(named)
