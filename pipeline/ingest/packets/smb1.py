"""The first SMB (MS-CIFS, MS-SMB), which old machines and some worms still speak."""

import struct
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.ingest.packets.logon import Logon, status_named
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.shares import DISK, MOST_NAME, PIPE, PRINT, Shares, whole

_HEAD = struct.Struct("<4xBIBHH8xHHHHH")
_CLOSE, _DELETE, _RENAME, _TRANSACTION, _READ, _WRITE = 0x04, 0x06, 0x07, 0x25, 0x2E, 0x2F
_TRANSACTION2, _SESSION, _TREE, _CREATE, _NONE = 0x32, 0x73, 0x75, 0xA2, 0xFF
_JOINED = frozenset((_READ, _WRITE, _SESSION, _TREE, _CREATE))
"""Commands that another one may follow in the same message (ANDX)."""
_ANSWER, _UNICODE = 0x80, 0x8000
_MORE, _OVERFLOW = 0xC0000016, 0x80000005
_TRANSACT_PIPE = 0x26
_SET_FILE, _DISPOSITION, _RENAMED = 8, 0x102, 1010
"""TRANS2_SET_FILE_INFORMATION, and the levels that delete and rename."""
_DELETED = 0x1000
_KINDS = {b"IPC": PIPE, b"LPT1:": PRINT}
_MOST_OPEN, _MOST_PARTS = 256, 4


class _Asked(NamedTuple):
    ts: float
    command: int
    file: int = -1
    name: str = ""
    old: str = ""
    deletes: bool = False


class _Part(NamedTuple):
    """One command of a message: all of the message, where its words begin and how many they are."""

    data: bytes
    at: int
    words: int
    unicode: bool

    def numbers(self, form: str, offset: int = 0) -> tuple[int, ...]:
        """Of its words, from a byte on."""
        return struct.unpack_from("<" + form, self.data, self.at + offset)

    @property
    def begin(self) -> int:
        """Of its bytes."""
        return self.at + 2 * self.words + 2

    def text(self, at: int, size: int | None = None) -> tuple[str, int]:
        """(text that stands there, or that ends with a zero there, where the next one begins)."""
        step = 2 if self.unicode else 1
        at += at % step if size is None else 0  # words of a message stand at even places
        if size is None:
            end = at
            while end + step <= len(self.data) and any(self.data[end : end + step]):
                end += step
        else:
            end = at + size
        if end > len(self.data):
            raise struct.error("cut off")
        data = self.data[at : min(end, at + step * MOST_NAME)]
        return data.decode("utf-16-le" if self.unicode else "latin-1", "replace").strip("\x00"), end + step


class Smb1:
    """One connection's words; at most 256 requests that wait for their answer."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._asked: OrderedDict[tuple[int, int, int], list[_Asked]] = OrderedDict()
        self._logon = Logon()

    def message(self, ts: float, data: bytes) -> Iterator[Row]:
        """What one message says. Raises `struct.error` where it is cut off."""
        command, status, flags, flags2, high, _, tree, process, user, number = _HEAD.unpack_from(data)
        key = (number, process | high << 16, user if command != _SESSION else 0)
        answers = self._asked.pop(key, []) if flags & _ANSWER else None
        at, said = _HEAD.size, []
        for _ in range(_MOST_PARTS):
            if command == _NONE or at >= len(data):
                break
            part = _Part(data, at + 1, data[at], bool(flags2 & _UNICODE))
            if answers is None:
                said += self._ask(ts, part, command, tree)
            else:
                asked = next((a for a in answers if a.command == command), None)
                if asked is not None:
                    yield from self._answer(ts, part, asked, status, tree)
            if command not in _JOINED or part.words < 2:
                break
            command, _, following = part.numbers("BBH")
            if following <= at:
                break
            at = following
        if said:
            self._asked[key] = said
            if len(self._asked) > _MOST_OPEN:
                self._asked.popitem(last=False)
        for asked in said:
            yield from self._write(ts, asked, data)

    def _ask(self, ts: float, part: _Part, command: int, tree: int) -> list[_Asked]:
        asked = _Asked(ts, command)
        if command == _SESSION:
            if part.words == 12:
                (size,) = part.numbers("H", 14)
                self._logon.hear(part.data[part.begin : part.begin + size])
        elif command == _TREE:
            (size,) = part.numbers("H", 6)
            asked = asked._replace(name=part.text(part.begin + size)[0])
        elif command == _CREATE:
            (size,), (options,) = part.numbers("H", 5), part.numbers("I", 39)
            begin = part.begin + (part.begin % 2 if part.unicode else 0)
            asked = asked._replace(name=part.text(begin, size)[0], deletes=bool(options & _DELETED))
        elif command in (_READ, _WRITE):
            asked = asked._replace(file=part.numbers("H", 4)[0])
        elif command == _CLOSE:
            asked = asked._replace(file=part.numbers("H")[0])
        elif command == _DELETE:
            asked = asked._replace(name=part.text(part.begin + 1)[0], deletes=True)
        elif command == _RENAME:
            old, at = part.text(part.begin + 1)
            asked = asked._replace(name=part.text(at + 1)[0], old=old)
        elif command == _TRANSACTION and part.words >= 16:
            function, file = part.numbers("HH", 28)
            return [asked._replace(file=file)] if function == _TRANSACT_PIPE else []
        elif command == _TRANSACTION2 and part.words >= 15 and part.numbers("H", 28)[0] == _SET_FILE:
            return _changes(asked, part)
        else:
            return []
        return [asked]

    def _write(self, ts: float, asked: _Asked, data: bytes) -> Iterator[Row]:
        """What a request gives to a file or pipe."""
        if asked.command == _WRITE:
            high, size, begin = struct.unpack_from("<HHH", data, _HEAD.size + 1 + 18)
            yield from self._shares.write(ts, asked.file, whole(data, begin, (high << 16) + size))
        elif asked.command == _TRANSACTION:
            size, begin = struct.unpack_from("<HH", data, _HEAD.size + 1 + 22)
            yield from self._shares.write(ts, asked.file, whole(data, begin, size))

    def _answer(self, ts: float, part: _Part, asked: _Asked, status: int, tree: int) -> Iterator[Row]:
        if asked.command == _SESSION:
            yield from self._logged_on(part, asked, status)
        elif status not in (0, _OVERFLOW):
            return
        elif asked.command == _TREE:
            kind = part.data[part.begin : part.begin + 6].partition(b"\0")[0]
            yield from self._shares.map(asked.ts, tree, asked.name, _KINDS.get(kind, DISK))
        elif asked.command == _CREATE:
            (file,), (size,) = part.numbers("H", 5), part.numbers("Q", 55)
            yield from self._shares.open(asked.ts, tree, file, asked.name, size, deleted=asked.deletes)
        elif asked.command == _CLOSE:
            yield from self._shares.close(asked.file)
        elif asked.command == _READ:
            size, begin = part.numbers("HH", 10)
            yield from self._shares.read(ts, asked.file, whole(part.data, begin, size))
        elif asked.command == _TRANSACTION:
            size, begin = part.numbers("HH", 12)
            yield from self._shares.read(ts, asked.file, whole(part.data, begin, size))
        elif asked.command == _DELETE:
            yield from self._shares.named(ts, tree, "SMB::FILE_DELETE", asked.name)
        elif asked.command == _RENAME:
            yield from self._shares.named(ts, tree, "SMB::FILE_RENAME", asked.name, asked.old)
        elif asked.command == _TRANSACTION2:
            changes = self._shares.delete(ts, asked.file) if asked.deletes else None
            yield from changes or self._shares.rename(ts, asked.file, asked.name)

    def _logged_on(self, part: _Part, asked: _Asked, status: int) -> Iterator[Row]:
        if status == _MORE:
            (size,) = part.numbers("H", 6)
            self._logon.hear(part.data[part.begin : part.begin + size])
            return
        row = self._logon.row(asked.ts, success=status == 0, error=None if status == 0 else status_named(status))
        if row is not None:
            yield row


def _changes(asked: _Asked, part: _Part) -> list[_Asked]:
    """What a TRANS2_SET_FILE_INFORMATION asks for, where it is another name or the end of a file."""
    (parameters,), (begin,) = part.numbers("H", 20), part.numbers("H", 24)
    file, level = struct.unpack_from("<HH", part.data, parameters)
    asked = asked._replace(file=file)
    if level == _DISPOSITION and part.data[begin]:
        return [asked._replace(deletes=True)]
    if level == _RENAMED:
        (size,) = struct.unpack_from("<I", part.data, begin + 8)
        return [asked._replace(name=part.text(begin + 12, size)[0])]
    return []
