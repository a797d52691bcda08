"""Follows files and folders while they are written, as `tail -F` does, for shipping logs as they come."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Full, Queue
from typing import BinaryIO, cast

from pipeline.errors import UsageError
from pipeline.ingest.event_ids import EventIds, kept_ids
from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.letters import dead_letter
from pipeline.ingest.listing import list_files
from pipeline.ingest.plain_text import why_not_read
from pipeline.ingest.reader import USUAL, Manner, Parsed, finished, forced_format, guarded
from pipeline.ingest.registry import recognise
from pipeline.ingest.streams import display_name
from pipeline.ingest.tail import TailStream
from schemas.dead_letter import DeadLetter

Result = Parsed | DeadLetter

_QUEUED = 1024
"""Results that wait for the consumer; a slow consumer slows the readers, not the memory."""
MOST_FILES = 256
"""Files of a folder that are read at the same time; each costs one thread while it is being written."""
_ARCHIVES = (".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz")


@dataclass(frozen=True, slots=True)
class FollowOptions:
    """How to follow; the first three are those of `read_path`."""

    format: str | None = None
    mapping: Path | None = None
    manner: Manner = USUAL
    from_start: bool = False
    """Whether what stands in the files already is read too; files that appear later are always read whole."""
    poll_s: float = 1.0
    """How often a silent file and the folder are looked at."""


def follow(path: Path, stop: Callable[[], bool], options: FollowOptions | None = None) -> Iterator[Result]:
    """Every record that is appended to a file, or to the files of a folder and to new ones, until `stop()`.

    Survives rotation (rename and create) and truncation (copytruncate); a last line without a line end waits for
    the rest of it. A file need not be there yet. In folders, archives are passed over: they hold what was followed
    before. Records of one file come in its order. Where it is begun again, identical records of a file get the ids
    they had: those passed over are counted too. UsageError: unknown format, bad mapping.
    """
    options = options or FollowOptions()
    return _Following(path, stop, options, forced_format(options.format, options.mapping)).results()


class _Following:
    """One call of `follow`: a thread for each file that is being written, one queue for their results."""

    def __init__(self, path: Path, stop: Callable[[], bool], options: FollowOptions, forced: Format | None) -> None:
        self._path, self._outer_stop, self._options, self._forced = path, stop, options, forced
        self._queue: Queue[Result] = Queue(_QUEUED)
        self._closed = threading.Event()
        self._readers: dict[Path, threading.Thread] = {}
        self._skip: dict[Path, int] = {} if options.from_start else {p: _size(p) for p in self._files()}
        self._paths = {_inode(p): p for p in self._files()}

    def results(self) -> Iterator[Result]:
        try:
            while not self._outer_stop():
                self._start_readers()
                try:
                    result = self._queue.get(timeout=self._options.poll_s)
                    while True:
                        yield result
                        result = self._queue.get_nowait()
                except Empty:
                    continue
        finally:
            self._closed.set()
            for reader in self._readers.values():
                reader.join()

    def _stopped(self) -> bool:
        return self._closed.is_set() or self._outer_stop()

    def _files(self) -> list[Path]:
        if not self._path.is_dir():
            return [self._path] if self._path.exists() else []
        try:
            found = list_files([self._path]).files
        except UsageError:
            return []
        return [path for path in found if path.suffix.lower() not in _ARCHIVES]

    def _start_readers(self) -> None:
        self._readers = {path: reader for path, reader in self._readers.items() if reader.is_alive()}
        files = self._files()
        self._note_renamed(files)
        for path in files:
            self._skip[path] = 0 if _size(path) < self._skip.get(path, 0) else self._skip.get(path, 0)
            grown = _size(path) > self._skip.get(path, 0)
            if grown and path not in self._readers and len(self._readers) < MOST_FILES:
                reader = threading.Thread(target=self._read, args=(path,), name="wardwatch-follow", daemon=True)
                self._readers[path] = reader
                reader.start()

    def _note_renamed(self, files: list[Path]) -> None:
        """A file that had another name at the last look was rotated: what was read of it is not read again."""
        paths = {_inode(path): path for path in files}
        for inode, path in paths.items():
            before = self._paths.get(inode, path)
            if before != path and path not in self._readers:
                self._skip[path] = _size(path) if before in self._readers else self._skip.get(before, 0)
        self._paths = paths

    def _read(self, path: Path) -> None:
        """Reads the file, and what takes its name after a rotation, until the end."""
        skip = self._skip.pop(path, 0)
        ids = EventIds(kept_ids(MOST_FILES if self._path.is_dir() else 1))
        while not self._stopped():
            try:
                with TailStream(path, self._stopped, self._options.poll_s) as stream:
                    self._read_one(path, stream, skip, ids)
                    if not stream.replaced:
                        return
            except OSError:
                return  # gone or not readable now: the next look at the folder starts again
            skip = 0
            ids.next_file()

    def _read_one(self, path: Path, stream: TailStream, skip: int, ids: EventIds) -> None:
        origin = display_name(path)
        head = stream.peek()
        chosen = self._forced or (recognise(head, path.name) if head else None)
        if chosen is None:
            if head:
                self._put(dead_letter(origin, Bad("file", why_not_read(head), head), mask=self._options.manner.mask))
            while stream.readline():
                pass  # nothing of this file is read, until another takes its name
            return
        dated = replace(self._options.manner, today=stream.day).of(chosen)
        for result in guarded(dated, cast(BinaryIO, stream), path.name):
            if stream.position > skip:
                self._put(finished(result, origin, self._options.manner, ids))
            elif isinstance(result, Item):
                ids.of(result)

    def _put(self, result: Result) -> None:
        while not self._stopped():
            try:
                self._queue.put(result, timeout=self._options.poll_s)
                return
            except Full:
                continue


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _inode(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_dev, status.st_ino)
