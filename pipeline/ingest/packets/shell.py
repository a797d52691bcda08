"""Secure shell: who speaks to whom, and from the sizes of sealed packets whether a logon was taken, as rows of Zeek's
ssh.log (RFC 4253, RFC 4252)."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row

GREETING = re.compile(rb"SSH-(\d\.\d+)-[^\r\n]*")
_MOST_GREETING = 8192
_NEW_KEYS = 21
_SHORTER = 16
"""Bytes by which "you are in" (1 byte) is shorter than "I do log people on" (17 bytes), padded to 8 or 16."""
_MOST_TOLD = 255
"""Bytes of a greeting by the book (RFC 4253, 4.2)."""


class Shell:
    """Of one connection: told once, when it is known who got in, or when it is over.

    Behind the exchange of keys a server first says that it logs people on, then answers each attempt: every refusal
    has one size, and the word that lets somebody in is 16 bytes shorter than the first. A client's first attempt asks
    which ways there are, and is none.
    """

    service = "ssh"

    def __init__(self) -> None:
        self._rest: dict[bool, bytes] = {True: b"", False: b""}
        self._greeting: dict[bool, str] = {}
        self._sealed = {True: False, False: False}
        self._asked = False
        """Whether the client said something sealed."""
        self._accepted = self._refused = 0
        """Bytes of the server's first sealed word, and of its refusals; 0 as long as they were not heard."""
        self._attempts = 0
        self._in: bool | None = None
        self._began = 0.0
        self._told = self._deaf = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, as soon as somebody got in."""
        if self._told or self._deaf:
            return
        self._began = self._began or ts
        if not self._sealed[mine]:
            payload = self._plain(payload, mine=mine)
        if self._sealed[mine] and payload:
            if mine:
                self._asked = True
            elif self._asked:
                self._answered(len(payload))
        if self._in:
            yield from self.end()

    def miss(self, size: int, *, mine: bool) -> None:
        """Sizes say nothing any more where some are missing."""
        self._deaf = True

    def end(self) -> Iterator[Row]:
        """The row, once."""
        if not self._told and self._greeting:
            self._told = True
            row: dict[str, Any] = {
                "ts": self._began, "client": self._greeting.get(True), "server": self._greeting.get(False),
                "auth_attempts": self._attempts, "auth_success": self._in,
            }  # fmt: skip
            yield "ssh", row

    def _plain(self, payload: bytes, *, mine: bool) -> bytes:
        """Read on to the word after which all is sealed; what comes behind it."""
        data = self._rest[mine] + payload
        if mine not in self._greeting:
            found = GREETING.search(data)
            end = data.find(b"\n", found.end()) if found else -1
            if found is None or end < 0:
                self._rest[mine] = data[-_MOST_GREETING:]
                return b""
            self._greeting[mine] = found[0][:_MOST_TOLD].decode("latin-1")
            data = data[end + 1 :]
        at = 0
        while len(data) - at >= 6:
            size = 4 + int.from_bytes(data[at : at + 4], "big")
            if size > len(data) - at:
                break
            kind, at = data[at + 5], at + size
            if kind == _NEW_KEYS:
                self._sealed[mine], self._rest[mine] = True, b""
                return data[at:]
        self._rest[mine] = data[at : at + _MOST_GREETING * 8]
        return b""

    def _answered(self, size: int) -> None:
        """Weigh one of the server's words."""
        if not self._accepted:
            self._accepted = size
        elif size == self._accepted - _SHORTER:
            self._attempts += 1
            self._in = True
        elif not self._refused:
            self._refused = size  # of the question which ways there are
        elif size == self._refused:
            self._attempts += 1
            self._in = False
