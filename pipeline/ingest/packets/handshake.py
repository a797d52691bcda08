"""What both ends of an encrypted connection say before they are secret, as a row of Zeek's ssl.log."""

import struct
from datetime import UTC, datetime
from typing import Any

import dpkt
from asn1crypto.x509 import Certificate
from dpkt.ssl import TLSCertificate, TLSClientHello, TLSServerHello

from pipeline.ingest.packets.fingerprints import NAME, VERSIONS, ja3, ja3s, ja4

_CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE = 1, 2, 11
_VERSION = {0x0300: "SSLv3", 0x0301: "TLSv10", 0x0302: "TLSv11", 0x0303: "TLSv12", 0x0304: "TLSv13"}
_PARTS = {
    "common_name": "CN", "organizational_unit_name": "OU", "organization_name": "O", "locality_name": "L",
    "state_or_province_name": "ST", "country_name": "C", "email_address": "emailAddress",
}  # fmt: skip
_BROKEN = (
    dpkt.Error,
    struct.error,
    ValueError,
    IndexError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    OSError,
)


class Handshake:
    """The row, as far as messages told it."""

    def __init__(self, carrier: str) -> None:
        """`carrier`: `t` for TCP, `q` for QUIC, as JA4 writes it."""
        self._carrier = carrier
        self.row: dict[str, Any] = {}

    @property
    def begun(self) -> bool:
        """Whether anything was understood."""
        return len(self.row) > 1

    @property
    def answered(self) -> bool:
        """Whether the server chose a cipher."""
        return "cipher" in self.row

    def take(self, said: bytes, ts: float) -> None:
        """Whole messages of one end, from the first on."""
        self.row.setdefault("ts", ts)
        at = 0
        while at + 4 <= len(said):
            kind, size = said[at], int.from_bytes(said[at + 1 : at + 4], "big")
            body = said[at + 4 : at + 4 + size]
            at += 4 + size
            if len(body) < size:
                return
            try:
                self._message(kind, body, ts)
            except _BROKEN:
                continue

    def _message(self, kind: int, body: bytes, ts: float) -> None:
        if kind == _CLIENT_HELLO:
            self.row.update(_hello(TLSClientHello(body), self._carrier))
        elif kind == _SERVER_HELLO:
            self.row.update(_answer(TLSServerHello(body)))
        elif kind == _CERTIFICATE:
            certificates = TLSCertificate(body).certificates
            if certificates:
                self.row.update(_shown(Certificate.load(bytes(certificates[0])), ts))


def _hello(found: TLSClientHello, carrier: str) -> dict[str, Any]:
    extensions = list(getattr(found, "extensions", []))
    ciphers = [suite.code for suite in found.ciphersuites]
    name = dict(extensions).get(NAME, b"")
    size = int.from_bytes(name[3:5], "big")
    return {
        "ja3": ja3(found.version, ciphers, extensions),
        "ja4": ja4(carrier, found.version, ciphers, extensions),
        "server_name": name[5 : 5 + size].decode("latin-1") or None,
    }


def _answer(found: TLSServerHello) -> dict[str, Any]:
    extensions = list(getattr(found, "extensions", []))
    version = int.from_bytes(dict(extensions).get(VERSIONS, b""), "big") or found.version
    return {
        "version": _VERSION.get(version, f"unknown-{version}"),
        "cipher": found.ciphersuite.name,
        "ja3s": ja3s(found.version, found.ciphersuite.code, extensions),
    }


def _shown(certificate: Certificate, ts: float) -> dict[str, Any]:
    row: dict[str, Any] = {"subject": _named(certificate.subject), "issuer": _named(certificate.issuer)}
    now = datetime.fromtimestamp(ts, UTC)
    if certificate.subject == certificate.issuer:
        row["validation_status"] = "self signed certificate"
    elif now > certificate.not_valid_after:
        row["validation_status"] = "certificate has expired"
    elif now < certificate.not_valid_before:
        row["validation_status"] = "certificate is not yet valid"
    return row


def _named(name: Any) -> str:
    parts = []
    for kind, value in name.native.items():
        for one in value if isinstance(value, list) else [value]:
            parts.append(f"{_PARTS.get(kind, kind)}={one}")
    return ",".join(reversed(parts))
