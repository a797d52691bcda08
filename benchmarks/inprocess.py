"""Candidates that time themselves: the engine without Kafka, and the limits that no design can beat.

    python -m benchmarks.inprocess NAME --corpus FILE --warmup N --out FILE [--topic NAME]

`engine`: Line.process over chunks, rows included, nothing sent. `decode`: JSON to columns only. `insert`: ready rows
to ClickHouse only. `fetch`: aiokafka's getmany only. The first `warmup` records are not timed.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from aiokafka import AIOKafkaConsumer

from benchmarks.corpus import Corpus
from pipeline.features.decode import decode
from pipeline.runtime.kept_memory import keep_memory
from pipeline.runtime.line import Line, Plan
from pipeline.settings import Settings, load_settings
from pipeline.sinks.clickhouse import ClickHouse

SOURCE = "network"


class Stopwatch:
    """Wall and processor time of this process."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self, events: int) -> dict[str, float]:
        """Since it was made."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return {"events": events, "wall_s": wall, "cpu_s": cpu}


def _chunks(values: list[bytes], size: int) -> Iterator[tuple[int, list[bytes]]]:
    for start in range(0, len(values), size):
        yield start, values[start : start + size]


def process(line: Line, values: list[bytes], first: int, chunk: int) -> Iterator[pa.Table]:
    """Rows of `values`, chunk by chunk, as a worker would make them; alerts are grouped and dropped."""
    for start, documents in _chunks(values, chunk):
        offsets = np.arange(first + start, first + start + len(documents))
        product = line.process(documents, SOURCE, 0, offsets)
        if product.refused:
            raise RuntimeError(f"a record was refused: {product.refused[0].reason}")
        line.changed_alerts()
        line.grouper.close(product.latest)
        yield product.rows


def engine(corpus: Corpus, warmup: int, settings: Settings) -> dict[str, float]:
    """Documents to rows and alerts, all detectors on."""
    line = Line(SOURCE, Plan.of(settings, make_keys=True))
    for _ in process(line, corpus.values[:warmup], 0, settings.chunk_records):
        pass
    watch = Stopwatch()
    rows = sum(t.num_rows for t in process(line, corpus.values[warmup:], warmup, settings.chunk_records))
    return watch.read(rows)


def decode_only(corpus: Corpus, warmup: int, settings: Settings) -> dict[str, float]:
    """JSON documents to validated columns."""
    for _, documents in _chunks(corpus.values[:warmup], settings.chunk_records):
        decode(SOURCE, documents, settings.key_groups)
    watch = Stopwatch()
    events = 0
    for _, documents in _chunks(corpus.values[warmup:], settings.chunk_records):
        events += decode(SOURCE, documents, settings.key_groups).batch.n
    return watch.read(events)


def insert_only(corpus: Corpus, warmup: int, settings: Settings) -> dict[str, float]:
    """Rows that were made before, in blocks of `insert_rows`, one after the other as the worker does."""
    line = Line(SOURCE, Plan.of(settings, make_keys=True))
    rows = pa.concat_tables(list(process(line, corpus.values, 0, settings.chunk_records)))
    database = ClickHouse.connect(settings)
    database.insert("scored_events", rows.slice(0, warmup))
    timed = rows.slice(warmup)
    watch = Stopwatch()
    for start in range(0, timed.num_rows, settings.insert_rows):
        database.insert("scored_events", timed.slice(start, settings.insert_rows), f"{start}")
    result = watch.read(timed.num_rows)
    database.close()
    return result


async def fetch_only(topic: str, warmup: int, events: int, settings: Settings) -> dict[str, float]:
    """Records of a topic as aiokafka gives them."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=settings.kafka_bootstrap, auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
    )  # fmt: skip
    await consumer.start()
    try:
        seen = 0
        while seen < warmup:
            seen += await _fetched(consumer, settings)
        watch, first = Stopwatch(), seen
        while seen < events:
            seen += await _fetched(consumer, settings)
        return watch.read(seen - first)
    finally:
        await consumer.stop()


async def _fetched(consumer: AIOKafkaConsumer, settings: Settings) -> int:
    found = await consumer.getmany(timeout_ms=500, max_records=settings.chunk_records)
    return sum(map(len, found.values()))


def main() -> None:
    """Run one candidate and write what it took as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=("engine", "decode", "insert", "fetch"))
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--warmup", type=int, required=True)
    parser.add_argument("--topic", default="")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    keep_memory()  # as a worker does
    corpus, settings = Corpus.load(given.corpus), load_settings()
    if given.name == "fetch":
        result = asyncio.run(fetch_only(given.topic, given.warmup, len(corpus), settings))
    else:
        run = {"engine": engine, "decode": decode_only, "insert": insert_only}[given.name]
        result = run(corpus, given.warmup, settings)
    given.out.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
