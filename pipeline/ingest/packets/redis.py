"""Log-ons to Redis and commands that change the server itself, as rows of Zeek's redis.log. What is stored and fetched
is not looked at."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row

_LEAVES, _BLOBS = b"+-:_#,(", b"$!="
_LISTS = {ord("*"): 1, ord("~"): 1, ord(">"): 1, ord("%"): 2}
"""Of RESP and RESP3, and how many values stand for one of each."""
_MOST_LINE, _MOST_PART, _MOST_PARTS, _MOST_VALUES, _MOST_WAIT = 1_024, 128, 5, 1 << 20, 256
_SET_OPENLY = frozenset(("DIR", "DBFILENAME"))
"""Settings whose value is told; others may be passwords."""
_OF_THE_SERVER = frozenset(("SLAVEOF", "REPLICAOF", "SAVE", "BGSAVE", "FLUSHALL", "FLUSHDB", "SHUTDOWN", "DEBUG"))
_OF_TWO_WORDS = frozenset(
    ("CONFIG SET", "CONFIG REWRITE", "MODULE LOAD", "MODULE LOADEX", "ACL SETUSER", "ACL DELUSER")
)


class _Values:
    """Of one end: top values, of each the first sign and the begin of its first parts."""

    def __init__(self) -> None:
        self._line = b""
        """What came of a line."""
        self._skip = self._left = self._sign = 0
        """Bytes to come of a value, values to come of a list, first sign of the top value."""
        self._parts: list[bytes] = []
        self._keeps = False
        """Whether the value that comes is the last of the parts."""

    def feed(self, payload: bytes) -> Iterator[tuple[int, list[bytes]]]:
        """(sign, parts) of each that is whole now."""
        at = 0
        while at < len(payload):
            if self._skip:
                taken = min(self._skip, len(payload) - at)
                if self._keeps and len(self._parts[-1]) < _MOST_PART:
                    self._parts[-1] += payload[at : at + min(taken, _MOST_PART - len(self._parts[-1]))]
                at, self._skip = at + taken, self._skip - taken
            else:
                end = payload.find(b"\n", at)
                self._line += payload[at : end if end >= 0 else None]
                at = end + 1 if end >= 0 else len(payload)
                if len(self._line) > _MOST_LINE:
                    self.drop()
                    return
                if end < 0:
                    return
                line, self._line = self._line.rstrip(b"\r"), b""
                self._take(line)
            if self._sign and not self._left and not self._skip:
                yield self._sign, [part.removesuffix(b"\r\n") for part in self._parts]
                self._sign, self._parts = 0, []

    def drop(self) -> None:
        """What was begun is not known any more."""
        self._line, self._skip, self._left, self._sign, self._parts = b"", 0, 0, 0, []

    def _take(self, line: bytes) -> None:
        sign, size = line[0] if line else 0, line[1:]
        number = int(size) if size.isdigit() and len(size) < 10 else -1
        if not self._left:
            self._sign, self._parts, self._left = sign, [], 1
        if sign in _LEAVES or number < 0 or (sign not in _BLOBS and sign not in _LISTS):
            self._left -= 1
            known = sign in _LEAVES or sign in _BLOBS or sign in _LISTS
            self._keep(line[1:] if known else line)  # words alone are a command, too
        elif sign in _BLOBS:
            self._left -= 1
            self._keep(b"")
            self._skip = number + 2
        else:
            self._left = min(self._left - 1 + number * _LISTS[sign], _MOST_VALUES)

    def _keep(self, part: bytes) -> None:
        self._keeps = len(self._parts) < _MOST_PARTS
        if self._keeps:
            self._parts.append(part[:_MOST_PART])


class Redis:
    """Of one connection. Commands are answered in order."""

    service = "redis"

    def __init__(self) -> None:
        self._values = {True: _Values(), False: _Values()}
        self._asked = self._answered = 0
        self._waits: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_MOST_WAIT)
        """Rows without an answer, and which of the commands each is."""

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """Rows of what is answered now."""
        for sign, parts in self._values[mine].feed(payload):
            if mine:
                words = parts if sign == ord("*") else parts[0].split() if parts else []
                self._asked += 1
                if row := _command(ts, [w.decode("utf-8", "replace") for w in words[:_MOST_PARTS]]):
                    self._waits.append((self._asked, row))
            elif sign != ord(">") and self._answered < self._asked:
                self._answered += 1
                if self._waits and self._waits[0][0] == self._answered:
                    good = sign not in b"-!"
                    error = None if good or not parts else parts[0].decode("utf-8", "replace")
                    yield "redis", self._waits.popleft()[1] | {"success": good, "error": error}

    def miss(self, size: int, *, mine: bool) -> None:
        """What waits has no answer that could be told."""
        self._values[mine].drop()
        self._waits.clear()
        self._answered = self._asked

    def end(self) -> Iterator[Row]:
        """Commands without an answer."""
        for _, row in self._waits:
            yield "redis", row
        self._waits.clear()


def _command(ts: float, words: list[str]) -> dict[str, Any] | None:
    """The row of a log-on or of a command to the server; None for all others."""
    name = words[0].upper() if words else ""
    row: dict[str, Any] = {"ts": ts, "cmd.name": name[:32]}
    if name == "AUTH":
        return row | {"user": words[1] if len(words) > 2 else "default"}
    if name == "HELLO" and len(words) > 3 and words[2].upper() == "AUTH":
        return row | {"cmd.name": "AUTH", "user": words[3]}
    both = f"{name} {words[1].upper()}" if len(words) > 1 else name
    if both in _OF_TWO_WORDS:
        target = words[2] if len(words) > 2 else ""
        row |= {"cmd.name": both, "argument": target or None}
        shown = len(words) > 3 and target.upper() in _SET_OPENLY
        return row | ({"value": words[3]} if shown else {})
    if name in _OF_THE_SERVER:
        return row | {"argument": " ".join(words[1:3]) or None}
    return None
