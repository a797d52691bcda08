"""What the broker and the database share: a locked folder, a port, a child process, an ordered life."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from pipeline.local.managed_process import ManagedProcess
from pipeline.local.service_folder import ServiceFolder, check_port_free

_START_S = 60.0


class LocalService(ABC):
    """A server of our own on `host:port` whose everything lives under `data_dir` and survives restarts.

    A subclass says which command to run and how to tell that it answers. Use it by `with`, or start and stop.
    """

    name: ClassVar[str]
    stop_s: ClassVar[float]

    def __init__(self, data_dir: Path, *, host: str, port: int) -> None:
        self.data_dir = Path(data_dir)
        self.host = host
        self.port = port
        self._folder = ServiceFolder(self.name, self.data_dir)
        self._process: ManagedProcess | None = None

    @abstractmethod
    def _command(self) -> list[str]:
        """Prepare the folder, which is locked by now, and return the command to run."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether the server serves."""

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the server; returns once it answers, raises LocalServiceError in one line when it cannot."""
        if self.alive():
            return
        lock_fd = self._folder.acquire()
        try:
            check_port_free(self.name, self.host, self.port)
            log = self.data_dir / f"{self.name}.log"
            command = self._command()
            self._process = ManagedProcess(self.name, command, None, log, ready=self._answers, keep_fds=[lock_fd])
            self._process.start(_START_S)
        except BaseException:
            self._folder.release()
            raise

    def stop(self, timeout_s: float | None = None) -> None:
        """End the server in order within `timeout_s` (default: `stop_s`), else by force."""
        if self._process is not None:
            self._process.stop(self.stop_s if timeout_s is None else timeout_s)
        self._folder.release()

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._process is not None and self._process.alive()

    def last_words(self) -> str:
        """The server's last meaningful log line."""
        return self._process.last_words() if self._process is not None else "it was not started"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
