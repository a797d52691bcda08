"""What the whole network catalogue costs: flow records a second in the engine, by detector, and the state it holds."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.flat import flows
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.detectors.detector import Detector, Scores
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.simulator.hospital import Hospital

title = "Cost of the network catalogue"
protocol = """
One process, all network detectors on, defaults, chunks of 8,000 documents; processor time of the engine alone, without
decoding, by `time.process_time`; the first quarter of each stream is not timed. Streams: flows whose sources are drawn
evenly from 10,000 and from a million addresses, to 254 destinations each (so a million hosts and millions of pairs),
and the network events of a simulated hospital of 200 staff. `state MB` is what a checkpoint of all key groups holds.
Below each stream: its detectors of at least 2 % of the cost, microseconds an event of the stream.
"""
SOURCE = "network"
GROUPS = 8
CHUNK = 8000
SHOWN = 0.02
HOSPITAL_S, HOSPITAL_RATE, START_TS = 6 * 3600.0, 25.0, 1_772_438_400.0


def run(options: Options) -> list[Row]:
    """One row a stream and one a detector that costs something."""
    _spend(Engine(SOURCE, EngineConfig(GROUPS)), _hospital(3600.0))  # compiles, and fills no state that is measured
    rows = []
    for name, chunks in (
        ("flows of 10,000 hosts", flows(4 * options.rows, 10_000)),
        ("flows of 1,000,000 hosts", flows(8 * options.rows, 1_000_000)),
        ("hospital", _hospital(HOSPITAL_S)),
    ):
        rows += _measured(name, chunks)
    return rows


def _hospital(seconds: float) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    hospital = Hospital(start_ts=START_TS, staff=200, events_per_s=HOSPITAL_RATE)
    for event in hospital.events(seconds):
        if event.source == SOURCE:
            chunk.append(event.value)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk


class _Timed:
    """A detector's `score` with a stopwatch."""

    def __init__(self, detector: Detector) -> None:
        self._score = detector.score
        self.spent_s = 0.0

    def __call__(self, batch: Batch) -> Scores:
        begin = time.process_time()
        result = self._score(batch)
        self.spent_s += time.process_time() - begin
        return result


def _spend(engine: Engine, chunks: Iterator[list[bytes]]) -> list[tuple[int, float, dict[str, float]]]:
    """(events, seconds, seconds by detector) of each chunk."""
    watches = {}
    for name, detector in engine.detectors.items():
        watches[name] = detector.score = _Timed(detector)  # type: ignore[method-assign]
    out, done = [], 0
    for documents in chunks:
        batch = decode(SOURCE, documents, GROUPS).batch
        before = {name: w.spent_s for name, w in watches.items()}
        begin = time.process_time()
        engine.process(batch, Origin(SOURCE, 0, np.arange(done, done + batch.n)))
        spent = time.process_time() - begin
        done += batch.n
        out.append((batch.n, spent, {name: w.spent_s - before[name] for name, w in watches.items()}))
    return out


def _measured(name: str, chunks: Iterator[list[bytes]]) -> list[Row]:
    engine = Engine(SOURCE, EngineConfig(GROUPS))
    all_chunks = _spend(engine, chunks)
    timed = all_chunks[len(all_chunks) // 4 :]
    events, spent = sum(n for n, _, _ in timed), sum(s for _, s, _ in timed)
    state = _state_bytes(engine)
    rows: list[Row] = [
        {
            "stream": name,
            "detector": f"all {len(engine.detectors)}",
            "us/event": round(1e6 * spent / events, 2),
            "events/s": int(events / spent),
            "state MB": round(sum(state.values()) / 1e6, 1),
        }
    ]
    by_name = {d: sum(each[d] for _, _, each in timed) for d in engine.detectors}
    for detector, seconds in sorted(by_name.items(), key=lambda item: -item[1]):
        if seconds >= SHOWN * spent:
            rows.append(
                {
                    "stream": name,
                    "detector": detector,
                    "us/event": round(1e6 * seconds / events, 3),
                    "state MB": round(state[detector] / 1e6, 1),
                }
            )
    return rows


def _state_bytes(engine: Engine) -> dict[str, int]:
    """Bytes of every detector's state over all key groups."""
    sizes = dict.fromkeys(engine.detectors, 0)
    for group in range(GROUPS):
        for name, arrays in engine.state(group).items():
            if name in sizes:
                sizes[name] += sum(a.nbytes for a in arrays.values())
    return sizes
