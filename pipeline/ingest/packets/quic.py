"""QUIC's greetings (RFC 9000, 9001, 9369): sealed with a key that the first packet names itself, so that anybody reads
them who sees it; what follows is secret."""

import hmac
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from pipeline.ingest.packets.handshake import Handshake
from pipeline.ingest.packets.packet import Row

_V1 = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_V2 = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
_DRAFT = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_SALTS = {0x00000001: _V1, 0x6B3343CF: _V2, **dict.fromkeys(range(0xFF00001D, 0xFF000023), _DRAFT)}
"""Versions that are read: 1, 2, and the last drafts, from 29 on."""
_SECOND = 0x6B3343CF
_LONG, _FIXED = 0x80, 0x40
_MOST_BYTES, _MOST_TRIES = 65_536, 32
_PADDING, _PING, _ACK, _ACK_ECN, _CRYPTO = 0, 1, 2, 3, 6
_SAMPLE = 16


class Initial(NamedTuple):
    """A first packet as it stands in its datagram."""

    version: int
    target: bytes
    """The id of the connection that it is sent to."""
    begin: int
    number_at: int
    end: int


class _Key(NamedTuple):
    key: bytes
    iv: bytes
    mask: bytes


class Quic:
    """Of one connection: told once the server answered, or when it is over."""

    service = "quic"

    def __init__(self) -> None:
        self._handshake = Handshake("q")
        self._target: bytes | None = None
        """The id that keys are made of."""
        self._said: dict[bool, dict[int, bytes]] = {True: {}, False: {}}
        self._bytes = self._tried = 0
        self._told = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, as soon as both greetings are whole."""
        at = 0
        while not self._told and self._tried < _MOST_TRIES and (found := initial_at(payload, at)):
            at = found.end
            self._tried += 1
            opened = self._open(payload, found, mine=mine)
            if opened is not None:
                self._keep(opened, mine=mine)
                self._handshake.take(self._joined(mine=mine), ts)
                if self._handshake.answered:
                    yield from self._tell()

    def miss(self, size: int, *, mine: bool) -> None:
        """Datagrams stand for themselves."""

    def end(self) -> Iterator[Row]:
        """A greeting that nobody answered."""
        if not self._told:
            yield from self._tell()

    def _tell(self) -> Iterator[Row]:
        self._told = True
        self._said.clear()
        if self._handshake.begun:
            yield "ssl", {**self._handshake.row, "established": self._handshake.answered}

    def _open(self, payload: bytes, found: Initial, *, mine: bool) -> bytes | None:
        """What the packet says; a client that was asked to come again begins with another key."""
        for target in (self._target, found.target if mine else None):
            if target is None:
                continue
            opened = _unsealed(payload, found, key_of(found.version, target, mine=mine))
            if opened is not None:
                self._target = target
                return opened
        return None

    def _keep(self, frames: bytes, *, mine: bool) -> None:
        """The pieces of the greeting that stand in the packet's frames."""
        at, said = 0, self._said[mine]
        while at < len(frames):
            kind = frames[at]
            at += 1
            if kind in (_PADDING, _PING):
                continue
            if kind in (_ACK, _ACK_ECN):
                at = _behind_ack(frames, at, more=kind == _ACK_ECN)
                continue
            if kind != _CRYPTO:
                return
            begin, at = _number(frames, at)
            size, at = _number(frames, at)
            piece = frames[at : at + size]
            at += size
            if begin < _MOST_BYTES and self._bytes < _MOST_BYTES and len(piece) > len(said.get(begin, b"")):
                said[begin] = piece
                self._bytes += len(piece)

    def _joined(self, *, mine: bool) -> bytes:
        found = bytearray()
        for begin, piece in sorted(self._said[mine].items()):
            if begin > len(found):
                break
            found += piece[len(found) - begin :]
        return bytes(found)


def initial_at(payload: bytes, at: int = 0) -> Initial | None:
    """The first packet of a connection that stands there, of a version that is read; None for anything else."""
    if len(payload) < at + 7 or payload[at] & (_LONG | _FIXED) != _LONG | _FIXED:
        return None
    version = int.from_bytes(payload[at + 1 : at + 5], "big")
    if version not in _SALTS or payload[at] >> 4 & 3 != (1 if version == _SECOND else 0):
        return None
    begin = at + 6
    target = payload[begin : begin + payload[at + 5]]
    begin += payload[at + 5]
    if len(target) > 20 or begin >= len(payload):
        return None
    begin += 1 + payload[begin]
    token, begin = _number(payload, begin)
    size, begin = _number(payload, begin + token)
    if begin + size > len(payload) or size < 4 + _SAMPLE:
        return None
    return Initial(version, target, at, begin, begin + size)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to eight bytes, and where it ends; past the end of the data where it is not whole."""
    if at >= len(data):
        return 0, len(data) + 1
    size = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + size], "big") & ((1 << 8 * size - 2) - 1)
    return value, at + size


def _behind_ack(frames: bytes, at: int, *, more: bool) -> int:
    for _ in range(2):
        _, at = _number(frames, at)
    ranges, at = _number(frames, at)
    for _ in range(min(2 * ranges + 1 + (3 if more else 0), len(frames))):
        _, at = _number(frames, at)
    return at


@lru_cache(256)
def key_of(version: int, target: bytes, *, mine: bool) -> _Key:
    """Of the client's packets (`mine`) or the server's, from the id that the client first sent to."""
    begun = hmac.digest(_SALTS[version], target, "sha256")
    secret = _derived(begun, b"client in" if mine else b"server in", 32)
    name = b"quicv2 " if version == _SECOND else b"quic "
    return _Key(*(_derived(secret, name + part, size) for part, size in ((b"key", 16), (b"iv", 12), (b"hp", 16))))


def _derived(secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446, 7.1), of up to 32 bytes."""
    named = b"tls13 " + label
    return hmac.digest(secret, size.to_bytes(2, "big") + bytes((len(named),)) + named + b"\0\1", "sha256")[:size]


def _unsealed(payload: bytes, found: Initial, key: _Key) -> bytes | None:
    """The packet's frames; None where the key is another's."""
    number_at = found.number_at
    sample = payload[number_at + 4 : number_at + 4 + _SAMPLE]
    mask = Cipher(AES(key.mask), ECB()).encryptor().update(sample)  # noqa: S305 - as RFC 9001, 5.4.3 has it
    first = payload[found.begin] ^ (mask[0] & 0x0F)
    size = (first & 3) + 1
    number = bytes(a ^ b for a, b in zip(payload[number_at : number_at + size], mask[1:], strict=False))
    head = bytes((first,)) + payload[found.begin + 1 : number_at] + number
    nonce = bytes(a ^ b for a, b in zip(key.iv, number.rjust(12, b"\0"), strict=True))
    try:
        return AESGCM(key.key).decrypt(nonce, payload[number_at + size : found.end], head)
    except InvalidTag:
        return None
