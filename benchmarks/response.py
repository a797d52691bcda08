"""How long after an incident its webhook is there, at a steady rate, with real receivers on loopback.

    python -m benchmarks.response [--rate INCIDENTS_PER_S] [--seconds S] [--fsync] [--slow] [--json FILE]

Each incident is of its own host and leads to a notification and an isolation, both by signed webhook. Latency: from the
incident's document being handed to the responder until the isolation's request is wholly there. Records are written to
a file before anything happens (`--fsync`: through to the disk), where the worker writes to Kafka. `--slow`: the
receiver of notifications never answers.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from aiohttp import web

from benchmarks.bench import machine
from pipeline.response.options import ResponseOptions
from pipeline.response.playbook_set import PlaybookSet
from pipeline.response.playbook_text import read_playbook
from pipeline.response.responder import Responder
from schemas.action import Action
from schemas.incident import Incident, IncidentDetail, Party

_PLAYBOOK = """
type: playbook
spec_version: cacao-2.0
id: playbook--benchmark
name: Benchmark
workflow_start: start--begin
workflow:
  start--begin: {type: start, on_completion: parallel--both}
  parallel--both: {type: parallel, next_steps: [action--notify, action--isolate]}
  action--notify: {type: action, commands: [{type: wardwatch, command: notify}]}
  action--isolate:
    type: action
    commands: [{type: wardwatch, command: isolate_host}]
    targets: [net-address--host]
target_definitions:
  net-address--host: {type: net-address, x_wardwatch: {parties: [host]}}
"""
_PATIENCE_S = 20.0


class Receiver:
    """Answers 200 and notes when what was there."""

    def __init__(self, *, slow: bool) -> None:
        self.arrived: dict[str, float] = {}
        self.copies = 0
        self._slow = slow

    async def take(self, request: web.Request) -> web.Response:
        """Any request."""
        await request.read()
        what, _, host = request.path.strip("/").partition("/")
        if what == "isolate":
            self.copies += host in self.arrived
            self.arrived.setdefault(host, time.perf_counter())
        elif self._slow:
            await asyncio.sleep(3600)
        return web.Response()


class FileLog:
    """Records, durable when `publish` returns."""

    def __init__(self, file: BinaryIO, *, fsync: bool) -> None:
        self._file, self._fsync = file, fsync
        self.records = 0

    async def publish(self, action: Action) -> None:
        """Append."""
        self._file.write(action.to_json() + b"\n")
        self._file.flush()
        if self._fsync:
            await asyncio.to_thread(os.fsync, self._file.fileno())
        self.records += 1


def incident(number: int) -> Incident:
    """About a host of its own."""
    subject = Party(type="host", value=f"ws-{number:06d}", role="subject", device_class="workstation")
    detail = IncidentDetail(
        incident_id=f"incident-{number}", revision=1, kind="ransomware", subject=subject, parties=[subject], risk=90,
        peak_risk=90, opened_because="critical finding", tactics=["Impact"], timeline=[], alerts=1, findings=9,
        silenced=0, notify=True,
    )  # fmt: skip
    return Incident.model_validate({
        "activity_id": 1, "activity_name": "Create", "type_uid": 200501, "type_name": "Incident Finding: Create",
        "time": 0, "start_time": 0, "end_time": 0, "count": 9, "severity_id": 5, "severity": "Critical", "status_id": 1,
        "status": "New", "priority_id": 4, "priority": "Critical", "confidence_score": 90,
        "message": f"{subject.value} encrypts files on the file server",
        "metadata": {"product": {"version": "1"}, "uid": f"incident-{number}-1"}, "finding_info_list": [],
        "unmapped": detail,
    })  # fmt: skip


def _options(url: str, secret: Path) -> ResponseOptions:
    hook = {"kind": "webhook", "secret_file": secret, "undo_url": f"{url}/undo", "timeout_s": 5}
    return ResponseOptions.model_validate({
        "dry_run": False, "allowed_hosts": ["127.0.0.1"], "limits": {"isolate_host": 10_000, "notify": 10_000},
        "connectors": {"nac": hook | {"url": f"{url}/isolate/{{target}}"}, "chat": hook | {"url": f"{url}/notify"}},
        "actions": {"isolate_host": ["nac"], "notify": ["chat"]},
    })  # fmt: skip


async def _drive(responder: Responder, receiver: Receiver, rate: float, count: int) -> dict[str, float]:
    """When each incident was handed over, by host."""
    handed: dict[str, float] = {}
    documents = [incident(i) for i in range(count)]
    begin = time.perf_counter()
    for i, document in enumerate(documents):
        await asyncio.sleep(max(0.0, begin + i / rate - time.perf_counter()))
        handed[document.unmapped.subject.value] = time.perf_counter()
        await responder.consider(document)
    end = time.perf_counter() + _PATIENCE_S
    while len(receiver.arrived) < count and time.perf_counter() < end:
        await asyncio.sleep(0.01)
    return handed


async def measure(rate: float, seconds: float, *, fsync: bool, slow: bool) -> dict[str, Any]:
    """p50, p95, p99 and maximum in milliseconds."""
    receiver, count = Receiver(slow=slow), round(rate * seconds)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    playbook = read_playbook(_PLAYBOOK, "benchmark")
    assert not isinstance(playbook, list), playbook
    with tempfile.TemporaryDirectory() as folder, Path(folder, "actions").open("wb") as file:
        secret = Path(folder, "secret")
        secret.write_text("key of the benchmark")
        log = FileLog(file, fsync=fsync)
        responder = Responder(_options(url, secret), PlaybookSet([playbook]), log.publish)
        cpu = time.process_time()
        handed = await _drive(responder, receiver, rate, count)
        cpu = time.process_time() - cpu
        await responder.close()
    await runner.cleanup()
    took = [(receiver.arrived[host] - ts) * 1000 for host, ts in handed.items() if host in receiver.arrived]
    figures = np.percentile(took, (50, 95, 99, 100))
    return {
        "rate_incidents_per_s": rate, "seconds": seconds, "incidents": count, "isolated": len(took),
        "isolated_twice": receiver.copies, "records": log.records, "fsync": fsync, "slow_notifications": slow,
        **{f"{n}_ms": round(float(v), 1) for n, v in zip(("p50", "p95", "p99", "max"), figures, strict=True)},
        "core_busy": round(cpu / seconds, 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--fsync", action="store_true")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = asyncio.run(measure(given.rate, given.seconds, fsync=given.fsync, slow=given.slow))
    document = json.dumps({"machine": machine(), **found}, indent=2)
    print(document)
    if given.json:
        given.json.write_text(document + "\n")


if __name__ == "__main__":
    main()
