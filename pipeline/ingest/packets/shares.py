"""What is done on shares, in the words of Zeek's smb_mapping.log and smb_files.log, whatever dialect told it."""

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.ingest.packets.calls import Calls, begins_calls
from pipeline.ingest.packets.packet import Row

DISK, PIPE, PRINT = "DISK", "PIPE", "PRINT"
_MOST_TREES, _MOST_FILES = 256, 2048
_MOST_RECENT = 32
MOST_NAME = 1024
"""Signs of a name that are kept."""
_ROOT = "<share_root>"


@dataclass(slots=True)
class _File:
    name: str | None
    """None where it was opened before the capture began."""
    path: str | None
    size: int | None = None
    calls: Calls | None = None
    """Of a pipe."""
    told: set[str] = field(default_factory=set)


class Shares:
    """Of one connection: at most 256 shares and 2,048 files that are open. Reading and writing are told once a file
    that is opened, as soon as they are done for the first time."""

    def __init__(self) -> None:
        self._trees: OrderedDict[Hashable, tuple[str, str]] = OrderedDict()
        self._files: OrderedDict[Hashable, _File] = OrderedDict()
        self._recent: deque[tuple[str | None, str | None, int]] = deque(maxlen=_MOST_RECENT)
        """Openings that need not be told again until the file is changed: programs look at one over and over."""

    def map(self, ts: float, tree: Hashable, path: str, kind: str, system: str | None = None) -> Iterator[Row]:
        """A share was opened."""
        self._trees[tree] = path, kind
        if len(self._trees) > _MOST_TREES:
            self._trees.popitem(last=False)
        yield "smb_mapping", {"ts": ts, "path": path, "share_type": kind, "native_file_system": system}

    def open(
        self, ts: float, tree: Hashable, file: Hashable, name: str, size: int, *, deleted: bool = False
    ) -> Iterator[Row]:
        """A file or pipe was opened; `deleted`: to be gone when it is closed."""
        path, kind = self._trees.get(tree, (None, DISK))
        found = _File(name if name.strip("\\") else _ROOT, path, size)
        if kind == PIPE:
            found.calls = Calls(name)
        yield from self.close(file)
        self._files[file] = found
        if len(self._files) > _MOST_FILES:
            yield from self.close(next(iter(self._files)))
        opened = (path, found.name, size)
        if kind == PIPE:
            yield _row(ts, "SMB::PIPE_OPEN", found)
        elif opened not in self._recent:
            yield _row(ts, "SMB::FILE_OPEN", found)
        self._recent.append(opened)
        if deleted and kind != PIPE:
            yield self._change(ts, "SMB::FILE_DELETE", found)

    def write(self, ts: float, file: Hashable, data: bytes) -> Iterator[Row]:
        """Something was written; a pipe's words go on to who listens there."""
        found = self._files.get(file)
        if found is None and begins_calls(data) and len(self._files) < _MOST_FILES:
            found = self._files[file] = _File(None, None, calls=Calls())
        yield from self._through(ts, found, data, "SMB::FILE_WRITE", mine=True)

    def read(self, ts: float, file: Hashable, data: bytes) -> Iterator[Row]:
        """Something was read."""
        yield from self._through(ts, self._files.get(file), data, "SMB::FILE_READ", mine=False)

    def rename(self, ts: float, file: Hashable, name: str) -> Iterator[Row]:
        """An open file got another name."""
        found = self._files.get(file)
        if found is not None and found.name is not None:
            before, found.name = found.name, name
            yield self._change(ts, "SMB::FILE_RENAME", found, prev_name=before)

    def delete(self, ts: float, file: Hashable) -> Iterator[Row]:
        """An open file will be gone."""
        found = self._files.get(file)
        if found is not None and found.name is not None:
            yield self._change(ts, "SMB::FILE_DELETE", found)

    def named(self, ts: float, tree: Hashable, action: str, name: str, before: str | None = None) -> Iterator[Row]:
        """Something was done to a file by its name."""
        yield _row(ts, action, _File(name, self._trees.get(tree, (None, DISK))[0]), prev_name=before)

    def close(self, file: Hashable) -> Iterator[Row]:
        """What was open is closed; calls through it that nobody answered are told."""
        found = self._files.pop(file, None)
        if found is not None and found.calls is not None:
            yield from found.calls.end()

    def end(self) -> Iterator[Row]:
        """All is closed."""
        for file in list(self._files):
            yield from self.close(file)

    def _through(self, ts: float, file: _File | None, data: bytes, action: str, *, mine: bool) -> Iterator[Row]:
        if file is None:
            return
        if file.path is None and file.calls is None and mine and begins_calls(data):
            file.calls = Calls(file.name)  # of a share that was opened before the capture began
        if file.calls is not None:
            yield from file.calls.hear(ts, data, mine=mine)
        elif file.name is not None and action not in file.told:
            file.told.add(action)
            yield self._change(ts, action, file) if mine else _row(ts, action, file)

    def _change(self, ts: float, action: str, file: _File, prev_name: str | None = None) -> Row:
        names = (file.name, prev_name)
        self._recent = deque((opened for opened in self._recent if opened[1] not in names), _MOST_RECENT)
        return _row(ts, action, file, prev_name=prev_name)


def whole(message: bytes, begin: int, size: int) -> bytes:
    """So many bytes of a message; none where they were not captured in full, as calls cannot be told apart then."""
    data = message[begin : begin + size]
    return data if len(data) == size else b""


def _row(ts: float, action: str, file: _File, **more: Any) -> Row:
    return "smb_files", {"ts": ts, "action": action, "path": file.path, "name": file.name, "size": file.size, **more}
