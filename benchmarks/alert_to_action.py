"""From an alert to the executed action, through the running worker: findings, incident, playbook, webhook.

    python -m benchmarks.alert_to_action [--incidents 300] [--a-second 5]

A real broker, a real ClickHouse, a worker in a process of its own and a real web server as the receiver. Each alert is
a critical finding about another host; the time begins when its note is handed to the broker and ends when the
isolation of that host has arrived, undo not counted. Prints JSON: how many arrived, how many twice, p50, p95, p99 and
the longest, in milliseconds.
"""

import argparse
import asyncio
import json
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from aiohttp import web

from benchmarks.faults.harness import Bench
from benchmarks.faults.records import Record
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.response.options import ResponseOptions
from pipeline.settings import Settings
from schemas.finding import Evidence, Observable
from schemas.note import FindingNote

_WARM = 20
_SETTLE_S = 30.0


class _Receiver:
    """Notes when the isolation of a host arrives."""

    def __init__(self) -> None:
        self.port = free_port()
        self.arrived: dict[str, list[float]] = {}
        self._loop = asyncio.new_event_loop()

    async def _take(self, request: web.Request) -> web.Response:
        now = time.time()
        body = await request.json()
        self.arrived.setdefault(body["target"], []).append(now)
        return web.json_response({})

    def start(self) -> None:
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/isolate", self._take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()


def _options(port: int, incidents: int) -> ResponseOptions:
    return ResponseOptions.model_validate(
        {
            "dry_run": False,
            "connectors": {
                "nac": {
                    "kind": "webhook",
                    "url": f"http://127.0.0.1:{port}/isolate",
                    "undo_url": f"http://127.0.0.1:{port}/release",
                    "target_types": ["host"],
                }
            },
            "actions": {"isolate_host": ["nac"]},
            "allowed_hosts": ["127.0.0.1"],
            "limits": {"isolate_host": min(4 * incidents + 1000, 10_000)},
        }
    )


def _note(number: int) -> FindingNote:
    host, now = f"ws-{number:05d}", time.time()
    return FindingNote(
        alert_id=f"alert-{number}", ts=now, first_ts=now, last_ts=now, count=1, detector="logs.backup_tampering",
        title="Backups attacked", severity=5, source="logs", entity=host, entity_type="host", group_key=host,
        score=1.0, threshold=0.5, message=f"{host} deletes its backups.", attacks=["T1490", "T1486"],
        observables=[Observable(name="host", type="host", value=host)], model_version="bench",
        evidence=[Evidence(topic="logs", partition=0, offset=number, event_id=f"e{number}")],
    )  # fmt: skip


def measure(incidents: int, a_second: float) -> dict[str, object]:
    """Play it."""
    receiver = _Receiver()
    receiver.start()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalKafka(Path(folder) / "kafka", port=free_port()) as kafka,
        LocalClickHouse(Path(folder) / "clickhouse", port=free_port()) as clickhouse,
    ):
        settings = Settings(
            data_dir=Path(folder) / "data",
            kafka_bootstrap=kafka.bootstrap,
            clickhouse_url=clickhouse.url,
            response=_options(receiver.port, incidents),
        )
        bench = Bench(settings)
        try:
            bench.start()
            bench.wait(lambda: bench.said("worker ready") > 0, "the worker")
            sent = _send(bench, incidents + _WARM, a_second)
            _wait(receiver, sent)
        finally:
            bench.end()
    return _figures(receiver, sent)


def _send(bench: Bench, count: int, a_second: float) -> dict[str, float]:
    sent = {}
    for number in range(count):
        note = _note(number)
        sent[note.entity] = time.time()
        bench.send([Record("findings", note.entity.encode(), note.to_json())])
        time.sleep(max(sent[note.entity] + 1.0 / a_second - time.time(), 0.0))
    return sent


def _wait(receiver: _Receiver, sent: dict[str, float]) -> None:
    limit = time.monotonic() + _SETTLE_S
    while len(receiver.arrived) < len(sent) and time.monotonic() < limit:
        time.sleep(0.1)
    time.sleep(1.0)  # what would arrive twice


def _figures(receiver: _Receiver, sent: dict[str, float]) -> dict[str, object]:
    measured = list(sent)[_WARM:]
    took = np.array([receiver.arrived[h][0] - sent[h] for h in measured if h in receiver.arrived]) * 1000.0
    return {
        "incidents": len(measured),
        "arrived": len(took),
        "twice": sum(len(times) > 1 for times in receiver.arrived.values()),
        **{f"p{q}_ms": round(float(np.percentile(took, q)), 1) for q in (50, 95, 99)},
        "longest_ms": round(float(took.max()), 1),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=300)
    parser.add_argument("--a-second", type=float, default=5.0)
    given = parser.parse_args()
    print(json.dumps(measure(given.incidents, given.a_second)))


if __name__ == "__main__":
    main()
