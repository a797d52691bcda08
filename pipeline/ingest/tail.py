"""A growing file as a stream: whole lines only, and its end is when the file was rotated, truncated or let go."""

import io
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

_BLOCK = 65_536
_LONGEST_PIECE = 4 * 2**20 + 2
"""A line longer than any record may be is handed out in pieces, so that it does not gather in memory."""


class TailStream(io.RawIOBase):
    """Reads from the start of the file; at its present end it waits for more.

    `stop` is asked at every poll and ends the stream, as do a new file under the same name and a file that has
    become shorter (`replaced` is then true). A last line without a line end is given out only when the file was
    replaced: until then its writer may go on with it.
    """

    def __init__(self, path: Path, stop: Callable[[], bool], poll_s: float) -> None:
        self._path, self._stop, self._poll_s = path, stop, poll_s
        self._file = path.open("rb", buffering=0)
        self._held = bytearray()
        self._read_bytes = 0
        self._ended = False
        self.replaced = False
        self.day = datetime.fromtimestamp(os.fstat(self._file.fileno()).st_mtime, UTC).date()
        """Day of the last write, for times that do not tell the year."""
        self.position = 0
        """Bytes handed out so far."""

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1) -> bytes:
        """A whole line, or its first `size` bytes; b"" at the end."""
        limit = _LONGEST_PIECE if size is None or size < 0 else size
        searched = 0
        while True:
            end = self._held.find(b"\n", searched) + 1
            if end or len(self._held) >= limit:
                return self._give(min(end or limit, limit))
            searched = len(self._held)
            if not self._more():
                return self._give(min(len(self._held), limit)) if self.replaced else b""

    def read(self, size: int | None = -1) -> bytes:
        """At least one byte and at most `size`, from whole lines; b"" at the end."""
        limit = _BLOCK if size is None or size < 0 else size
        return self._give(min(len(self.peek(1)), limit))

    def peek(self, size: int = 1) -> bytes:
        """The whole lines that are there, at least one; nothing is consumed."""
        while not (end := self._held.rfind(b"\n") + 1) and len(self._held) < _LONGEST_PIECE:
            if not self._more():
                return bytes(self._held) if self.replaced else b""
        return bytes(self._held[: max(end or len(self._held), 0)][: max(size, _BLOCK)])

    def close(self) -> None:
        """Lets the file go."""
        self._file.close()
        super().close()

    def _give(self, size: int) -> bytes:
        piece = bytes(self._held[:size])
        del self._held[:size]
        self.position += size
        return piece

    def _more(self) -> bool:
        """Takes in the next block, waiting for it; false at the end of the stream."""
        while not self._ended:
            if self._stop():
                self._ended = True
                return False
            block = self._file.read(_BLOCK)
            if block:
                self._held += block
                self._read_bytes += len(block)
                return True
            if self._is_replaced():
                rest = self._file.read(_BLOCK)  # written between our read and the rotation
                if rest:
                    self._held += rest
                    return True
                self._ended = self.replaced = True
            else:
                time.sleep(self._poll_s)
        return False

    def _is_replaced(self) -> bool:
        ours = os.fstat(self._file.fileno())
        if ours.st_size < self._read_bytes:
            return True
        try:
            there = self._path.stat()
        except OSError:
            return False  # between a rename and the new file; a deleted file simply stays silent
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)
