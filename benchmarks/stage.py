"""A real broker and a real ClickHouse-protocol server in a temporary folder, and ways to fill topics fast."""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import time
from types import TracebackType
from typing import Self

import psutil
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.partitioner.default import murmur2

from benchmarks.corpus import Corpus
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse

PARTITIONS = 4
_BATCH_BYTES = 512 << 10


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """This thread, and all it starts meanwhile, on one core only (Linux; elsewhere nothing)."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cores() -> tuple[int, int]:
    """(core of the servers and the driver, core of the candidates); the same one where there is only one."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0, 1]
    return usable[0], usable[min(1, len(usable) - 1)]


class Stage:
    """Kafka and ClickHouse on free ports under `folder`, on the core of this thread; use it by `with`."""

    def __init__(self, folder: Path) -> None:
        self.kafka = LocalKafka(folder / "kafka", port=free_port())
        self.clickhouse = LocalClickHouse(folder / "clickhouse", port=free_port())
        self._stack = ExitStack()
        self._databases: dict[str, ClickHouse] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.kafka)
            stack.enter_context(self.clickhouse)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for database in self._databases.values():
            database.close()
        self._stack.__exit__(kind, error, trace)

    def database(self, name: str) -> ClickHouse:
        """A database of its own with our tables, made on first use."""
        if name not in self._databases:
            default = ClickHouse.connect(self._settings("default"))
            default.raw(f"CREATE DATABASE IF NOT EXISTS {name}", "Null")
            default.close()
            self._databases[name] = ClickHouse.connect(self._settings(name))
            self._databases[name].migrate()
        return self._databases[name]

    def _settings(self, database: str) -> Settings:
        return Settings(clickhouse_url=self.clickhouse.url, clickhouse_database=database)

    def count(self, database: str, table: str) -> int:
        """Rows of a table, replaced ones included; cheap, as the server answers it from its metadata."""
        return int(self.database(database).raw(f"SELECT count() FROM {table}", "TSV"))

    def create_topic(self, name: str, partitions: int = PARTITIONS, settings: Mapping[str, str] | None = None) -> None:
        """A new topic, with Kafka's own settings for it."""
        admin = KafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        admin.create_topics([NewTopic(name, partitions, 1, topic_configs=dict(settings or {}))])
        admin.close()

    def messages(self, topic: str) -> int:
        """Messages ever written to a topic."""
        consumer = KafkaConsumer(bootstrap_servers=self.kafka.bootstrap)
        try:
            partitions = consumer.partitions_for_topic(topic) or ()
            return sum(consumer.end_offsets([TopicPartition(topic, p) for p in partitions]).values())
        finally:
            consumer.close()

    def server_cpu_s(self) -> dict[str, float]:
        """Processor time of each server so far."""
        servers = (self.kafka, self.clickhouse)
        return {s.name: sum(psutil.Process(s.pid).cpu_times()[:2]) for s in servers}

    def fill(self, topic: str, corpus: Corpus, compression: str | None = "lz4") -> None:
        """Write records keyed as every Kafka producer keys them, in large batches: a second for 400,000."""
        asyncio.run(self._fill(topic, corpus, compression))

    async def _fill(self, topic: str, corpus: Corpus, compression: str | None) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.kafka.bootstrap, max_batch_size=_BATCH_BYTES, compression_type=compression
        )
        await producer.start()
        try:
            sent = [
                await producer.send_batch(batch, topic, partition=partition)
                for partition, batch in _batches(producer, corpus)
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()


@contextmanager
def temporary_stage(core: int) -> Iterator[tuple[Stage, Path]]:
    """A running stage and its folder, on `core`; both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as name, on_core(core), Stage(Path(name)) as stage:
        yield stage, Path(name)


def partition_of(key: bytes, partitions: int = PARTITIONS) -> int:
    """Kafka's default partitioner."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def _batches(producer: AIOKafkaProducer, corpus: Corpus) -> Iterator[tuple[int, BatchBuilder]]:
    known: dict[bytes, int] = {}
    open_batches: dict[int, BatchBuilder] = {}
    now_ms = int(time() * 1000)
    for key, value in zip(corpus.keys, corpus.values, strict=True):
        partition = known.get(key)
        if partition is None:
            partition = known[key] = partition_of(key)
        batch = open_batches.get(partition)
        if batch is None or batch.append(key=key, value=value, timestamp=now_ms) is None:
            if batch is not None:
                yield partition, batch
            batch = open_batches[partition] = producer.create_batch()
            batch.append(key=key, value=value, timestamp=now_ms)
    yield from open_batches.items()
