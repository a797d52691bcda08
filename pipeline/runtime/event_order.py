"""Puts documents of several lanes in order of event time, behind a watermark that the log itself carries.

A lane is a partition of a topic that feeds this one. Its ticks say how far it has come; what is earlier than all lanes'
ticks, less a lateness for disorder within a lane, is let go in order of (event time, event id). Everything happens at
ticks, and these stand in the log: neither the cut of the stream nor when it was read makes a difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson

from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from pipeline.features.documents import Documents
from pipeline.runtime.clocks import moved_on
from schemas.base import MAX_TS

LATENESS_S = 120.0
MOST_BYTES = 32 << 20
"""Waiting documents of a key group; beyond it the earlier half is let go as it is, which only costs their order."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """n documents of a key group."""

    when: np.ndarray
    """float64[n], event time."""
    ids: np.ndarray
    """uint64[n], hashes of event ids: what comes at the same time goes by them."""
    offsets: np.ndarray
    """int64[n]"""
    documents: Documents

    def pick(self, rows: np.ndarray) -> "Waiting":
        """Some of them, in the order of `rows` (int64[m])."""
        return Waiting(self.when[rows], self.ids[rows], self.offsets[rows], self.documents.picked(rows))

    def ordered(self, rows: np.ndarray) -> "Waiting":
        """Some of them by event time, then by id, then as they came."""
        return self.pick(rows[np.lexsort((self.offsets[rows], self.ids[rows], self.when[rows]))])

    def size(self) -> int:
        """Bytes of the documents."""
        return int(self.documents.bounds[-1])


_NONE = Waiting(np.zeros(0), np.zeros(0, np.uint64), np.zeros(0, np.int64), Documents.of([]))


def _joined(parts: Sequence[Waiting]) -> Waiting:
    if len(parts) == 1:
        return parts[0]
    return Waiting(
        np.concatenate([_NONE.when, *(p.when for p in parts)]),
        np.concatenate([_NONE.ids, *(p.ids for p in parts)]),
        np.concatenate([_NONE.offsets, *(p.offsets for p in parts)]),
        Documents.joined([p.documents for p in parts]),
    )


@dataclass(slots=True)
class Lanes:
    """How far each lane has come, as one key group was told."""

    clocks: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    """Lane → event time, and seconds of silence where its log has been read to its end."""
    expected: dict[str, int] = field(default_factory=dict)
    """Topic → how many lanes it has."""

    def tick(self, lane: str, lanes: int, ts: float, idle_s: float | None) -> None:
        """What a lane says."""
        self.clocks[lane] = (moved_on(self.clocks.get(lane, (0.0, None))[0], ts), idle_s)
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

    documents: list[Documents]
    offsets: list[np.ndarray]
    horizon: dict[int, float]


class EventOrder:
    """Waiting documents and lanes of every key group. About half a microsecond a document."""

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
        whole = Waiting(when, batch.hash("event_id"), offsets, Documents(batch.data, batch.offsets))
        tick = batch.kind("tick")
        of_group = {g: np.flatnonzero((batch.groups == g) & ~tick) for g in np.unique(batch.groups).tolist()}
        taken = dict.fromkeys(of_group, 0)

        def take_until(group: int, row: int) -> None:
            end = int(np.searchsorted(of_group[group], row))
            if end > taken[group]:
                self._wait(group, whole.pick(of_group[group][taken[group] : end]))
                taken[group] = end

        for row in np.flatnonzero(tick).tolist():
            group = int(batch.groups[row])
            take_until(group, row)
            self._tick(batch, row, group, steps)
        for group in of_group:
            take_until(group, batch.n)
        return steps

    def horizon(self, groups: Sequence[int]) -> float:
        """Event time that all these key groups have come to."""
        return min((self._horizon(g) for g in groups), default=0.0)

    def _horizon(self, group: int) -> float:
        """Infinite at the end of a scan, when nothing more is to come."""
        lanes = self._lanes.get(group)
        watermark = lanes.watermark(self._topics) if lanes is not None else 0.0
        return np.inf if watermark >= MAX_TS else max(watermark - self._lateness_s, 0.0)

    def _wait(self, group: int, more: Waiting) -> None:
        """As if they came one by one: the one that makes too many makes the earlier half go."""
        waiting = self._waiting.setdefault(group, [])
        total = more.documents.bounds[1:] + self._bytes.get(group, 0)
        if total[-1] <= self._most_bytes:
            waiting.append(more)
            self._bytes[group] = int(total[-1])
            return
        last = int(np.searchsorted(total, self._most_bytes, side="right")) + 1
        everything = _joined([*waiting, more.pick(np.arange(last))])
        rows = np.arange(len(everything.documents))
        everything, half = everything.ordered(rows), len(rows) // 2 + 1
        self._early.setdefault(group, []).append(everything.pick(rows[:half]))
        rest = everything.pick(rows[half:])
        self._waiting[group], self._bytes[group] = [rest], rest.size()
        if last < len(more.documents):
            self._wait(group, more.pick(np.arange(last, len(more.documents))))

    def _tick(self, batch: Batch, row: int, group: int, steps: list[Step]) -> None:
        lanes = self._lanes.setdefault(group, Lanes())
        count, idle = batch.value("lanes", row), batch.value("idle_s", row)
        lanes.tick(batch.text("lane", row) or "", int(count or 1), float(batch.ts[row]), idle)
        horizon = self._horizon(group)
        if not steps or group in steps[-1].horizon:
            steps.append(Step([], [], {}))
        steps[-1].horizon[group] = horizon
        for gone in (*self._early.pop(group, ()), self._due(group, horizon)):
            if len(gone.documents):
                steps[-1].documents.append(gone.documents)
                steps[-1].offsets.append(gone.offsets)

    def _due(self, group: int, horizon: float) -> Waiting:
        """Take out what is earlier than `horizon`, in order."""
        waiting = _joined(self._waiting.get(group, []))
        due = waiting.when < horizon
        if not due.any():
            return _NONE
        rest = waiting.pick(np.flatnonzero(~due))
        self._waiting[group], self._bytes[group] = [rest], rest.size()
        return waiting.ordered(np.flatnonzero(due))

    def state(self, group: int) -> dict[str, np.ndarray]:
        """One key group: what waits, and its lanes."""
        early = _joined(self._early.get(group, []))
        items = _joined([early, *self._waiting.get(group, [])])
        lanes = self._lanes.get(group, Lanes())
        told = orjson.dumps([lanes.clocks, lanes.expected, len(early.documents)])
        return {
            "when": items.when,
            "ids": items.ids,
            "offsets": items.offsets,
            "sizes": items.documents.sizes,
            "documents": items.documents.data[: items.size()],
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
            bounds = np.concatenate([[0], np.cumsum(state["sizes"])]).astype(np.int64)
            if len(state["documents"]) != bounds[-1] or (np.diff(bounds) < 0).any():
                raise ValueError("sizes and documents differ")
            documents = Documents(state["documents"], bounds)
            items = Waiting(state["when"], state["ids"], state["offsets"], documents)
            lanes = Lanes({lane: (float(c), idle) for lane, (c, idle) in clocks.items()}, dict(expected))
            rows = np.arange(len(documents))
            first, rest = items.pick(rows[:early]), items.pick(rows[early:])
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise CheckpointError("waiting documents in the checkpoint are of another version") from error
        self._lanes[group] = lanes
        self._early[group], self._waiting[group], self._bytes[group] = [first], [rest], rest.size()
