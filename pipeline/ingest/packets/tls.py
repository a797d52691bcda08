"""Handshakes of encrypted connections, as rows of Zeek's ssl.log."""

import hashlib
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dpkt
from asn1crypto.x509 import Certificate
from dpkt.ssl import TLSCertificate, TLSClientHello, TLSServerHello

from pipeline.ingest.packets.packet import Row

_HANDSHAKE, _ALERT = 22, 21
_CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE = 1, 2, 11
_MOST_BYTES = 65_536
_NAME, _GROUPS, _POINTS, _VERSIONS = 0, 10, 11, 43
_VERSION = {0x0300: "SSLv3", 0x0301: "TLSv10", 0x0302: "TLSv11", 0x0303: "TLSv12", 0x0304: "TLSv13"}
_PARTS = {
    "common_name": "CN", "organizational_unit_name": "OU", "organization_name": "O", "locality_name": "L",
    "state_or_province_name": "ST", "country_name": "C", "email_address": "emailAddress",
}  # fmt: skip
_BROKEN = (dpkt.Error, struct.error, ValueError, IndexError, TypeError, KeyError, AttributeError, OverflowError)


class Tls:
    """Of one connection: told once, when both ends have begun to speak in secret or it is over. JA3 as Salesforce
    describes it. At most 64 kB of each end's handshake are looked at."""

    service = "ssl"

    def __init__(self) -> None:
        self._bytes: dict[bool, bytes] = {True: b"", False: b""}
        self._hidden = {True: False, False: False}
        self._row: dict[str, Any] = {}
        self._told = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, as soon as it is whole."""
        if self._told:
            return
        self._row.setdefault("ts", ts)
        if not self._hidden[mine]:
            self._bytes[mine] = (self._bytes[mine] + payload)[:_MOST_BYTES]
            self._hidden[mine] = self._read(mine, ts)
        if all(self._hidden.values()):
            yield from self._tell(established=True)

    def miss(self, size: int, *, mine: bool) -> None:
        """What comes behind a hole cannot be told apart any more."""
        self._hidden[mine] = True

    def end(self) -> Iterator[Row]:
        """The row of a handshake that came to nothing, or that was seen in part."""
        if self._row and not self._told:
            yield from self._tell(established=False)

    def _tell(self, *, established: bool) -> Iterator[Row]:
        self._told = True
        self._bytes.clear()
        if len(self._row) > 1:
            yield "ssl", {**self._row, "established": established}

    def _read(self, mine: bool, ts: float) -> bool:
        """Take what is whole of one end's records; whether it speaks in secret from here on."""
        data, at, said = self._bytes[mine], 0, b""
        while at + 5 <= len(data):
            kind, size = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
            if kind != _HANDSHAKE:
                self._messages(said, ts)
                return kind != _ALERT
            said += data[at + 5 : at + 5 + size]
            at += 5 + size
        if at >= len(data) or len(data) >= _MOST_BYTES:
            self._messages(said, ts)
        return len(data) >= _MOST_BYTES

    def _messages(self, said: bytes, ts: float) -> None:
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
            self._row.update(_hello(TLSClientHello(body)))
        elif kind == _SERVER_HELLO:
            self._row.update(_answer(TLSServerHello(body)))
        elif kind == _CERTIFICATE:
            certificates = TLSCertificate(body).certificates
            if certificates:
                self._row.update(_shown(Certificate.load(bytes(certificates[0])), ts))


def _hello(found: TLSClientHello) -> dict[str, Any]:
    extensions = getattr(found, "extensions", [])
    said = dict(extensions)
    ciphers = [suite.code for suite in found.ciphersuites]
    groups = _numbers(said.get(_GROUPS, b"")[2:])
    points = list(said.get(_POINTS, b"")[1:])
    parts = ([found.version], ciphers, [kind for kind, _ in extensions], groups, points)
    text = ",".join("-".join(str(n) for n in part if not _is_grease(n)) for part in parts)
    name = said.get(_NAME, b"")
    return {
        "ja3": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "server_name": name[5:].decode("latin-1") or None,
    }


def _answer(found: TLSServerHello) -> dict[str, Any]:
    extensions = getattr(found, "extensions", [])
    version = int.from_bytes(dict(extensions).get(_VERSIONS, b""), "big") or found.version
    text = f"{found.version},{found.ciphersuite.code},{'-'.join(str(kind) for kind, _ in extensions)}"
    return {
        "version": _VERSION.get(version, f"unknown-{version}"),
        "cipher": found.ciphersuite.name,
        "ja3s": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
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


def _numbers(data: bytes) -> list[int]:
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data) - 1, 2)]


def _is_grease(number: int) -> bool:
    """Numbers that clients throw in to keep servers tolerant (RFC 8701)."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF
