"""Which contacts sources' key groups give on to the destinations': the first of a day, and those that keep a rhythm."""

from collections.abc import Mapping

import numpy as np

from pipeline.detectors.network.sides import contacted, place, ports
from pipeline.engine.engine import Outcome
from pipeline.engine.finding import Hits
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.recent_ids import RecentIds
from pipeline.features.unknown import among
from pipeline.features.where import address_kind
from pipeline.runtime.relay.greeted_names import GreetedNames
from pipeline.runtime.relay.onward import quoted

RHYTHM = "network.rhythm"
REMEMBERED = 16_384
"""Pairs of source and destination of a key group and day."""
DAY_S = 86_400.0
AGAIN_S = 300.0
"""Of a rhythm one contact in so much time is enough."""
EVIDENCE = ("visits", "interval_s", "jitter", "span_s", "alike", "sudden")
GREETED = "greeted."
State = dict[str, np.ndarray]


class GivenContacts:
    """Pairs that were given on, and names under which addresses were greeted. 800 KiB a key group."""

    def __init__(self, groups: int) -> None:
        self._recent = RecentIds(REMEMBERED, groups)
        self._greeted = GreetedNames(groups)

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON fields of the rows that are given on, by row."""
        batch = outcome.batch
        scores = outcome.scores.get(RHYTHM)
        if scores is None:
            return {}
        rows = np.flatnonzero(scores == scores)
        hits = [h for h in outcome.hits if h.detector == RHYTHM]
        regular = {int(row): (h, k) for h in hits for k, row in enumerate(h.rows.tolist())}
        pair, salt = self._pairs(batch, rows), np.uint64(len(EVIDENCE))
        beats = among(rows, np.array(sorted(regular), np.int64))
        key = np.where(beats, combine_many(pair, np.full(len(rows), salt)), pair)
        times = np.where(beats, np.floor(batch.ts[rows] / AGAIN_S), np.floor(batch.ts[rows] / DAY_S))
        new = rows[~self._recent.copies(key | np.uint64(1), times, batch.groups[rows])].tolist()
        beating = np.array([row for row in new if row in regular], np.int64)
        names = dict(zip(beating.tolist(), self._greeted.of(batch, beating), strict=True))
        hosts = batch.hash("host")
        return {
            row: _beat(*regular[row]) + _host(b"" if hosts[row] else names[row]) if row in regular else b""
            for row in new
        }

    def _pairs(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        inside = address_kind(batch, "dst_ip")[rows] == INTERNAL
        target = place(contacted(batch, rows), ports(batch, rows), inside)
        return combine_many(batch.hash("src_ip")[rows], target)

    def state(self, group: int) -> State:
        """Arrays that restore one key group."""
        return self._recent.state(group) | {f"{GREETED}{k}": v for k, v in self._greeted.state(group).items()}

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. CheckpointError when it does not fit."""
        theirs = {k: v for k, v in state.items() if k.startswith(GREETED)}
        self._recent.load(group, {k: v for k, v in state.items() if k not in theirs})
        self._greeted.load(group, {k.removeprefix(GREETED): v for k, v in theirs.items()})


def _beat(hits: Hits, k: int) -> bytes:
    e = {name: float(hits.noted[name][k]) for name in EVIDENCE}
    return (
        f',"rhythm":{hits.scores[k]:.6f},"visits":{e["visits"]:.0f},"interval_s":{e["interval_s"]:.3f},'
        f'"jitter":{min(e["jitter"], 1e9):.4f},"span_s":{min(e["span_s"], 1e9):.1f},"alike":{e["alike"]:.4f},'
        f'"sudden":{"true" if e["sudden"] else "false"}'
    ).encode()


def _host(name: bytes) -> bytes:
    return b',"host":%b' % quoted(name) if name else b""
