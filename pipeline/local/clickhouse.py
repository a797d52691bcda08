"""Starts and stops the ClickHouse-protocol server as a child process."""

import http.client
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.local.managed_process import ManagedProcess
from pipeline.local.service_folder import ServiceFolder, check_port_free

_START_S = 60.0
_STOP_S = 25.0


class LocalClickHouse:
    """A ClickHouse server on loopback whose tables live under `data_dir` and survive restarts.

    `start` blocks until it answers (about 1 s) and raises LocalServiceError in one line. Passwords of the users
    `default` and `reader` come from WARDWATCH_CLICKHOUSE_PASSWORD and WARDWATCH_CLICKHOUSE_READER_PASSWORD.
    """

    name = "clickhouse"

    def __init__(self, data_dir: Path, *, host: str = "127.0.0.1", port: int = 8123) -> None:
        self.data_dir = Path(data_dir)
        self.host = host
        self.port = port
        self._folder = ServiceFolder("clickhouse", self.data_dir)
        self._process: ManagedProcess | None = None

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{self.host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the server; returns once it answers."""
        if self.alive():
            return
        lock_fd = self._folder.acquire()
        try:
            check_port_free("clickhouse", self.host, self.port)
            argv = [sys.executable, "-m", "pipeline.local.clickhouse_server", "--no-lock"]
            argv += ["--data", str(self.data_dir.absolute()), "--host", self.host, "--port", str(self.port)]
            log = self.data_dir / "server.log"
            self._process = ManagedProcess("clickhouse", argv, None, log, ready=self._answers, keep_fds=[lock_fd])
            self._process.start(_START_S)
        except BaseException:
            self._folder.release()
            raise

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """End the server in order within `timeout_s` (running statements finish), else by force."""
        if self._process is not None:
            self._process.stop(timeout_s)
        self._folder.release()

    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.alive()

    def last_words(self) -> str:
        """The server's last meaningful log line."""
        return self._process.last_words() if self._process is not None else "it was not started"

    def _answers(self) -> bool:
        probe = http.client.HTTPConnection(self.host, self.port, timeout=1.0)
        try:
            probe.request("GET", "/ping")
            return probe.getresponse().read() == b"Ok.\n"
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
