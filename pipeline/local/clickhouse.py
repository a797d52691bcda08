"""Starts and stops the ClickHouse-protocol server as a child process."""

import http.client
import sys
from pathlib import Path

from pipeline.local.local_service import LocalService


class LocalClickHouse(LocalService):
    """A ClickHouse server on loopback whose tables live under `data_dir` and survive restarts.

    `start` blocks until it answers (about 0.5 s). Passwords of the users `default` and `reader` come from
    WARDWATCH_CLICKHOUSE_PASSWORD and WARDWATCH_CLICKHOUSE_READER_PASSWORD. Needs about 300 MB of memory.
    """

    name = "clickhouse"
    stop_s = 25.0

    def __init__(self, data_dir: Path, *, host: str = "127.0.0.1", port: int = 8123) -> None:
        super().__init__(data_dir, host=host, port=port)

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{self.host}:{self.port}"

    def _command(self) -> list[str]:
        module = [sys.executable, "-m", "pipeline.local.clickhouse_server", "--no-lock"]
        return [*module, "--data", str(self.data_dir.absolute()), "--host", self.host, "--port", str(self.port)]

    def _answers(self) -> bool:
        probe = http.client.HTTPConnection(self.host, self.port, timeout=1.0)
        try:
            probe.request("GET", "/ping")
            return probe.getresponse().read() == b"Ok.\n"
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()
