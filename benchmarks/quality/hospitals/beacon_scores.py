"""RITA-style beacon scores over the whole batch, written from the published idea (Active Countermeasures, RITA v4).

Every pair of an inside source and an outside destination is scored once the day is over: skew of the intervals
(Bowley), their median absolute deviation, how many connections; skew, deviation and smallness of the bytes sent.
"""

from collections import defaultdict

import numpy as np
import orjson

from benchmarks.quality.hospitals.peers import Peer
from benchmarks.quality.hospitals.raised import Raised
from pipeline.simulator import Emitted

# RITA's defaults: fewer connections are no beacon; scales of the deviations are 30 s and 32 bytes; a tenth of the
# span in seconds is the count that earns full marks; sizes are held against 65,535 bytes.
_LEAST = 20
_MAD_S, _MAD_BYTES, _CONNECTIONS_PER_S, _LARGEST = 30.0, 32.0, 10.0, 65_535.0
INSIDE = "10."


def bowley_skew(values: np.ndarray) -> float:
    """Skew by quartiles in [-1, 1]; 0 where the quartiles are too close to tell, as RITA has it."""
    low, mid, high = np.quantile(values, (0.25, 0.5, 0.75))
    if high - low < 10 or mid in (low, high):
        return 0.0
    return float((low + high - 2 * mid) / (high - low))


def mad(values: np.ndarray) -> float:
    """Median absolute deviation about the median."""
    return float(np.median(np.abs(values - np.median(values))))


def beacon_score(times: np.ndarray, sizes: np.ndarray) -> float:
    """0 to 1 for one pair: times in seconds, sizes in bytes sent."""
    times = np.unique(times.astype(np.int64))
    if len(times) < 3:
        return 0.0
    gaps = np.diff(times)
    regular = (
        1 - abs(bowley_skew(gaps)),
        max(0.0, 1 - mad(gaps) / _MAD_S),
        min(1.0, len(times) / max((times[-1] - times[0]) / _CONNECTIONS_PER_S, 1.0)),
    )
    values, counts = np.unique(sizes, return_counts=True)
    even = (
        1 - abs(bowley_skew(sizes)),
        max(0.0, 1 - mad(sizes) / _MAD_BYTES),
        max(0.0, 1 - values[counts.argmax()] / _LARGEST),
    )
    return (sum(regular) / 3 + sum(even) / 3) / 2


class BeaconScores(Peer):
    """Raises every pair whose score reaches `least_score`."""

    name = "RITA-style"

    def __init__(self, least_score: float = 0.8) -> None:
        self._least = least_score
        self._times: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._sizes: dict[tuple[str, str], list[int]] = defaultdict(list)

    def see(self, event: Emitted) -> None:
        if b'"kind":"flow"' not in event.value:
            return
        doc = orjson.loads(event.value)
        src, dst = doc.get("src_ip", ""), doc.get("dst_ip", "")
        if src.startswith(INSIDE) and not dst.startswith(INSIDE):
            self._times[src, dst].append(doc["ts"])
            self._sizes[src, dst].append(doc.get("bytes_out", 0))

    def finish(self) -> list[Raised]:
        raised = []
        for pair, times in self._times.items():
            if len(times) < _LEAST:
                continue
            score = beacon_score(np.array(times), np.array(self._sizes[pair]))
            if score >= self._least:
                said = f"{pair[0]} to {pair[1]}: {len(times)} connections, score {score:.2f}"
                raised.append(
                    Raised("rita.beacon", ("network.beaconing",), pair[0], frozenset(pair), times[0], times[-1],
                           len(times), (), said)
                )  # fmt: skip
        return raised
