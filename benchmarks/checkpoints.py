"""What a checkpoint costs: under the worker's lock, in its thread, on the disk, and when it is read again.

    python -m benchmarks.checkpoints [--entities 10000 100000 1000000] [--json FILE]

One worker's state of network flows with as many entities as given, each size in a process of its own and all key
groups in one partition, which is the worst case. Measured are intervals of 15 s at two loads: a hospital that sends
5,000 events a second, and as many events as the engine takes. The share is processor time of a checkpoint, under the
lock and in the thread, by the interval at the hospital's rate, and by the engine's processor time at full load.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.bench import machine
from benchmarks.flat import flows
from benchmarks.inprocess import SOURCE
from benchmarks.stage import cores, on_core
from pipeline.runtime.checkpoint.snapshot import Snapshot
from pipeline.runtime.checkpoint.store import CheckpointStore, Saved
from pipeline.runtime.line import Line, Plan
from pipeline.settings import load_settings

INTERVAL_S = 15.0
HOSPITAL_EVENTS_PER_S = 5_000
ENTITIES = (10_000, 100_000, 1_000_000)
_KEY = b"the key of a benchmark"
_LOADS = (("hospital", int(INTERVAL_S * HOSPITAL_EVENTS_PER_S), 4), ("full", None, 2))
"""Name, events an interval, intervals."""
_WARM_EVENTS = 400_000


class Subject:
    """A line of network flows, its store in `folder`, and the costs of its checkpoints."""

    def __init__(self, entities: int, folder: Path) -> None:
        settings = load_settings(identifiers="plain")
        self.groups = range(settings.key_groups)
        self.line = Line(SOURCE, Plan.of(settings, make_keys=False))
        self.folder = folder
        self.store = CheckpointStore(folder, _KEY)
        self.next_offset = 0
        self._documents: Iterator[list[bytes]] = flows(1 << 40, entities)

    def process(self, events: int | None, limit_s: float = INTERVAL_S) -> tuple[int, float]:
        """So many events, or as many as `limit_s` of a processor take; how many, and the seconds they took."""
        done, spent_s = 0, 0.0
        while spent_s < limit_s and (events is None or done < events):
            documents = next(self._documents)
            offsets = np.arange(self.next_offset, self.next_offset + len(documents))
            began = time.process_time()
            product = self.line.process(documents, SOURCE, 0, offsets)
            self.line.changed_alerts()
            self.line.grouper.close(product.latest)
            spent_s += time.process_time() - began
            self.next_offset += len(documents)
            done += len(documents)
        return done, spent_s

    def checkpoint(self) -> dict[str, Any]:
        """One checkpoint: milliseconds under the lock and in the thread, megabytes in memory and in the file."""
        began, cpu = time.perf_counter(), time.thread_time()
        snapshot = self._snapshot()
        locked_s, locked_cpu_s = time.perf_counter() - began, time.thread_time() - cpu
        stored = snapshot.stored_bytes
        began, cpu = time.perf_counter(), time.thread_time()
        saved: Saved = self.store.save(snapshot)
        return {
            "whole": saved.whole,
            "lock_ms": locked_s * 1e3,
            "lock_cpu_ms": locked_cpu_s * 1e3,
            "thread_ms": (time.perf_counter() - began) * 1e3,
            "cpu_s": locked_cpu_s + time.thread_time() - cpu,
            "pages_mb": stored / 1e6,
            "file_mb": saved.size / 1e6,
        }

    def _snapshot(self) -> Snapshot:
        snapshot = self.store.snapshot(SOURCE, 0, self.next_offset, self.line.identity())
        for group in self.groups:
            for name, state in self.line.state([group]).items():
                snapshot.add(name, state)
        return snapshot

    def state_mb(self) -> float:
        """Bytes of all arrays."""
        groups = self.line.state(self.groups).values()
        return sum(a.nbytes for parts in groups for named in parts.values() for a in named.values()) / 1e6

    def restore_ms(self) -> float:
        """Reading, verifying and putting back the newest checkpoint; it must be the one written last."""
        began = time.perf_counter()
        found = CheckpointStore(self.folder, _KEY).load(SOURCE, 0, self.line.identity())
        assert found is not None
        assert found.next_offset == self.next_offset
        for name, state in found.state.items():
            self.line.load(int(name), {part: dict(arrays) for part, arrays in state.items()})
        return (time.perf_counter() - began) * 1e3


def measure(entities: int) -> list[dict[str, Any]]:
    """Both loads at one size."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        subject = Subject(entities, Path(folder))
        subject.process(max(_WARM_EVENTS, entities), limit_s=120.0)
        subject.checkpoint()
        for load, events, intervals in _LOADS:
            done, spent_s, costs = 0, 0.0, []
            for _ in range(intervals):
                n, took_s = subject.process(events)
                done, spent_s = done + n, spent_s + took_s
                costs.append(subject.checkpoint())
            time_s = INTERVAL_S * intervals if load == "hospital" else spent_s
            results.append(
                {
                    "entities": entities,
                    "load": load,
                    "events_per_interval": done // intervals,
                    "state_mb": round(subject.state_mb(), 1),
                    **_by_kind(costs),
                    "share": round(sum(c["cpu_s"] for c in costs) / time_s, 4),
                    "restore_ms": round(subject.restore_ms(), 1),
                }
            )
    return results


def _by_kind(costs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of whole checkpoints and of differences; None where there were none."""
    out: dict[str, Any] = {"lock_ms_max": round(max(c["lock_ms"] for c in costs), 1)}
    for kind, whole in (("base", True), ("diff", False)):
        mine = [c for c in costs if c["whole"] is whole]
        out[f"{kind}s"] = len(mine)
        for name in ("lock_ms", "lock_cpu_ms", "thread_ms", "pages_mb", "file_mb"):
            out[f"{kind}_{name}"] = round(float(np.median([c[name] for c in mine])), 1) if mine else None
    return out


def table(results: list[dict[str, Any]]) -> Table:
    """One row a size and load."""
    out = Table(title="checkpoints of one worker's network state, every 15 s")
    left = ("entities", "load", "events", "state MB", "kind", "n")
    costs = ("lock ms", "of it cpu", "thread ms", "pages MB", "file MB")
    for name in (*left, *costs, "restore ms", "share"):
        out.add_column(name, justify="left" if name in ("load", "kind") else "right")
    for r in results:
        for kind in ("base", "diff"):
            if r[f"{kind}s"]:
                first = [f"{r['entities']:,}", r["load"], f"{r['events_per_interval']:,}", r["state_mb"], kind]
                names = ("s", "_lock_ms", "_lock_cpu_ms", "_thread_ms", "_pages_mb", "_file_mb")
                out.add_row(
                    *map(str, [*first, *(r[f"{kind}{n}"] for n in names), r["restore_ms"], f"{r['share']:.2%}"])
                )
    return out


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entities", type=int, nargs="+", default=ENTITIES)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = []
    with on_core(cores()[1]):
        for entities in given.entities:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                results += pool.apply(measure, (entities,))
    Console(file=sys.stderr, width=140).print(table(results))
    text = json.dumps({"machine": machine(), "checkpoints": results}, indent=2)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
