"""The folder one local service owns: made, checked for writing, and locked so that two servers never share it."""

import errno
import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.errors import LocalServiceError


class ServiceFolder:
    """An exclusive lock on `path`, held until `release` and by every child that inherited `fileno()`.

    `acquire` raises LocalServiceError in one line when the folder cannot be written or another server runs on it.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self._fd: int | None = None

    def acquire(self) -> int:
        """Make the folder, take its lock and return the file descriptor that carries it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LocalServiceError(f"{self.name}: {folder_trouble(self.path, error)}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(fd)
            raise LocalServiceError(
                f"{self.name}: another server already runs on {self.path}; stop it or choose another folder"
            ) from error
        self._fd = fd
        return fd

    def release(self) -> None:
        """Let go of our share of the lock."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def folder_trouble(path: Path, error: OSError) -> str:
    """One line for a folder that cannot be used, with what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left for {path}; free some space or choose another folder"
    return f"cannot write to {path} ({error.strerror}); choose a folder you own"


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port nobody listens on right now."""
    with socket.create_server((host, 0)) as server:
        return int(server.getsockname()[1])


def check_port_free(name: str, host: str, port: int) -> None:
    """Raise LocalServiceError when `host:port` cannot be bound."""
    try:
        with socket.create_server((host, port), reuse_port=False):
            return
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "is taken" if taken else "cannot be used"
        raise LocalServiceError(
            f"{name}: port {port} on {host} {why}; stop what uses it or choose another port"
        ) from error
