"""SMB 2 and 3 as far as they are in the clear (MS-SMB2)."""

import struct
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.ingest.packets.logon import Logon, status_named
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.shares import DISK, MOST_NAME, PIPE, PRINT, Shares, whole
from pipeline.ingest.packets.software import shown
from pipeline.ingest.toolkits import IMPACKET, SPEAKS_SMB, is_impackets

_HEAD = struct.Struct("<4xHHIHHIIQIIQ")
_HELLO, _SESSION, _TREE, _CREATE, _CLOSE, _READ, _WRITE, _IOCTL, _SET = 0, 1, 3, 5, 6, 8, 9, 11, 17
_FOLLOWED = frozenset((_HELLO, _SESSION, _TREE, _CREATE, _CLOSE, _READ, _WRITE, _IOCTL, _SET))
_ANSWER, _LATER = 1, 2
"""Flags of a head."""
_PENDING, _MORE, _OVERFLOW = 0x103, 0xC0000016, 0x80000005
_TRANSCEIVE = 0x0011C017
_OF_FILES, _RENAME, _DISPOSITION, _DISPOSITION_EX = 1, 10, 13, 64
_DELETED = 0x1000
"""Option of an opening: gone when it is closed."""
_KINDS = {1: DISK, 2: PIPE, 3: PRINT}
_CLIENT = slice(12, 28)
"""The client's number of itself."""
_SAME = b"\xff" * 16
"""Stands for the file that was opened in the same message."""
_MOST_OPEN, _MOST_LOGONS, _MOST_PARTS = 512, 16, 64


class _Asked(NamedTuple):
    ts: float
    command: int
    tree: tuple[int, int]
    file: bytes = _SAME
    name: str = ""
    """Of a share, a file, or a file's new name."""
    deletes: bool = False


class Smb2:
    """One connection's words; at most 512 requests that wait for their answer."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._asked: OrderedDict[int, _Asked] = OrderedDict()
        self._logons: OrderedDict[int, Logon] = OrderedDict()
        self._opened = _SAME
        """The file that was opened last."""

    def message(self, ts: float, data: bytes) -> Iterator[Row]:
        """What one message says, or several that came as one. Raises `struct.error` where it is cut off."""
        for _ in range(_MOST_PARTS):
            _, _, status, command, _, flags, following, message, _, tree, session = _HEAD.unpack_from(data)
            part = data[: following or None]
            if command in _FOLLOWED:
                if flags & _ANSWER:
                    later = bool(flags & _LATER)
                    yield from self._answer(ts, part, (status, message), None if later else tree, session)
                else:
                    yield from self._ask(ts, part, command, message, (session, tree))
            if following < _HEAD.size or following >= len(data):
                return
            data = data[following:]

    def _ask(self, ts: float, part: bytes, command: int, message: int, tree: tuple[int, int]) -> Iterator[Row]:
        body = part[64:]
        asked = _Asked(ts, command, tree)
        if command == _HELLO:
            known = shown(ts, IMPACKET, SPEAKS_SMB, by_server=False) if is_impackets(body[_CLIENT]) else None
            yield from (known,) if known else ()
            return
        if command == _SESSION:
            begin, size = struct.unpack_from("<HH", body, 12)
            self._logon(tree[0]).hear(part[begin : begin + size])
        elif command == _TREE:
            asked = asked._replace(name=_text(part, *struct.unpack_from("<HH", body, 4)))
        elif command == _CREATE:
            options, begin, size = struct.unpack_from("<IHH", body, 40)
            asked = asked._replace(name=_text(part, begin, size), deletes=bool(options & _DELETED))
        elif command in (_READ, _CLOSE):
            at = 16 if command == _READ else 8
            asked = asked._replace(file=body[at : at + 16])
        elif command == _WRITE:
            begin, size = struct.unpack_from("<HI", body, 2)
            asked = asked._replace(file=body[16:32])
            yield from self._shares.write(ts, asked.file, whole(part, begin, size))
        elif command == _IOCTL:
            control, begin, size = struct.unpack_from("<4xI16xII", body)
            if control != _TRANSCEIVE:
                return
            asked = asked._replace(file=body[8:24])
            yield from self._shares.write(ts, asked.file, whole(part, begin, size))
        elif not (changed := _changed(asked, part, body)):
            return
        else:
            asked = changed
        self._asked[message] = asked
        if len(self._asked) > _MOST_OPEN:
            self._asked.popitem(last=False)

    def _answer(self, ts: float, part: bytes, said: tuple[int, int], tree: int | None, session: int) -> Iterator[Row]:
        (status, message), body = said, part[64:]
        asked = self._asked.get(message)
        if asked is None or status == _PENDING:
            return
        del self._asked[message]
        if asked.command == _SESSION:
            yield from self._logged_on(part, status, asked, session)
        elif status not in (0, _OVERFLOW):
            return
        elif asked.command == _TREE:
            where = asked.tree[1] if tree is None else tree
            yield from self._shares.map(asked.ts, (session, where), asked.name, _KINDS.get(body[2], DISK))
        elif asked.command == _CREATE:
            (size,) = struct.unpack_from("<Q", body, 48)
            self._opened = body[64:80]
            yield from self._shares.open(asked.ts, asked.tree, self._opened, asked.name, size, deleted=asked.deletes)
        elif asked.command == _CLOSE:
            yield from self._shares.close(self._file(asked))
        elif asked.command == _WRITE:
            yield from self._shares.write(ts, self._file(asked), b"")
        elif asked.command == _READ:
            begin, size = struct.unpack_from("<BxI", body, 2)
            yield from self._shares.read(ts, self._file(asked), whole(part, begin, size))
        elif asked.command == _IOCTL:
            begin, size = struct.unpack_from("<II", body, 32)
            yield from self._shares.read(ts, self._file(asked), whole(part, begin, size))
        elif asked.command == _SET:
            changes = self._shares.delete(ts, self._file(asked)) if asked.deletes else None
            yield from changes or self._shares.rename(ts, self._file(asked), asked.name)

    def _logged_on(self, part: bytes, status: int, asked: _Asked, session: int) -> Iterator[Row]:
        logon = self._logon(asked.tree[0])
        if status == _MORE:
            begin, size = struct.unpack_from("<HH", part, 64 + 4)
            logon.hear(part[begin : begin + size])
            if not asked.tree[0]:
                self._logons[session] = self._logons.pop(0)
            return
        row = logon.row(asked.ts, success=status == 0, error=None if status == 0 else status_named(status))
        self._logons.pop(asked.tree[0], None)
        if row is not None:
            yield row

    def _logon(self, session: int) -> Logon:
        logon = self._logons.setdefault(session, Logon())
        if len(self._logons) > _MOST_LOGONS:
            self._logons.popitem(last=False)
        return logon

    def _file(self, asked: _Asked) -> bytes:
        return self._opened if asked.file == _SAME else asked.file


def _changed(asked: _Asked, part: bytes, body: bytes) -> _Asked | None:
    """What a SET_INFO request asks for, where it is another name or the end of a file."""
    sort, kind, _, begin = struct.unpack_from("<BBIH", body, 2)
    if sort != _OF_FILES:
        return None
    asked = asked._replace(file=body[16:32])
    if kind in (_DISPOSITION, _DISPOSITION_EX) and part[begin] & 1:
        return asked._replace(deletes=True)
    if kind == _RENAME:
        (size,) = struct.unpack_from("<I", part, begin + 16)
        return asked._replace(name=_text(part, begin + 20, size))
    return None


def _text(part: bytes, begin: int, size: int) -> str:
    """Raises `struct.error` where it was not captured in full: half a name is none."""
    data = part[begin : begin + size]
    if len(data) < size:
        raise struct.error("cut off")
    return data[: 2 * MOST_NAME].decode("utf-16-le", "replace")
