"""Connections that go on in another protocol once both ends agreed to it: TLS inside mail, anything behind a proxy."""

from collections.abc import Callable, Iterator
from typing import Protocol

from pipeline.ingest.packets.packet import Row

_TRIES = 4


class Inner(Protocol):
    """Who understands what follows."""

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What was said in full by now."""

    def miss(self, size: int, *, mine: bool) -> None:
        """A hole."""

    def end(self) -> Iterator[Row]:
        """What was left."""


Find = Callable[[bytes, bool], Inner | None]
"""(first words, by the originator) → who understands them."""


class Turned:
    """What follows, told by its first words."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._inner: Inner | None = None
        self._tried = 0

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What was said in full by now."""
        if self._inner is None and payload and self._tried < _TRIES:
            self._tried += 1
            self._inner = self._find(payload, mine)
        if self._inner is not None:
            yield from self._inner.hear(ts, payload, mine=mine)

    def miss(self, size: int, *, mine: bool) -> None:
        """A hole."""
        if self._inner is not None:
            self._inner.miss(size, mine=mine)

    def end(self) -> Iterator[Row]:
        """What was left."""
        if self._inner is not None:
            yield from self._inner.end()
