"""Protocols in the clear that may go on over TLS: mail, files, directories, databases."""

import re
from collections.abc import Iterator

from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.tls import Tls

_HELLO = re.compile(rb"\x16\x03[\x00-\x03]..\x01", re.DOTALL)


class Clear:
    """Of one connection, until a client greets over TLS. A protocol that is followed says what `said`, `missed` and
    `ended` tell."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._tls: Tls | None = None

    @property
    def sealed(self) -> bool:
        """Whether it goes on over TLS."""
        return self._tls is not None

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What was said in full by now."""
        if self._tls is None and _HELLO.match(payload):
            self._tls = Tls()
        if self._tls is not None:
            yield from self._tls.hear(ts, payload, mine=mine)
        else:
            yield from self.said(ts, payload, mine=mine)

    def miss(self, size: int, *, mine: bool) -> None:
        """A hole."""
        if self._tls is not None:
            self._tls.miss(size, mine=mine)
        else:
            self.missed(size, mine=mine)

    def end(self) -> Iterator[Row]:
        """What was begun and had no answer."""
        yield from self.ended()
        if self._tls is not None:
            yield from self._tls.end()

    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What was said in the clear."""
        return iter(())

    def missed(self, size: int, *, mine: bool) -> None:
        """A hole in it."""

    def ended(self) -> Iterator[Row]:
        """What of it is left."""
        return iter(())
