"""A worker as users run it: a process of its own between a real broker and a real database."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strategies import HOSTILE_LINES

from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.runtime.run import prepare
from pipeline.runtime.scan import Scan
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.kafka import plain_consumer, plain_producer
from schemas.alert import Alert
from schemas.device import Device

LIMIT_S = 60.0
_SCORES = "SELECT event_id, scores, top_detector, found_by FROM scored_events"
_ALERTS = "SELECT alert_id, detector, entity, count, score, first_seen, last_seen, threshold, sentence FROM alerts"


@dataclass(frozen=True, slots=True)
class Record:
    """What a test sends."""

    source: str
    key: bytes | None
    value: bytes | None


def hostile_records() -> list[Record]:
    """Nothing of this is an event, on topics of events."""
    odd = [*HOSTILE_LINES, b"", None, b'{"kind":"flow"}', b'{"ts":1,"event_id":"","format":"f","kind":"flow"}']
    sources = ("network", "logs", "ehr", "claims")
    return [Record(sources[i % 4], f"hostile{i}".encode() if i % 3 else None, v) for i, v in enumerate(odd)]


@dataclass
class Outcome:
    """What stands in the database, in the final state of replaced rows."""

    scores: dict[str, tuple[dict[str, float], str, list[str]]]
    alerts: dict[str, tuple[Any, ...]]
    letters: int


def outcome(database: ClickHouse) -> Outcome:
    """Scores by event id, alerts by id, number of dead letters. No event may come twice."""
    rows = database.query(_SCORES)
    scores = {r[0]: (dict(r[1]), r[2], list(r[3])) for r in rows}
    assert len(scores) == len(rows), "an event is there twice"
    alerts = {r[0]: r[1:] for r in database.query(_ALERTS)}
    return Outcome(scores, alerts, int(database.query("SELECT count() FROM dead_letters")[0][0]))


class Bench:
    """Sends records, runs workers, reads what they wrote."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        prepare(settings)
        self.database = ClickHouse.connect(settings)
        self._workers: list[subprocess.Popen[bytes]] = []
        self.log = settings.data_dir / "worker.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)

    def send(self, records: Iterable[Record], topic: str = "") -> None:
        """To the topics of their sources, acknowledged."""
        producer = plain_producer(self.settings, linger_ms=5, compression_type="lz4")
        sent = [
            producer.send(self.settings.topic_prefix + (topic or r.source), key=r.key, value=r.value) for r in records
        ]
        producer.flush(30)
        for each in sent:
            each.get(30)  # raises what the broker refused
        producer.close()

    def start(self, **extra: str) -> subprocess.Popen[bytes]:
        """`wardwatch worker` with these settings in its environment."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WARDWATCH_")}
        for name in self.settings.model_fields_set:
            value = getattr(self.settings, name)
            if hasattr(value, "get_secret_value"):
                value = value.get_secret_value()
            environment[f"WARDWATCH_{name.upper()}"] = str(value)
        command = [sys.executable, "-c", "from pipeline.cli.main import main; main()", "worker", "--make-keys"]
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                command, env=environment | extra, stderr=log, stdout=log, cwd=self.settings.data_dir
            )
        self._workers.append(worker)
        return worker

    def stop(self, worker: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
        """Ask a worker to end; its exit status."""
        worker.send_signal(number)
        return worker.wait(LIMIT_S)

    def end(self) -> None:
        """End what still runs."""
        for worker in self._workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait(LIMIT_S)
        self.database.close()

    def count(self, table: str = "scored_events") -> int:
        """Rows of a table."""
        return int(self.database.query(f"SELECT count() FROM {table}")[0][0])

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Until `done`; fails with the worker's last words when it ends or nothing comes."""
        limit = time.monotonic() + LIMIT_S
        while not done():
            ended = [w for w in self._workers[-1:] if w.poll() is not None]
            if ended or time.monotonic() > limit:
                raise AssertionError(f"waited for {what}: {self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def wait_for_records(self, n: int) -> None:
        """Until n records have become rows or dead letters."""
        self.wait(lambda: self.count() + self.count("dead_letters") >= n, f"{n} records")

    def told(self) -> list[Alert]:
        """Documents on the topic of alerts."""
        topic = self.settings.topic_prefix + "alerts"
        consumer = plain_consumer(self.settings, auto_offset_reset="earliest", enable_auto_commit=False)
        try:
            from kafka import TopicPartition

            parts = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(parts)
            ends = consumer.end_offsets(parts)
            found: list[Alert] = []
            while any(consumer.position(p) < ends[p] for p in parts):
                for batch in consumer.poll(timeout_ms=500).values():
                    found += [Alert.model_validate_json(r.value) for r in batch]
            return found
        finally:
            consumer.close()

    def checkpoints(self) -> list[Path]:
        """Files of the checkpoint store."""
        return sorted(self.settings.checkpoints.rglob("*.ckpt"))


def write_inventory(records: Iterable[Record], path: Path) -> Path:
    """The device events among the records, as the file that a user would give."""
    devices = [Device.model_validate_json(r.value or b"") for r in records if r.source == "devices"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["mac", "ip", "class", "vendor", "model", "firmware", "segment"])
        for d in devices:
            writer.writerow([d.mac, d.ip, d.device_class, d.vendor, d.model, d.firmware, d.segment])
    return path


def scanned(records: Iterable[Record], settings: Settings, chunk: int = 3000) -> Outcome:
    """The same records through the offline scan, into a database of its own."""
    database = ClickHouse.connect(settings)
    database.migrate()
    scan = Scan(Plan.of(settings, make_keys=True), "scan", chunk, database=database)
    for r in records:
        scan.add(Parsed(r.source, 0.0, "", r.value or b""))
    scan.finish()
    try:
        return outcome(database)
    finally:
        database.close()
