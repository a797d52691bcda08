"""Puts documents of several lanes in order of event time, behind a watermark that the log itself carries.

A lane is a partition of a topic that feeds this one. Its ticks say how far it has come; what is earlier than all lanes'
ticks, less a lateness for disorder within a lane, is let go in order of (event time, event id). Everything happens at
ticks, and these stand in the log: neither the cut of the stream nor when it was read makes a difference.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson

from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from schemas.base import MAX_TS

LATENESS_S = 120.0
MOST_BYTES = 32 << 20
"""Waiting documents of a key group; beyond it the earlier half is let go as it is, which only costs their order."""
_JUMP_S = 86_400.0
Waiting = tuple[float, int, int, bytes]  # event time, hash of the event id, offset, document


@dataclass(slots=True)
class Lanes:
    """How far each lane has come, as one key group was told."""

    clocks: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    """Lane → event time, and seconds of silence where its log has been read to its end."""
    expected: dict[str, int] = field(default_factory=dict)
    """Topic → how many lanes it has."""

    def tick(self, lane: str, lanes: int, ts: float, idle_s: float | None) -> None:
        """What a lane says. A clock that is back by more than a day was wrong before; otherwise none goes back."""
        before = self.clocks.get(lane, (0.0, None))[0]
        clock = ts if ts and ts < before - _JUMP_S else max(ts, before)
        self.clocks[lane] = (clock, idle_s)
        self.expected[lane.rpartition("/")[0]] = lanes

    def watermark(self, topics: Sequence[str]) -> float:
        """Event time that all lanes of `topics` have come to; 0 while one of them has not been heard of."""
        heard: dict[str, int] = {}
        for lane in self.clocks:
            topic = lane.rpartition("/")[0]
            heard[topic] = heard.get(topic, 0) + 1
        if any(heard.get(topic, 0) < self.expected.get(topic, 1) for topic in topics):
            return 0.0
        moving = [clock for clock, idle_s in self.clocks.values() if idle_s is None]
        return min(moving) if moving else max(clock + (idle_s or 0.0) for clock, idle_s in self.clocks.values())


@dataclass(frozen=True, slots=True)
class Step:
    """What was let go, and the event time each key group has come to by then; no group comes twice in a step."""

    documents: list[bytes]
    offsets: list[int]
    horizon: dict[int, float]


class EventOrder:
    """Waiting documents and lanes of every key group. About 1 µs a document."""

    def __init__(self, topics: Sequence[str], lateness_s: float = LATENESS_S, most_bytes: int = MOST_BYTES) -> None:
        """`topics`: the sources that feed this one."""
        self._topics, self._lateness_s, self._most_bytes = topics, lateness_s, most_bytes
        self._waiting: dict[int, list[Waiting]] = {}
        self._bytes: dict[int, int] = {}
        self._lanes: dict[int, Lanes] = {}
        self._early: dict[int, list[Waiting]] = {}

    def take(self, batch: Batch, when: np.ndarray, offsets: np.ndarray) -> list[Step]:
        """Take a batch in log order; `when` float64[n] is what it is ordered by, `offsets` int64[n]."""
        steps: list[Step] = []
        tick = batch.kind("tick").tolist()
        columns = (when.tolist(), batch.hash("event_id").tolist(), offsets.tolist(), batch.groups.tolist())
        for row, (ts, ident, offset, group) in enumerate(zip(*columns, strict=True)):
            if tick[row]:
                self._tick(batch, row, group, steps)
            else:
                self._wait(group, (ts, ident, offset, batch.document(row)))
        return steps

    def horizon(self, groups: Sequence[int]) -> float:
        """Event time that all these key groups have come to."""
        return min((self._horizon(g) for g in groups), default=0.0)

    def _horizon(self, group: int) -> float:
        """Infinite at the end of a scan, when nothing more is to come."""
        lanes = self._lanes.get(group)
        watermark = lanes.watermark(self._topics) if lanes is not None else 0.0
        return np.inf if watermark >= MAX_TS else max(watermark - self._lateness_s, 0.0)

    def _wait(self, group: int, item: Waiting) -> None:
        waiting = self._waiting.setdefault(group, [])
        waiting.append(item)
        size = self._bytes.get(group, 0) + len(item[3])
        if size > self._most_bytes:
            waiting.sort()
            half = len(waiting) // 2 + 1
            self._early.setdefault(group, []).extend(waiting[:half])
            size -= sum(len(w[3]) for w in waiting[:half])
            del waiting[:half]
        self._bytes[group] = size

    def _tick(self, batch: Batch, row: int, group: int, steps: list[Step]) -> None:
        lanes = self._lanes.setdefault(group, Lanes())
        count, idle = batch.value("lanes", row), batch.value("idle_s", row)
        lanes.tick(batch.text("lane", row) or "", int(count or 1), float(batch.ts[row]), idle)
        horizon = self._horizon(group)
        waiting = self._waiting.get(group, [])
        waiting.sort()
        cut = bisect_left(waiting, (horizon,))
        gone = waiting[:cut]
        del waiting[:cut]
        self._bytes[group] = self._bytes.get(group, 0) - sum(len(w[3]) for w in gone)
        gone = [*self._early.pop(group, ()), *gone]
        if not steps or group in steps[-1].horizon:
            steps.append(Step([], [], {}))
        steps[-1].horizon[group] = horizon
        steps[-1].documents.extend(w[3] for w in gone)
        steps[-1].offsets.extend(w[2] for w in gone)

    def state(self, group: int) -> dict[str, np.ndarray]:
        """One key group: what waits, and its lanes."""
        early, waiting = self._early.get(group, []), self._waiting.get(group, [])
        items = [*early, *waiting]
        lanes = self._lanes.get(group, Lanes())
        told = orjson.dumps([lanes.clocks, lanes.expected, len(early)])
        return {
            "when": np.array([w[0] for w in items], float),
            "ids": np.array([w[1] for w in items], np.uint64),
            "offsets": np.array([w[2] for w in items], np.int64),
            "sizes": np.array([len(w[3]) for w in items], np.int64),
            "documents": np.frombuffer(b"".join(w[3] for w in items), np.uint8),
            "lanes": np.frombuffer(told, np.uint8),
        }

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty one forgets the group. Raises CheckpointError when it does not fit."""
        for part in (self._waiting, self._bytes, self._lanes, self._early):
            part.pop(group, None)
        if not state:
            return
        try:
            clocks, expected, early = orjson.loads(state["lanes"].tobytes())
            ends = np.cumsum(state["sizes"]).tolist()
            data = state["documents"].tobytes()
            columns = (state["when"].tolist(), state["ids"].tolist(), state["offsets"].tolist(), [0, *ends], ends)
            items = [(ts, i, o, data[a:b]) for ts, i, o, a, b in zip(*columns, strict=False)]
            lanes = Lanes({lane: (float(c), idle) for lane, (c, idle) in clocks.items()}, dict(expected))
        except (KeyError, ValueError, TypeError) as error:
            raise CheckpointError("waiting documents in the checkpoint are of another version") from error
        self._lanes[group] = lanes
        self._early[group], self._waiting[group] = items[:early], items[early:]
        self._bytes[group] = sum(len(w[3]) for w in items[early:])
