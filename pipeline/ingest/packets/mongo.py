"""Log-ons to MongoDB by SASL, in either form of its messages. What is asked of the database is not looked at."""

import re
from collections.abc import Iterator

from pipeline.ingest.packets.attempt import Attempt
from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.packet import Row

BEGIN = re.compile(rb"..[\x00-\x02]\x00.{4}\x00{4}(?:\xdd|\xd4)\x07\x00\x00", re.DOTALL)
_HEAD, _MOST = 16, 4_096
_STARTED = re.compile(rb"saslStart\x00")
_MECHANISM = re.compile(rb"\x02mechanism\x00....([A-Z0-9-]{1,32})\x00", re.DOTALL)
_SAID = re.compile(rb"\x05payload\x00(.{4})\x00", re.DOTALL)
_ENDED = re.compile(rb"\x08done\x00\x01")
_FAILED = re.compile(rb"\x01ok\x00\x00{8}")
_REASON = re.compile(rb"\x02codeName\x00....([A-Za-z]{1,64})\x00", re.DOTALL)


def _size(data: bytes, at: int) -> int:
    size = int.from_bytes(data[at : at + 4], "little")
    return size if _HEAD <= size < 1 << 26 else 0


class Mongo:
    """Of one connection: a row of each log-on with its outcome, until one succeeds."""

    service = "mongodb"

    def __init__(self) -> None:
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._attempt: Attempt | None = None
        self._entered = False

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The row, with the server's answer."""
        if self._entered:
            return
        for message in self._frames[mine].feed(payload):
            if mine and _STARTED.search(message):
                how, said = _MECHANISM.search(message), _SAID.search(message)
                self._attempt = Attempt(ts, mechanism=how[1].decode() if how else "")
                if said:
                    size = int.from_bytes(said[1], "little")
                    self._attempt.hear(message[said.end() : said.end() + min(size, _MOST)])
            elif not mine and self._attempt is not None:
                yield from self._answer(message)

    def miss(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        self._frames[mine].miss(size)

    def end(self) -> Iterator[Row]:
        """A log-on that came to no end is none."""
        return iter(())

    def _answer(self, message: bytes) -> Iterator[Row]:
        failed = _FAILED.search(message)
        if self._attempt is None or not (failed or _ENDED.search(message)):
            return
        reason = _REASON.search(message)
        self._entered = not failed
        attempt, self._attempt = self._attempt, None
        yield from attempt.rows("mongodb", success=not failed, error=reason[1].decode() if reason else None)
