"""Who asks a proxy for what over SOCKS 4 and 5 (RFC 1928, 1929), as rows of Zeek's socks.log; what is said through it
is read by who understands that. Passwords are not kept."""

import re
import socket
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.turned import Find, Turned

_OLD = re.compile(rb"\x04[\x01\x02]..(....)([^\x00]{0,64})\x00(?:([\w.-]{1,255})\x00)?", re.DOTALL)
_FIVE, _BY_PASSWORD, _NAME = 5, 2, 3
_METHODS = frozenset((*range(10), 0x80))
_STATUS = (
    "succeeded", "general SOCKS server failure", "connection not allowed by ruleset", "Network unreachable",
    "Host unreachable", "Connection refused", "TTL expired", "Command not supported", "Address type not supported",
)  # fmt: skip
_REFUSED = "authentication failed"
_GRANTED = 0x5A
_SIZES = {1: 4, 4: 16}
_MOST, _LONGEST = 1_024, 512


def begins_proxy(payload: bytes) -> bool:
    """Whether these are a client's first words to a proxy, and nothing else."""
    if payload[:1] == b"\x05" and 3 <= len(payload) <= 8:
        return len(payload) == 2 + payload[1] and set(payload[2:]) <= _METHODS
    found = _OLD.fullmatch(payload)
    return found is not None and (found[3] is not None) == (found[1][:3] == b"\0\0\0" and found[1][3] > 0)


class Proxy:
    """Of one connection: told once the proxy answered."""

    service = "socks"

    def __init__(self, inside: Find) -> None:
        """`inside`: who understands what goes on through the proxy."""
        self._said: dict[bool, bytes] = {True: b"", False: b""}
        self._row: dict[str, Any] = {}
        self._inner = Turned(inside)
        self._over = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, then what is said through the proxy."""
        if self._over:
            yield from self._inner.hear(ts, payload, mine=mine)
            return
        self._row.setdefault("ts", ts)
        self._said[mine] = (self._said[mine] + payload)[:_MOST]
        status = self._five() if self._said[True][:1] == b"\x05" else self._four()
        if status is not None:
            yield from self._told(status)

    def miss(self, size: int, *, mine: bool) -> None:
        """What is behind a hole is read as what is said through the proxy."""
        if self._over:
            self._inner.miss(size, mine=mine)
        self._over = True

    def end(self) -> Iterator[Row]:
        """Who was not answered, and what was said through the proxy."""
        if not self._over and "version" in self._row:
            yield from self._told(None)
        yield from self._inner.end()

    def _told(self, status: str | None) -> Iterator[Row]:
        self._over = True
        yield "socks", self._row | {"status": status}

    def _four(self) -> str | None:
        found, answer = _OLD.match(self._said[True]), self._said[False]
        if found is None:
            return None
        self._row |= {"version": 4, "user": _text(found[2]), "request_p": int.from_bytes(found[0][2:4], "big")}
        if found[3]:
            self._row["request.name"] = _text(found[3])
        else:
            self._row["request.host"] = socket.inet_ntop(socket.AF_INET, found[1])
        if len(answer) < 8:
            return None
        return _STATUS[0] if answer[1] == _GRANTED else _STATUS[1]

    def _five(self) -> str | None:
        client, server = self._said[True], self._said[False]
        at, back = 2 + client[1] if len(client) > 1 else 2, 2
        if len(server) < back:
            return None
        self._row["version"] = _FIVE
        if server[1] == _BY_PASSWORD and len(client) >= at + 2:
            size = client[at + 1]
            self._row["user"] = _text(client[at + 2 : at + 2 + size])
            at += 3 + size + (client[at + 2 + size] if len(client) > at + 2 + size else 0)
            if len(server) < back + 2:
                return None
            if server[back + 1]:
                return _REFUSED
            back += 2
        self._ask(client[at:])
        if len(server) < back + 4:
            return None
        code = server[back + 1]
        return _STATUS[code] if code < len(_STATUS) else f"unknown-{code}"

    def _ask(self, said: bytes) -> None:
        if len(said) < 5 or said[0] != _FIVE:
            return
        if said[3] == _NAME:
            end = 5 + said[4]
            self._row["request.name"] = _text(said[5:end])
        elif said[3] in _SIZES and len(said) >= 4 + _SIZES[said[3]]:
            end = 4 + _SIZES[said[3]]
            family = socket.AF_INET if said[3] == 1 else socket.AF_INET6
            self._row["request.host"] = socket.inet_ntop(family, said[4:end])
        else:
            return
        self._row["request_p"] = int.from_bytes(said[end : end + 2], "big")


def _text(said: bytes) -> str | None:
    return said[:_LONGEST].decode("utf-8", "replace") or None
