"""How programs greet over TLS: the same list of wishes from the same program, whoever it speaks to.

JA3 and JA3S as Salesforce, JA4 as FoxIO describes them.
"""

import hashlib
from collections.abc import Iterable, Sequence

NAME, GROUPS, POINTS, SIGNATURES, PROTOCOLS, VERSIONS = 0, 10, 11, 13, 16, 43
"""Extensions of a greeting (IANA's registry)."""
_NAMED = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
_NOTHING = "0" * 12
Extensions = Sequence[tuple[int, bytes]]
"""Type and content of each, in order."""


def ja3(version: int, ciphers: Sequence[int], extensions: Extensions) -> str:
    """Of a client, 32 hexadecimal digits."""
    said = dict(extensions)
    groups, points = numbers(said.get(GROUPS, b"")[2:]), said.get(POINTS, b"")[1:]
    parts: tuple[Iterable[int], ...] = ((version,), ciphers, (kind for kind, _ in extensions), groups, points)
    return _md5(",".join("-".join(str(n) for n in part if not _is_grease(n)) for part in parts))


def ja3s(version: int, cipher: int, extensions: Extensions) -> str:
    """Of a server."""
    return _md5(f"{version},{cipher},{'-'.join(str(kind) for kind, _ in extensions)}")


def ja4(carrier: str, version: int, ciphers: Sequence[int], extensions: Extensions) -> str:
    """Of a client, whatever the order in which it lists; `carrier`: `t` for TCP, `q` for QUIC."""
    said = dict(extensions)
    wished = [n for n in ciphers if not _is_grease(n)]
    kinds = [kind for kind, _ in extensions if not _is_grease(kind)]
    newest = max((n for n in numbers(said.get(VERSIONS, b"")[1:]) if not _is_grease(n)), default=version)
    head = (
        f"{carrier}{_NAMED.get(newest, '00')}{'d' if NAME in said else 'i'}"
        f"{min(len(wished), 99):02}{min(len(kinds), 99):02}{_protocol(said.get(PROTOCOLS, b''))}"
    )
    listed = ",".join(sorted(f"{kind:04x}" for kind in kinds if kind not in (NAME, PROTOCOLS)))
    signed = ",".join(f"{n:04x}" for n in numbers(said.get(SIGNATURES, b"")[2:]) if not _is_grease(n))
    asked = f"{listed}_{signed}" if signed else listed
    return f"{head}_{_short(','.join(sorted(f'{n:04x}' for n in wished)))}_{_short(asked if kinds else '')}"


def numbers(data: bytes) -> list[int]:
    """Two bytes each."""
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data) - 1, 2)]


def _protocol(listed: bytes) -> str:
    """First and last sign of the protocol that the client wants most, `00` where it wants none."""
    first = listed[3 : 3 + listed[2]] if len(listed) > 3 else b""
    if not first:
        return "00"
    ends = first[:1] + first[-1:]
    if ends.isalnum():
        return ends.decode("ascii")
    return first.hex()[0] + first.hex()[-1]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else _NOTHING


def _is_grease(number: int) -> bool:
    """Numbers that clients throw in to keep servers tolerant (RFC 8701)."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF
