"""Log-ons to MySQL and its kin, as rows of Zeek's mysql.log. What is asked of the database is not looked at."""

import re
from collections.abc import Iterator

from typing_extensions import override

from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

_HEAD, _MOST = 4, 1_024
_NEW, _SECURE = 0x0200, 0x0800
"""Capabilities of clients: the protocol since 4.1, and that TLS follows."""
_OK, _ERROR = 0x00, 0xFF
_GREETING = 10
_STATE = re.compile(rb"#[0-9A-Z]{5}")


def _size(data: bytes, at: int) -> int:
    return 4 + int.from_bytes(data[at : at + 3], "little")


class MySql(Clear):
    """Of one connection: the server's version, and a row of the log-on with its outcome."""

    def __init__(self) -> None:
        super().__init__("mysql")
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._user: str | None = None
        self._asked: float | None = None
        self._over = False

    @override
    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, with the server's answer."""
        if self._over:
            return
        for message in self._frames[mine].feed(payload):
            body = message[4:]
            if mine:
                self._ask(ts, body)
            elif body[:1] == bytes((_GREETING,)) and self._asked is None:
                version = body[1:65].partition(b"\0")[0].decode("latin-1")
                name, version = (
                    ("MariaDB", version.removeprefix("5.5.5-")) if "Maria" in version else ("MySQL", version)
                )
                if row := shown(ts, f"{name}/{version}", "MYSQL::SERVER", by_server=True):
                    yield row
            elif self._asked is not None and body[:1] in (bytes((_OK,)), bytes((_ERROR,))):
                yield from self._answer(body)

    @override
    def missed(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        self._frames[mine].miss(size)

    @override
    def ended(self) -> Iterator[Row]:
        """A log-on that nobody answered."""
        if self._asked is not None and not self._over and not self.sealed:
            yield "mysql", {"ts": self._asked, "cmd": "login", "arg": self._user}

    def _ask(self, ts: float, body: bytes) -> None:
        if self._asked is not None or len(body) < 5:
            return
        can = int.from_bytes(body[:2], "little")
        if can & _SECURE and len(body) <= 32:
            return  # and the greeting over TLS comes next
        name = body[32 if can & _NEW else 5 :].partition(b"\0")[0]
        self._user, self._asked = name[:256].decode("utf-8", "replace") or None, ts

    def _answer(self, body: bytes) -> Iterator[Row]:
        self._over, good = True, body[0] == _OK
        text = _STATE.sub(b"", body[3:], count=1)[:256].decode("utf-8", "replace")
        row = {"ts": self._asked, "cmd": "login", "arg": self._user, "success": good}
        yield "mysql", row | ({} if good else {"response": text or None})
