"""The records all candidates get: network events of the simulated hospital, in event time order."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.simulator.hospital import Hospital

_START_TS = 1_767_225_600.0  # 2026-01-01 00:00 UTC
_EVENTS_PER_S = 500.0
_NETWORK_PART = 0.6  # less than the part of network events in the stream, so that the span always suffices


@dataclass(frozen=True)
class Corpus:
    """Kafka keys and documents, every one with its own event id."""

    keys: list[bytes]
    values: list[bytes]

    def __len__(self) -> int:
        return len(self.values)

    def part(self, first: int, last: int) -> "Corpus":
        """Records first … last - 1."""
        return Corpus(self.keys[first:last], self.values[first:last])

    def mean_bytes(self) -> float:
        """Mean length of a document."""
        return sum(map(len, self.values)) / max(len(self.values), 1)

    def save(self, path: Path) -> None:
        """Write to one file, for candidates that are processes of their own."""
        arrays = {}
        for name, texts in (("key", self.keys), ("value", self.values)):
            arrays[f"{name}_data"] = np.frombuffer(b"".join(texts), np.uint8)
            arrays[f"{name}_size"] = np.fromiter(map(len, texts), np.int64, len(texts))
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Corpus":
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(*(list(_cut(arrays[f"{n}_data"], arrays[f"{n}_size"])) for n in ("key", "value")))


def _cut(data: np.ndarray, sizes: np.ndarray) -> Iterator[bytes]:
    joined, start = data.tobytes(), 0
    for size in sizes.tolist():
        yield joined[start : start + size]
        start += size


def simulate(events: int, seed: int = 7) -> Corpus:
    """`events` network events with attacks among them: about 24 µs each."""
    span_s = max(60.0, events / (_EVENTS_PER_S * _NETWORK_PART))
    hospital = Hospital(seed=seed, start_ts=_START_TS, events_per_s=_EVENTS_PER_S)
    keys, values = [], []
    for event in hospital.events(span_s):
        if event.source == "network":
            keys.append(event.key.encode())
            values.append(event.value)
            if len(values) == events:
                break
    if len(values) < events:
        raise AssertionError(f"the simulator gave {len(values)} network events in {span_s:.0f} s")
    return Corpus(keys, values)
