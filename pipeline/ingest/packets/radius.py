"""Who is let in by RADIUS (RFC 2865), as rows of Zeek's radius.log. Passwords are not looked at."""

import socket
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row

PORTS = frozenset((1812, 1645))
"""Of authentication; accounting has its own."""
_REQUEST, _ACCEPT, _REJECT = 1, 2, 3
_RESULTS = {_ACCEPT: "success", _REJECT: "failed"}
_USER, _FRAMED, _REPLY, _CALLER, _TUNNEL, _INFO = 1, 8, 18, 31, 66, 77
_HEAD, _MOST_OPEN, _LONGEST = 20, 256, 253


class Radius:
    """Of one conversation: a row of each request that was accepted or refused, or that nobody answered. One that is
    asked on (EAP) is followed by another that names him again: of such a log-on the last is told."""

    service = "radius"

    def __init__(self) -> None:
        self._asked: OrderedDict[int, dict[str, Any]] = OrderedDict()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row of a request that is answered now."""
        if len(payload) < _HEAD:
            return
        code, name, given = payload[0], payload[1], _attributes(payload)
        if code == _REQUEST and mine:
            self._asked.pop(name, None)
            self._asked[name] = {
                "ts": ts, "username": _text(given.get(_USER)), "mac": _text(given.get(_CALLER)),
                "tunnel_client": _text(given.get(_TUNNEL, b"").lstrip(b"\0\x01")),
                "connect_info": _text(given.get(_INFO)), "framed_addr": _address(given.get(_FRAMED, b"")),
            }  # fmt: skip
            if len(self._asked) > _MOST_OPEN:
                self._asked.popitem(last=False)
        elif not mine and (row := self._asked.pop(name, None)) and code in _RESULTS:
            framed = _address(given.get(_FRAMED, b"")) or row["framed_addr"]
            row |= {"result": _RESULTS[code], "reply_msg": _text(given.get(_REPLY)), "framed_addr": framed}
            yield "radius", row | {"ttl": max(ts - row["ts"], 0.0)}

    def miss(self, size: int, *, mine: bool) -> None:
        """Datagrams stand for themselves."""

    def end(self) -> Iterator[Row]:
        """Requests that nobody answered."""
        for row in self._asked.values():
            yield "radius", row | {"result": "unknown"}
        self._asked.clear()


def _attributes(payload: bytes) -> dict[int, bytes]:
    """The first of each number."""
    found: dict[int, bytes] = {}
    at, end = _HEAD, min(len(payload), int.from_bytes(payload[2:4], "big"))
    while at + 2 <= end and payload[at + 1] >= 2:
        found.setdefault(payload[at], payload[at + 2 : at + payload[at + 1]])
        at += payload[at + 1]
    return found


def _text(value: bytes | None) -> str | None:
    return value[:_LONGEST].decode("utf-8", "replace").strip("\0 ") or None if value else None


def _address(value: bytes) -> str | None:
    return socket.inet_ntop(socket.AF_INET, value) if len(value) == 4 else None
