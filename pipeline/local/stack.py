"""Everything on one machine: broker, database and workers, over one folder."""

import os
import sys
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pipeline.errors import LocalServiceError
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.managed_process import ManagedProcess
from pipeline.local.supervisor import Supervisor

# A worker that ends is started again, but not for ever: this often within this time means something is wrong.
_RESTARTS, _WITHIN_S = 5, 300.0


class Stack:
    """A local broker, a local ClickHouse and `workers` workers. Use as a context manager in the main thread."""

    def __init__(
        self,
        folder: Path,
        *,
        kafka_port: int,
        clickhouse_port: int,
        workers: int = 1,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`environment`: settings of the workers beside where everything is."""
        self.folder = folder
        self.kafka = LocalKafka(folder / "kafka", port=kafka_port)
        self.clickhouse = LocalClickHouse(folder / "clickhouse", port=clickhouse_port)
        self.environment = {
            "WARDWATCH_DATA_DIR": str(folder),
            "WARDWATCH_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "WARDWATCH_CLICKHOUSE_URL": self.clickhouse.url,
            **environment,
        }
        self._workers = workers
        self._processes: dict[str, ManagedProcess] = {}
        self._restarts: deque[float] = deque(maxlen=_RESTARTS)
        self.supervisor = Supervisor([self.kafka, self.clickhouse])

    def start_servers(self) -> None:
        """Broker and database. Raises LocalServiceError with what to do; nothing is left running then."""
        self.supervisor.start()

    def start_workers(self) -> None:
        """The workers, once topics and tables are there."""
        for number in range(1, self._workers + 1):
            name = f"worker {number}"
            process = ManagedProcess(
                name,
                [sys.executable, "-m", "pipeline.cli", "worker", "--make-keys"],
                {**os.environ, **self.environment},
                self.folder / f"worker-{number}.log",
            )
            self._processes[name] = process
            self.supervisor.add(process)

    def watch(self, timeout_s: float | None = None) -> bool:
        """Wait; False once a signal asked to stop, True when the time is over.

        A worker that ended is started again. Raises LocalServiceError when a server ended, or workers keep ending.
        """
        while True:
            name = self.supervisor.watch(timeout_s)
            if name is None:
                return not self.supervisor.stopping
            process = self._processes.get(name)
            if process is None:
                service = self.kafka if name == self.kafka.name else self.clickhouse
                raise LocalServiceError(f"{name} ended: {service.last_words()}; see the logs in {self.folder}")
            now = time.monotonic()
            if len(self._restarts) == _RESTARTS and now - self._restarts[0] < _WITHIN_S:
                raise LocalServiceError(f"{name} keeps ending: {process.last_words()}; see {process.log_path}")
            self._restarts.append(now)
            process.start()

    def stop(self) -> None:
        """Stop workers, database, broker, in this order."""
        self.supervisor.stop()
