"""How long after an event its alert is on the topic, at half load, by Kafka's own timestamps.

    python -m benchmarks.latency [--rate EVENTS_PER_S] [--seconds S] [--json FILE]

The worker gets a steady stream of network events, a write every 10 ms. Ten times a second one of them is a grave
sensor alert about an address of its own, which has to become an alert. Latency: the timestamp of the alert on the
topic (set by the broker, LogAppendTime) less that of its event (set by the producer, CreateTime); one clock, as all
run on one machine.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from benchmarks.bench import machine
from benchmarks.corpus import Corpus, simulate
from benchmarks.roster import Load, Runner
from benchmarks.stage import cores, partition_of, temporary_stage
from benchmarks.streamed import Task, wait_for_rows

_TICK_S = 0.01
_TICKS_A_PLANT = 10
_PATIENCE_S = 15.0
_WARMUP = 20_000


def planted(number: int, ts: float) -> tuple[bytes, bytes]:
    """(key, document) of a grave sensor alert about an address and a signature that nothing else names."""
    address = f"10.{200 + number // 65536}.{number // 256 % 256}.{number % 256}"
    return address.encode(), orjson.dumps({
        "ts": ts, "event_id": f"planted-{number}", "format": "suricata.alert", "kind": "ids_alert",
        "src_ip": address, "dst_ip": "203.0.113.9", "signature_id": str(9_000_000 + number),
        "signature": "Known command and control server", "category": "Network Trojan", "severity": 1,
    })  # fmt: skip


class Drive:
    """Produces at a steady rate and notes when each planted event was stamped."""

    def __init__(self, bootstrap: str, topic: str, corpus: Corpus, rate: float) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=900_000)
        self._topic = topic
        self._corpus = corpus
        self._per_tick = max(1, round(rate * _TICK_S))
        self.stamped_ms: dict[str, int] = {}
        self.late_s = 0.0
        """How far the driver itself fell behind its schedule, at worst."""
        self.acks_s: list[float] = []
        """What the broker took to acknowledge each write: no worker can be quicker than that."""

    async def run(self) -> None:
        """Write the whole corpus, tick by tick."""
        await self._producer.start()
        begin = time.monotonic()
        try:
            for tick, start in enumerate(range(0, len(self._corpus), self._per_tick)):
                due = begin + tick * _TICK_S
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                self.late_s = max(self.late_s, time.monotonic() - due)
                await self._write(tick, self._corpus.part(start, start + self._per_tick))
        finally:
            await self._producer.stop()

    async def _write(self, tick: int, part: Corpus) -> None:
        now_ms = int(time.time() * 1000)
        records = list(zip(part.keys, part.values, strict=True))
        if tick % _TICKS_A_PLANT == 0:
            number = tick // _TICKS_A_PLANT
            key, value = planted(number, float(orjson.loads(part.values[-1])["ts"]))
            records.append((key, value))
            self.stamped_ms[key.decode()] = now_ms
        batches: dict[int, BatchBuilder] = {}
        for key, value in records:
            partition = partition_of(key)
            batch = batches.setdefault(partition, self._producer.create_batch())
            batch.append(key=key, value=value, timestamp=now_ms)
        for partition, batch in batches.items():
            begin = time.monotonic()
            sent = await self._producer.send_batch(batch, self._topic, partition=partition)
            sent.add_done_callback(lambda _, begin=begin: self.acks_s.append(time.monotonic() - begin))


async def _listen(bootstrap: str, topic: str, drive: Drive, driving: asyncio.Event) -> dict[str, int]:
    """Milliseconds from event to alert by planted address, until all are there or patience ends."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    took: dict[str, int] = {}
    patience = _PATIENCE_S
    try:
        while patience > 0 and not (driving.is_set() and len(took) == len(drive.stamped_ms)):
            found = await consumer.getmany(timeout_ms=200)
            for record in (r for records in found.values() for r in records):
                entity = (record.key or b"").decode()
                if entity in drive.stamped_ms:
                    took.setdefault(entity, record.timestamp - drive.stamped_ms[entity])
            patience -= 0.2 if driving.is_set() else 0.0
    finally:
        await consumer.stop()
    return took


async def _measure(bootstrap: str, run_id: str, corpus: Corpus, rate: float) -> tuple[Drive, dict[str, int]]:
    drive, done = Drive(bootstrap, f"{run_id}.network", corpus, rate), asyncio.Event()
    listening = asyncio.create_task(_listen(bootstrap, f"{run_id}.alerts", drive, done))
    await drive.run()
    done.set()
    return drive, await listening


def measure(rate: float, seconds: float) -> dict[str, Any]:
    """p50, p95, p99 and maximum in milliseconds, and how many of the planted events became alerts."""
    corpus = simulate(_WARMUP + round(rate * seconds))
    server_core, core = cores()
    warmup, timed = corpus.part(0, _WARMUP), corpus.part(_WARMUP, len(corpus))
    with temporary_stage(server_core) as (stage, folder):
        stage.create_topic("r.alerts", settings={"message.timestamp.type": "LogAppendTime"})
        worker = Runner(stage, folder, core, Load.none(), "").worker("r", folder)
        try:
            stage.fill("r.network", warmup)
            wait_for_rows(stage, Task("r.network", "r", "scored_events", warmup, timed, None), _WARMUP, worker)
            cpu = worker.cpu_s()
            drive, took = asyncio.run(_measure(stage.kafka.bootstrap, "r", timed, rate))
            cpu = worker.cpu_s() - cpu
        finally:
            worker.stop()
    figures = np.percentile(list(took.values()), (50, 95, 99, 100))
    acks = np.percentile(drive.acks_s, (50, 99)) * 1000
    return {
        "rate_events_per_s": rate, "seconds": seconds, "planted": len(drive.stamped_ms), "alerts": len(took),
        **{f"{n}_ms": round(float(v), 1) for n, v in zip(("p50", "p95", "p99", "max"), figures, strict=True)},
        "broker_ack_p50_ms": round(float(acks[0]), 1), "broker_ack_p99_ms": round(float(acks[1]), 1),
        "driver_late_ms": round(drive.late_s * 1000, 1), "worker_core_busy": round(cpu / seconds, 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=20_000, help="half of what bench says the worker does here")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    text = json.dumps({"machine": machine(), "latency": measure(given.rate, given.seconds)}, indent=2)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
