"""What one end of a TCP connection said, in the order in which it was said."""

from collections.abc import Sequence

_HALF = 1 << 31
_WRAP = 1 << 32
_FAR = 1 << 24
"""Bytes ahead that no end sends without an answer: what stands so far ahead follows after a hole."""
MOST_SEGMENTS, MOST_BYTES = 64, 131_072
"""That wait for one that is late, of one end."""

Piece = tuple[int, bytes]
"""Bytes that were not captured, and those that follow them."""
_NOTHING: Sequence[Piece] = ()


class Room:
    """Bytes that may wait in all streams of a capture together, and those of mails that are not whole."""

    __slots__ = ("left", "mails")

    def __init__(self, size: int = 1 << 26) -> None:
        self.left = self.mails = size


class Stream:
    """Segments in order, each byte once. One that is early waits until what is missing comes, until the other end
    says that it has it (then the capture has not), or until too many wait: then the hole is told, and reading goes on
    behind it. Of what was captured in part the rest is a hole, too."""

    __slots__ = ("_held", "_held_bytes", "_lost", "_next", "_room", "bytes")

    def __init__(self, room: Room) -> None:
        self._room = room
        self._next: int | None = None
        """Number of the byte that comes next."""
        self._held: dict[int, tuple[bytes, int]] = {}
        self._held_bytes = 0
        self._lost = 0
        self.bytes = 0
        """That were sent, as far as segments tell of them."""

    def begin(self, number: int) -> None:
        """The first byte will have this number."""
        if not self.bytes and not self._held:
            self._next = number % _WRAP

    @property
    def waits(self) -> bool:
        """Whether something came early."""
        return bool(self._held)

    def take(self, number: int, payload: bytes, size: int) -> Sequence[Piece]:
        """What can be read now that a segment came. `size`: of its payload as it was sent."""
        if not size:
            return _NOTHING
        if self._next is None:
            self._next = number
        ahead = (number - self._next) % _WRAP
        if ahead >= _HALF:  # sent before, in part or whole
            known = _WRAP - ahead
            if known >= size:
                return _NOTHING
            payload, size, ahead = payload[known:], size - known, 0
        if ahead:
            return self._wait(number, payload, size, ahead)
        piece = self._read(payload, size)
        return [piece, *self._follow()] if self._held else (piece,)

    def received(self, number: int) -> Sequence[Piece]:
        """What can be read since the other end has everything before this number."""
        pieces: list[Piece] = []
        while self._held and self._next is not None and 0 < (number - self._next) % _WRAP < _HALF:
            pieces += self._skip()
        return pieces

    def end(self) -> Sequence[Piece]:
        """What still waits."""
        pieces: list[Piece] = []
        while self._held:
            pieces += self._skip()
        return pieces

    def _wait(self, number: int, payload: bytes, size: int, ahead: int) -> Sequence[Piece]:
        if self._held.get(number, (b"", 0))[1] >= size:
            return _NOTHING
        self._drop(number)
        self._held[number] = payload, size
        self._held_bytes += len(payload)
        self._room.left -= len(payload)
        pieces: list[Piece] = []
        while self._held and (
            ahead > _FAR or len(self._held) > MOST_SEGMENTS or self._held_bytes > MOST_BYTES or self._room.left < 0
        ):
            pieces += self._skip()
        return pieces

    def _skip(self) -> list[Piece]:
        """Go on behind the hole."""
        now = self._next or 0
        number = min(self._held, key=lambda begin: (begin - now) % _WRAP)
        self._lost += (number - now) % _WRAP
        self._next = number
        return self._follow()

    def _follow(self) -> list[Piece]:
        """What waited and is next now."""
        pieces: list[Piece] = []
        while self._held:
            now = self._next or 0
            number = now if now in self._held else self._overlapped(now)
            if number is None:
                break
            payload, size = self._drop(number)
            known = (now - number) % _WRAP
            if known < size:
                pieces.append(self._read(payload[known:], size - known))
        return pieces

    def _overlapped(self, now: int) -> int | None:
        """One that begins before the byte that is next."""
        return next((begin for begin in self._held if (begin - now) % _WRAP >= _HALF), None)

    def _drop(self, number: int) -> tuple[bytes, int]:
        payload, size = self._held.pop(number, (b"", 0))
        self._held_bytes -= len(payload)
        self._room.left += len(payload)
        return payload, size

    def _read(self, payload: bytes, size: int) -> Piece:
        lost, self._lost = self._lost, size - len(payload)
        self._next = ((self._next or 0) + size) % _WRAP
        self.bytes += size
        return lost, payload
