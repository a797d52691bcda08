"""Messages that say their length in front, cut out of what comes piece by piece."""

from collections.abc import Callable, Iterator


class Framing:
    """Of one end. Of each message the first `most` bytes are kept, the rest is passed over. Where no message begins,
    what is left of a piece is passed over and the next piece tried."""

    __slots__ = ("_cut", "_head", "_kept", "_most", "_size_of", "_skip")

    def __init__(self, head: int, size_of: Callable[[bytes, int], int], most: int) -> None:
        """size_of: bytes and where in them a message may begin, `head` of its bytes there → how long it is in all, 0
        where it is none. `most` is `head` or more."""
        self._head, self._size_of, self._most = head, size_of, most
        self._kept = self._cut = b""
        self._skip = 0
        """Bytes to come that belong to a message that was given."""

    def feed(self, payload: bytes) -> Iterator[bytes]:
        """The messages that are whole now, or that are known as far as `most`, or as far as they were captured."""
        if self._cut:
            cut, self._cut = self._cut, b""
            yield cut
        if self._skip >= len(payload):
            self._skip -= len(payload)
            return
        data, at = self._kept + payload[self._skip :], 0
        self._kept, self._skip = b"", 0
        while len(data) - at >= self._head:
            size = self._size_of(data, at)
            if size <= 0:
                return
            end = at + min(size, self._most)
            if len(data) < end:
                break
            yield data[at:end]
            at += size
        self._kept, self._skip = data[at:], max(at - len(data), 0)

    def miss(self, size: int) -> None:
        """So many bytes were lost."""
        left = self._skip
        if len(self._kept) >= self._head:
            left = self._size_of(self._kept, 0) - len(self._kept)
            self._cut = self._kept
        self._kept, self._skip = b"", max(left - size, 0)
