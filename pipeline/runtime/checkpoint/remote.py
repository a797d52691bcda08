"""Checkpoints in an object store or any other place that fsspec knows, such as `s3://bucket/prefix`."""

import contextlib
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import fsspec
from fsspec.registry import known_implementations

from pipeline.errors import CheckpointError, ConfigError

T = TypeVar("T")
_LIMIT_S = 30.0
_READ_FACTOR = 1.5
"""How much longer a file of unknown size may take than a short answer."""
_WRITE_BYTES_PER_S = 4e6
"""A write may take as much longer as a slow line needs."""
_MAX_HANGING = 4
_EXTRAS = {"s3": "wardwatch[s3]", "s3a": "wardwatch[s3]"}


class CheckpointsUnreachableError(CheckpointError):
    """The place of the checkpoints does not answer: what it holds is not known."""


class RemoteFolder:
    """Files by fsspec. A put to an object store is atomic; where it is not, the MAC tells.

    Every operation runs in a thread of its own and is given up after a time limit. One that hangs goes on in the
    background, which does no harm: a name stands for one content. At most four may hang; then nothing new is begun.
    """

    def __init__(self, url: str, limit_s: float = _LIMIT_S) -> None:
        """Writes and removes a small file. `limit_s` is for a short answer; long ones may take longer.

        Raises ConfigError when that is not possible and will not become so by itself, CheckpointsUnreachableError when
        nothing answers.
        """
        self._limit_s = limit_s
        self._hanging: list[threading.Thread] = []
        protocol = url.partition("://")[0]
        try:
            # Listings are cached by default: other workers' files would not be seen.
            self._fs, root = self._bounded(
                lambda: fsspec.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
            )
        except ImportError as error:
            raise ConfigError(f"checkpoints in {protocol}:// need a package: {_advice(protocol)}") from error
        except (ValueError, TypeError) as error:
            raise ConfigError(f"checkpoints: no protocol {protocol}:// is known, or its URL is not complete") from error
        except Exception as error:
            raise CheckpointsUnreachableError(f"checkpoints: {_place(url)} cannot be used ({_told(error)})") from error
        self._root = str(root).rstrip("/")
        self._probe(url)

    def names(self, folder: str) -> list[str]:
        """Names of the files; none when there is no such folder."""

        def listed() -> list[str]:
            self._fs.invalidate_cache()
            return [str(entry["name"]).rpartition("/")[2] for entry in self._fs.ls(self._at(folder), detail=True)]

        try:
            return self._tried(listed, "be listed")
        except FileNotFoundError:
            return []

    def read(self, path: str) -> bytes:
        """A whole file."""
        try:
            return bytes(self._tried(lambda: self._fs.cat_file(self._at(path)), "be read", _READ_FACTOR))
        except FileNotFoundError as error:
            raise CheckpointError("cannot be read (it is gone)") from error

    def write(self, path: str, pieces: Sequence[bytes]) -> None:
        """The whole file or nothing, where the place is an object store."""
        data = b"".join(pieces)

        def put() -> None:
            try:
                self._fs.pipe_file(self._at(path), data)
            except FileNotFoundError:  # object stores need no folders, others do
                self._make_folders(path)
                self._fs.pipe_file(self._at(path), data)

        try:
            self._tried(put, "be written", 1 + len(data) / _WRITE_BYTES_PER_S / _LIMIT_S)
        except FileNotFoundError as error:
            raise CheckpointsUnreachableError("checkpoint cannot be written: its bucket or folder is gone") from error

    def remove(self, path: str) -> None:
        """The file is gone afterwards, whoever removed it."""
        with contextlib.suppress(FileNotFoundError):
            self._tried(lambda: self._fs.rm_file(self._at(path)), "be removed")

    def _make_folders(self, path: str) -> None:
        """Those above a file and below the root. Never with parents: that would make a bucket anew."""
        levels = path.split("/")[:-1]
        for n in range(1, len(levels) + 1):
            with contextlib.suppress(FileExistsError):
                self._fs.mkdir(self._at("/".join(levels[:n])), create_parents=False)

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _probe(self, url: str) -> None:
        name = f"probe-{uuid.uuid4().hex}"
        try:
            self._bounded(lambda: self._fs.pipe_file(self._at(name), b"may we write here?"))
            self._bounded(lambda: self._fs.rm_file(self._at(name)))
        except FileNotFoundError as error:
            raise ConfigError(f"checkpoints: {_place(url)} does not exist: make it first") from error
        except PermissionError as error:
            raise ConfigError(f"checkpoints: no permission to write and remove in {_place(url)}") from error
        except Exception as error:
            if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError"):
                raise ConfigError(f"checkpoints: no credentials for {_place(url)} were found") from error
            raise CheckpointsUnreachableError(f"checkpoints: {_place(url)} cannot be used ({_told(error)})") from error

    def _tried(self, action: Callable[[], T], what: str, patience: float = 1.0) -> T:
        """`action` in bounded time; FileNotFoundError is passed on, all else becomes one error."""
        try:
            return self._bounded(action, patience)
        except FileNotFoundError:
            raise
        except Exception as error:
            raise CheckpointsUnreachableError(f"checkpoints cannot {what} ({_told(error)})") from error

    def _bounded(self, action: Callable[[], T], patience: float = 1.0) -> T:
        self._hanging = [t for t in self._hanging if t.is_alive()]
        if len(self._hanging) >= _MAX_HANGING:
            raise TimeoutError("earlier calls still hang")
        outcome: Future[T] = Future()
        # A daemon: a call that hangs must not keep the worker from ending.
        thread = threading.Thread(target=_settle, args=(action, outcome), daemon=True, name="checkpoints")
        thread.start()
        try:
            return outcome.result(self._limit_s * patience)
        except TimeoutError:
            if not outcome.done():
                self._hanging.append(thread)
            raise


def _settle(action: Callable[[], Any], outcome: "Future[Any]") -> None:
    try:
        outcome.set_result(action())
    except BaseException as error:
        outcome.set_exception(error)


def _told(error: Exception) -> str:
    """An error in few words; its text could be long, or quote a URL with a password."""
    if isinstance(error, TimeoutError):
        return str(error) or "no answer in time"
    return type(error).__name__


def _place(url: str) -> str:
    protocol, _, rest = url.partition("://")
    return f"{protocol}://{rest.rpartition('@')[2].partition('?')[0]}"


def _advice(protocol: str) -> str:
    if protocol in _EXTRAS:
        return f"pip install '{_EXTRAS[protocol]}'"
    return str(known_implementations.get(protocol, {}).get("err", "see fsspec's documentation"))
