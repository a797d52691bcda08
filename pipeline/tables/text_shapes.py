"""What texts are made like: addresses, moments, identifiers, or free text, of which numbers can be taken."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence

import numpy as np

Mapper = Callable[[bytes], bytes]
ADDRESS, MAC, MOMENT, TOKEN, FREE = "address", "mac", "moment", "token", "free"
MOSTLY = 0.9
_V4 = re.compile(rb"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(/\d{1,2})?")
_V6 = re.compile(rb"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(%\w+)?(/\d{1,3})?")
_MAC = re.compile(rb"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}|[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2}")
_MOMENT = re.compile(
    rb"\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([ T:].*)?|\d{1,2}/[A-Z][a-z]{2}/\d{4}.*|"
    rb"([A-Z][a-z]{2} )?[A-Z][a-z]{2} +\d{1,2},? .*\d:\d\d.*"
)
_TOKEN = re.compile(
    rb"[0-9a-fA-F]{8,}|[{(]?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}[)}]?|[\w.:\-]*\d[\w.:\-]*"
)


def kind_of(sample: Sequence[bytes]) -> str:
    """What most of the different texts are."""
    if not sample:
        return FREE
    for kind, patterns in ((MAC, (_MAC,)), (ADDRESS, (_V4, _V6)), (MOMENT, (_MOMENT,)), (TOKEN, (_TOKEN,))):
        if sum(any(p.fullmatch(text) for p in patterns) for text in sample) >= MOSTLY * len(sample):
            return kind
    return FREE


def network(text: bytes) -> bytes:
    """The network of an address: 24 bits of IPv4, 48 of IPv6; other text stays.

    >>> network(b"10.1.2.3"), network(b"2001:db8:7::1"), network(b"gateway")
    (b'10.1.2', b'2001:db8:7', b'gateway')
    """
    if _V4.fullmatch(text):
        return text.rpartition(b".")[0]
    if b":" not in text:
        return text
    try:
        parts = ipaddress.IPv6Address(text.decode("ascii").partition("/")[0]).exploded.split(":")[:3]
    except ValueError:
        return text
    return ":".join(p.lstrip("0") or "0" for p in parts).encode()


def maker(text: bytes) -> bytes:
    """The first three bytes of a hardware address, which its maker has registered.

    >>> maker(b"84:3A:4b:0f:5b:94"), maker(b"843a.4b0f.5b94")
    (b'843a4b', b'843a4b')
    """
    return text.lower().translate(None, b":-.")[:6]


def make_up(texts: Sequence[bytes]) -> dict[str, np.ndarray]:
    """Numbers of free texts, float64 each: length, shares of digits, capitals and signs; NaN where there is none."""
    out = {what: np.full(len(texts), np.nan) for what in ("length", "digits", "capitals", "signs")}
    for k, text in enumerate(texts):
        if not text:
            continue
        size = len(text)
        digits = size - len(text.translate(None, b"0123456789"))
        capitals = size - len(text.translate(None, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        words = size - len(text.translate(None, b"abcdefghijklmnopqrstuvwxyz ")) + digits + capitals
        values = (size, 100.0 * digits / size, 100.0 * capitals / size, 100.0 * (size - words) / size)
        for column, value in zip(out.values(), values, strict=True):
            column[k] = value
    return out
