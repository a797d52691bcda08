"""Workers as users run them: processes of their own between a real broker and a real database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import kafka
from kafka import TopicPartition
from pydantic import BaseModel

from benchmarks.faults.group import Group
from benchmarks.faults.outcome import Outcome, outcome
from benchmarks.faults.records import Record
from pipeline.errors import SinkError
from pipeline.local import launcher
from pipeline.runtime.run import prepare
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.kafka import plain_consumer, plain_producer
from schemas.alert import Alert
from schemas.sources import SOURCES
from schemas.tables import FROM_PRODUCERS

LIMIT_S = 120.0
_ROOT = Path(__file__).parents[2]
_COMMAND = ("-c", "from pipeline.cli.entry import main; main()")
_EVENTS = f"scored_events WHERE {FROM_PRODUCERS}"
_POLL_S = 0.1


class Bench:
    """Sends records, runs workers, reads what they wrote. Workers die with this process, whatever ends it."""

    def __init__(self, settings: Settings) -> None:
        """Makes topics and tables. Workers run with the settings that were given, and no others."""
        self.settings = settings
        prepare(settings)
        self.database = ClickHouse.connect(settings)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.log = settings.data_dir / "worker.log"
        """What all workers said."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._sender: kafka.KafkaProducer | None = None

    def send(self, records: Iterable[Record], topic: str = "") -> None:
        """To the topics of their sources, in order, acknowledged."""
        if self._sender is None:
            self._sender = plain_producer(
                self.settings, linger_ms=5, compression_type="lz4", enable_idempotence=True, max_request_size=4 << 20
            )
        prefix = self.settings.topic_prefix
        sent = [self._sender.send(prefix + (topic or r.source), key=r.key, value=r.value) for r in records]
        self._sender.flush(LIMIT_S)
        for each in sent:
            each.get(LIMIT_S)  # raises what the broker refused

    def trickle(self, records: list[Record], seconds: float, steps: int = 10) -> None:
        """Send evenly over a time, so that what happens meanwhile meets work under way."""
        size = max(len(records) // steps, 1)
        for start in range(0, len(records), size):
            self.send(records[start : start + size])
            time.sleep(seconds / steps)

    def start(self, *flags: str, **extra: str) -> subprocess.Popen[bytes]:
        """`wardwatch worker` with our settings and `extra` in its environment.

        With `flags` it is the same command below `benchmarks.faults.crashing_worker`, which they are for.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WARDWATCH_")}
        environment["PYTHONPATH"] = str(_ROOT)
        for name in self.settings.model_fields_set:
            value = getattr(self.settings, name)
            if hasattr(value, "get_secret_value"):
                value = value.get_secret_value()
            if isinstance(value, BaseModel):
                value = value.model_dump_json(exclude_unset=True)
            environment[f"WARDWATCH_{name.upper()}"] = str(value)
        program = ("-m", "benchmarks.faults.crashing_worker", *flags) if flags else _COMMAND
        lifeline = [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid())]
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [*lifeline, sys.executable, *program, "worker", "--make-keys"],
                env=environment | extra, stdin=subprocess.DEVNULL, stderr=log, stdout=log, cwd=self.settings.data_dir,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def last_words(self) -> str:
        """The end of what the workers said."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else "no worker"

    def alive(self) -> list[subprocess.Popen[bytes]]:
        """Workers that run."""
        return [w for w in self.workers if w.poll() is None]

    def stop(self, worker: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
        """Ask a worker to end; its exit status."""
        worker.send_signal(number)
        return worker.wait(LIMIT_S)

    def stop_all(self) -> None:
        """Ask all that run to end, by SIGTERM. Fails when one does not end in order."""
        for worker in self.alive():
            status = self.stop(worker)
            if status not in (0, -signal.SIGTERM):  # the latter: it was still starting and did not listen yet
                raise AssertionError(f"a worker ended with {status}: {self.last_words()}")

    def end(self) -> None:
        """End what still runs, by force."""
        for worker in self.alive():
            worker.kill()
            worker.wait(LIMIT_S)
        if self._sender is not None:
            self._sender.close(1)
        self.database.close()

    def count(self, table: str = _EVENTS, *, final: bool = True) -> int:
        """Rows of a table; 0 while the database does not answer."""
        try:
            return int(self.database.raw(f"SELECT count() FROM {table}", "TSV", final=int(final)))
        except SinkError:
            return 0

    def wait(self, done: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
        """Until `done`; fails with the workers' last words when nothing comes, or all that were started have ended."""
        limit = time.monotonic() + limit_s
        while not done():
            ended = self.workers and not self.alive()
            if ended or time.monotonic() > limit:
                raise AssertionError(f"waited for {what}: {self.last_words()}")
            time.sleep(_POLL_S)

    def wait_for_records(self, n: int) -> None:
        """Until n records have become rows or dead letters."""
        self.wait(lambda: self.count() + self.count("dead_letters") >= n, f"{n} records")

    def said(self, words: str) -> int:
        """How often workers have said something."""
        return self.log.read_text(errors="replace").count(words)

    def wait_until_said(self, words: str, times: int = 1) -> None:
        """Until workers have said something so often."""
        self.wait(lambda: self.said(words) >= times, f"{words!r}")

    def drain(self, limit_s: float = LIMIT_S) -> None:
        """Until the group has committed everything that was sent, its own dead letters too."""
        if not self.drained(limit_s):
            raise AssertionError(f"waited for all offsets to be committed: {self.last_words()}")

    def drained(self, limit_s: float) -> bool:
        """Whether everything that was sent is committed within a time."""
        limit = time.monotonic() + limit_s
        with self._group() as group:
            while group.lag():
                if not self.alive() or time.monotonic() > limit:
                    return False
                time.sleep(_POLL_S)
        return True

    def _group(self) -> Group:
        prefix = self.settings.topic_prefix
        return Group(self.settings, [prefix + name for name in SOURCES], prefix + "deadletter")

    def told(self) -> list[Alert]:
        """Documents on the topic of alerts."""
        topic = self.settings.topic_prefix + "alerts"
        consumer = plain_consumer(self.settings, auto_offset_reset="earliest", enable_auto_commit=False)
        try:
            tps = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(tps)
            ends = consumer.end_offsets(tps)
            found: list[Alert] = []
            while any(consumer.position(p) < ends[p] for p in tps):
                for batch in consumer.poll(timeout_ms=500).values():
                    found += [Alert.model_validate_json(r.value) for r in batch]
            return found
        finally:
            consumer.close()

    def outcome(self, *, final: bool = True) -> Outcome:
        """What all of it came to."""
        return outcome(self.database, self.told(), final=final)

    def checkpoints(self) -> list[Path]:
        """Files of the checkpoint store."""
        return sorted(Path(self.settings.checkpoints).rglob("*.ckpt"))
