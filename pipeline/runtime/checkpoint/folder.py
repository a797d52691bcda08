"""Where checkpoints lie: a folder of this machine, or any place that fsspec knows."""

import contextlib
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pipeline.errors import CheckpointError, ConfigError
from pipeline.runtime.checkpoint.remote import CheckpointsUnreachableError, RemoteFolder

_TORN_S = 3600.0
"""A part older than this belongs to a writer that is gone; a younger one may be another worker's."""


class Folder(Protocol):
    """Few operations on files of folders, each bounded in time. Paths are relative to the root, with `/`.

    CheckpointError: it failed. CheckpointsUnreachableError, which is one: the place does not answer, so nothing is
    known about what is there.
    """

    def names(self, folder: str) -> list[str]:
        """Names of the files; none when there is no such folder."""

    def read(self, path: str) -> bytes:
        """A whole file."""

    def write(self, path: str, pieces: Sequence[bytes]) -> None:
        """The whole file or nothing, durable when this returns."""

    def remove(self, path: str) -> None:
        """The file is gone afterwards, whoever removed it."""


def open_folder(url: str | Path) -> Folder:
    """The folder at a path or URL, made when missing.

    Raises ConfigError when it cannot be used: unknown protocol, missing package, no permission, no such bucket;
    CheckpointsUnreachableError when the place does not answer.
    """
    text = str(url)
    if "::" in text:
        raise ConfigError(
            "checkpoints: a chained URL (::) may cache, and what is cached is not durable: name the place"
        )
    protocol, separator, path = text.partition("://")
    if not separator:
        return LocalFolder(Path(text))
    if protocol in ("file", "local"):
        return LocalFolder(Path(path))
    return RemoteFolder(text)


class LocalFolder:
    """A folder of this machine, readable by its owner only. A file appears whole, by a rename after fsync."""

    def __init__(self, root: Path) -> None:
        """Raises ConfigError when the folder can neither be found nor made."""
        self._root = root
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(
                f"checkpoints folder {root} cannot be used ({error.strerror}): set WARDWATCH_CHECKPOINTS to another"
            ) from error

    def names(self, folder: str) -> list[str]:
        """Names of the files; none when there is no such folder."""
        try:
            return os.listdir(self._root / folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CheckpointsUnreachableError(f"{self._root / folder} cannot be listed ({error.strerror})") from error

    def read(self, path: str) -> bytes:
        """A whole file."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise CheckpointError(f"cannot be read ({error.strerror})") from error

    def write(self, path: str, pieces: Sequence[bytes]) -> None:
        """The whole file or nothing: written aside, flushed to the disk, renamed; the name is flushed too."""
        target = self._root / path
        try:
            self._make(target.parent)
            self._clear_torn(target.parent)
            part = self._written_aside(target.parent, pieces)
            try:
                os.replace(part, target)
            except OSError:
                part.unlink(missing_ok=True)
                raise
            _flush_folder(target.parent)
        except OSError as error:
            raise CheckpointError(f"checkpoint cannot be written to {target.parent} ({error.strerror})") from error

    def remove(self, path: str) -> None:
        """The file is gone afterwards, whoever removed it."""
        try:
            (self._root / path).unlink(missing_ok=True)
        except OSError as error:
            raise CheckpointError(f"{self._root / path} cannot be removed ({error.strerror})") from error

    def _make(self, folder: Path) -> None:
        """Every level for the owner only: `parents=True` would give the upper ones the default mode."""
        missing = [f for f in (folder, *folder.parents) if f.is_relative_to(self._root) and not f.exists()]
        for each in reversed(missing):
            each.mkdir(mode=0o700, parents=each == self._root, exist_ok=True)
            _flush_folder(each.parent)

    @staticmethod
    def _clear_torn(folder: Path) -> None:
        for torn in folder.glob("*.part"):
            with contextlib.suppress(FileNotFoundError):  # another writer clears as well
                if time.time() - torn.stat().st_mtime > _TORN_S:
                    torn.unlink()

    @staticmethod
    def _written_aside(folder: Path, pieces: Sequence[bytes]) -> Path:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
            try:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                Path(file.name).unlink(missing_ok=True)  # a full disk shall not keep the half
                raise
        return Path(file.name)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
