"""Whether an event costs the same when there are more events and more entities: the engine in one process.

    python -m benchmarks.flat [--full] [--json FILE]

Each size runs in a process of its own. Events are network flows of entities that come back at random, so that every
one of them stays live; a quarter of the events is not timed. Default sizes: 200,000 events of 10,000 entities against
800,000 of 100,000; `--full`: 1 million of 10,000 against 10 million of 1 million.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench import machine
from benchmarks.inprocess import SOURCE
from benchmarks.stage import cores, on_core
from pipeline.runtime.line import Line, Plan
from pipeline.settings import load_settings

QUICK = ((200_000, 10_000), (800_000, 100_000))
FULL = ((1_000_000, 10_000), (10_000_000, 1_000_000))
_CHUNK = 8000
_START_TS = 1_767_225_600.0
_EVENTS_PER_S = 500.0
_FLOW = (
    '{{"ts":{ts:.6f},"event_id":"{n:032x}","format":"zeek.conn","src_ip":"10.{a}.{b}.{c}","src_port":{port},'
    '"dst_ip":"192.0.2.{d}","dst_port":{dport},"proto":"tcp","service":"ssl","uid":"C{n:017d}","kind":"flow",'
    '"duration_s":{t:.6f},"bytes_out":{out},"bytes_in":{back},"packets_out":{pout},"packets_in":{pback},'
    '"conn_state":"SF","history":"ShADadFf"}}'
)
_SERVICES = (443, 80, 53, 445, 5432, 104)


def flows(events: int, entities: int, seed: int = 7) -> Iterator[list[bytes]]:
    """Chunks of flow documents whose sources are drawn evenly from `entities` addresses."""
    random = np.random.default_rng(seed)
    for first in range(0, events, _CHUNK):
        n = min(_CHUNK, events - first)
        who, to = random.integers(0, entities, n).tolist(), random.integers(1, 255, n).tolist()
        port = random.integers(1024, 65536, n).tolist()
        out, back = (random.lognormal(mean, 1.0, n).astype(np.int64).tolist() for mean in (7.0, 9.0))
        lasting = random.exponential(1.0, n).tolist()
        yield [
            _FLOW.format(
                ts=_START_TS + (first + i) / _EVENTS_PER_S, n=first + i, a=w >> 16, b=w >> 8 & 255, c=w & 255,
                port=port[i], d=to[i], dport=_SERVICES[w % len(_SERVICES)], t=lasting[i], out=out[i], back=back[i],
                pout=out[i] // 900 + 1, pback=back[i] // 1400 + 1,
            ).encode()
            for i, w in enumerate(who)
        ]  # fmt: skip


def measure(events: int, entities: int) -> dict[str, Any]:
    """Processor time an event of Line.process after the first quarter, and the memory of the process."""
    line = Line(SOURCE, Plan.of(load_settings(identifiers="plain"), make_keys=False))
    done, timed, cpu, quarters = 0, 0, 0.0, [0.0, 0.0, 0.0]
    for documents in flows(events, entities):
        offsets = np.arange(done, done + len(documents))
        begin = time.process_time()
        product = line.process(documents, SOURCE, 0, offsets)
        line.changed_alerts()
        line.grouper.close(product.latest)
        used = time.process_time() - begin
        quarter = done * 4 // events
        if quarter:
            timed, cpu = timed + len(documents), cpu + used
            quarters[quarter - 1] += used / (events / 4) * 1e6
        done += len(documents)
    return {
        "events": events, "entities": entities, "us_per_event": round(cpu / max(timed, 1) * 1e6, 2),
        "us_per_event_by_quarter": [round(q, 2) for q in quarters],
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
    }  # fmt: skip


def compare(sizes: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    """Both sizes, each in a fresh process, and the ratio of their costs (1 is flat)."""
    _, core = cores()
    results = []
    with on_core(core):
        for size in sizes:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                results.append(pool.apply(measure, size))
    return {"sizes": results, "ratio": round(results[-1]["us_per_event"] / results[0]["us_per_event"], 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="up to 10 million events of a million entities")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    text = json.dumps({"machine": machine(), "flat": compare(FULL if given.full else QUICK)}, indent=2)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
