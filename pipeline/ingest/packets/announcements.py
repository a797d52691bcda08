"""What machines announce of themselves to their neighbours: over SSDP (UPnP), WS-Discovery (printers, cameras, medical
devices after IEEE 11073-20702) and mDNS (RFC 6763). Names that people gave them are not told."""

import re
from collections.abc import Iterator

from pipeline.ingest.packets.name_message import Record, texts_of
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

SSDP = re.compile(rb"(?:M-SEARCH|NOTIFY) \* HTTP/1\.1|HTTP/1\.1 200 OK\r\n")
SSDP_PORT, DISCOVERY_PORT = 1900, 3702
_SERVER = re.compile(rb"^SERVER:[ \t]*([^\r\n]{1,200})", re.IGNORECASE | re.MULTILINE)
_PRODUCT = re.compile(r"UPnP/\d\.\d,?\s*(.+)")
_DEVICE = re.compile(rb"^(?:NT|ST):[ \t]*urn:[\w.-]{1,64}:device:([\w.-]{1,64})", re.IGNORECASE | re.MULTILINE)
_ASKS = b"M-SEARCH"
_TYPES = re.compile(rb"<(?:\w{1,16}:)?Types[^>]{0,200}>([^<]{1,300})</")
_SCOPES = re.compile(rb"onvif://www\.onvif\.org/hardware/([^\s<]{1,80})", re.IGNORECASE)
_TELLS = re.compile(rb"<(?:\w{1,16}:)?(?:Hello|ProbeMatches|ResolveMatches)[\s>]")
_MODEL = re.compile(r"(?:ty|md|model|usb_MDL|product)=\(?([^)]{1,80})", re.IGNORECASE)
_SERVICES = frozenset((
    "_ipp._tcp", "_ipps._tcp", "_printer._tcp", "_pdl-datastream._tcp", "_scanner._tcp", "_uscan._tcp", "_dicom._tcp",
    "_dicom-tls._tcp", "_acr-nema._tcp", "_axis-video._tcp", "_rtsp._tcp", "_onvif._tcp", "_sip._udp", "_bacnet._udp",
))  # fmt: skip
"""Services by which a machine's kind is known (IANA)."""
_PTR, _TXT, _MOST_TYPES = 12, 16, 8


class Announcements:
    """Of one conversation: software and kind of the machine that sends; each once a machine, as all software is."""

    def __init__(self, *, soap: bool) -> None:
        self._soap = soap
        self.service = "ws_discovery" if soap else "ssdp"

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What it is."""
        for text in _said_by_soap(payload) if self._soap else _said_by_lines(payload):
            if row := shown(ts, text, self.service.upper(), by_server=not mine):
                yield row

    def miss(self, size: int, *, mine: bool) -> None:
        """Datagrams stand for themselves."""

    def end(self) -> Iterator[Row]:
        """Nothing waits."""
        return iter(())


def announced(ts: float, told: list[Record], *, mine: bool) -> Iterator[Row]:
    """What records of mDNS say of the machine that sends them: its model, and services that give its kind away."""
    for record in told:
        text = ""
        if record.type == _PTR:
            service = record.name.lower().removesuffix(".local")
            text = service if service in _SERVICES else ""
        elif record.type == _TXT:
            text = next((found[1] for line in texts_of(record.data) if (found := _MODEL.match(line))), "")
        if text and (row := shown(ts, text, "MDNS", by_server=not mine)):
            yield row


def _said_by_lines(payload: bytes) -> Iterator[str]:
    if payload.startswith(_ASKS):
        return
    if found := _SERVER.search(payload):
        server = found[1].decode("latin-1")
        product = _PRODUCT.search(server)
        yield product[1] if product else server
    if found := _DEVICE.search(payload):
        yield found[1].decode()


def _said_by_soap(payload: bytes) -> Iterator[str]:
    if not _TELLS.search(payload):
        return
    if found := _TYPES.search(payload):
        for name in found[1].split()[:_MOST_TYPES]:
            yield name.rpartition(b":")[2].decode("utf-8", "replace")
    for scope in _SCOPES.findall(payload)[:2]:
        yield scope.decode("latin-1").replace("%20", " ")
