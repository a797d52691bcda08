"""What a second core gives: one engine on one core against two, each with half of the partitions, on two.

    python -m benchmarks.scale [--events N] [--rounds R] [--json FILE]

Without servers, which would need the same two cores: what is measured is whether two workers hinder each other.
Both processes begin their timed part together; the speed of two is all events by the time the slower one took.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bench import machine
from benchmarks.corpus import Corpus, simulate
from benchmarks.inprocess import SOURCE, process
from benchmarks.stage import PARTITIONS, partition_of
from pipeline.runtime.line import Line, Plan
from pipeline.settings import load_settings

_WARMUP_PART = 5  # a fifth of the events is not timed


def _engine(values: list[bytes], core: int, together: Barrier) -> tuple[int, float]:
    """(timed events, wall seconds) of one engine on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    settings = load_settings(identifiers="plain")
    line = Line(SOURCE, Plan.of(settings, make_keys=False))
    warmup = len(values) // _WARMUP_PART
    for _ in process(line, values[:warmup], 0, settings.chunk_records):
        pass
    together.wait()
    begin = time.perf_counter()
    events = sum(t.num_rows for t in process(line, values[warmup:], warmup, settings.chunk_records))
    return events, time.perf_counter() - begin


def _together(parts: list[list[bytes]]) -> float:
    """Events a second of one engine a part, each on a core of its own."""
    context = multiprocessing.get_context("spawn")
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(len(parts)))
    with context.Manager() as manager, context.Pool(len(parts)) as pool:
        together = manager.Barrier(len(parts))
        jobs = [(values, cores[-1 - i % len(cores)], together) for i, values in enumerate(parts)]
        found = pool.starmap(_engine, jobs, chunksize=1)
    return sum(events for events, _ in found) / max(wall for _, wall in found)


def measure(corpus: Corpus, rounds: int) -> dict[str, Any]:
    """Medians of one and of two, interleaved, and their ratio."""
    halves: list[list[bytes]] = [[], []]
    for key, value in zip(corpus.keys, corpus.values, strict=True):
        halves[partition_of(key) * 2 // PARTITIONS].append(value)
    speeds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        speeds[1].append(_together([corpus.values]))
        speeds[2].append(_together(halves))
    one, two = median(speeds[1]), median(speeds[2])
    larger = max(map(len, halves)) / len(corpus)
    return {
        "one_events_per_s": round(one), "two_events_per_s": round(two), "ratio": round(two / one, 2),
        "larger_half": round(larger, 3), "ratio_possible_with_these_halves": round(1 / larger, 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    text = json.dumps({"machine": machine(), "scale": measure(simulate(given.events), given.rounds)}, indent=2)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
