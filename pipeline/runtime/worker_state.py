"""What a worker holds: lines by source, the offset each partition continues at, and their checkpoints."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic, perf_counter, thread_time

from faust.types import TP

from pipeline.errors import CheckpointError, ConfigError
from pipeline.runtime.checkpoint.pace import CheckpointPace
from pipeline.runtime.checkpoint.remote import CheckpointsUnreachableError
from pipeline.runtime.checkpoint.snapshot import Snapshot
from pipeline.runtime.checkpoint.store import Checkpoint, CheckpointStore
from pipeline.runtime.findings_line import FindingsLine
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.product import Station
from pipeline.runtime.relay.notes import TOPIC

log = logging.getLogger(__name__)
_PATIENCE_S = 25.0
"""Faust gives a new assignment 90 s, and goes on without its seeks when they pass: with a last read that hangs we stay
below. A worker that cannot read its checkpoints ends instead, and its partitions go to one that can."""
_AGAIN_S = 2.0


@dataclass
class WorkerState:
    """State of every assigned partition of the source topics. All methods run on the event loop's thread; files are
    read and written in others."""

    plan: Plan
    store: CheckpointStore
    prefix: str
    lines: dict[str, Station] = field(default_factory=dict)
    next_offset: dict[TP, int] = field(default_factory=dict)
    """Where each assigned partition continues; records below are skipped."""
    saved: dict[TP, int] = field(default_factory=dict)
    """The `next_offset` of the newest durable checkpoint, or where a partition without one began."""
    partitions: dict[str, int] = field(default_factory=dict)
    """Number of partitions by topic."""
    pace: CheckpointPace = field(default_factory=CheckpointPace)
    _used: set[tuple[str, int]] = field(default_factory=set)
    """Source and key group of what was ever ours: the others are as new, and making all anew takes .4 s a start."""

    def source_of(self, topic: str) -> str:
        """The source whose topic this is."""
        return topic.removeprefix(self.prefix)

    def line(self, source: str) -> Station:
        """The line of a source, or of topic `findings`, built on first use."""
        if source not in self.lines:
            self.lines[source] = FindingsLine(self.plan) if source == TOPIC else Line(source, self.plan)
        return self.lines[source]

    def groups(self, tp: TP) -> Sequence[int]:
        """Key groups of a partition. Raises ConfigError when the topic's partitions do not divide them."""
        count, groups = self.partitions[tp.topic], self.plan.config.key_groups
        if groups % count:
            raise ConfigError(
                f"topic {tp.topic} has {count} partitions, which do not divide key_groups ({groups}):"
                f" set WARDWATCH_KEY_GROUPS to a multiple of {count}"
            )
        return range(tp.partition, groups, count)

    async def restore(self, tp: TP, committed: int | None) -> int | None:
        """Load a newly assigned partition's state; the offset to read from, None for the committed or first one.

        Raises CheckpointsUnreachableError when the checkpoints could not be read for half a minute.
        """
        source = self.source_of(tp.topic)
        line = self.line(source)
        found = await self._load(tp, line.identity())
        for group in self.groups(tp):
            if (source, group) in self._used:
                line.reset(group)
            self._used.add((source, group))
        if found is None:
            if committed:
                log.warning("%s[%d]: no usable checkpoint; models start afresh at %d", *tp, committed)
            self.next_offset[tp] = self.saved[tp] = committed or 0  # an empty state needs no file
            return None
        try:
            for name, state in found.state.items():
                line.load(int(name), {part: dict(arrays) for part, arrays in state.items()})
        except CheckpointError as error:
            log.warning("%s[%d]: checkpoint does not fit (%s); models start afresh", *tp, error)
            for group in self.groups(tp):
                line.reset(group)
            self.next_offset[tp] = committed or 0
            return None
        self.next_offset[tp] = self.saved[tp] = found.next_offset
        return found.next_offset

    def forget(self, tps: set[TP]) -> None:
        """Partitions that are no longer ours."""
        for tp in tps:
            self.next_offset.pop(tp, None)
            self.saved.pop(tp, None)

    async def _load(self, tp: TP, identity: str) -> Checkpoint | None:
        began = monotonic()
        while True:
            try:
                return await asyncio.to_thread(self.store.load, tp.topic, tp.partition, identity)
            except CheckpointsUnreachableError as error:
                if monotonic() - began > _PATIENCE_S:
                    raise
                log.warning("%s[%d]: %s; trying again", *tp, error)
            await asyncio.sleep(_AGAIN_S)

    def snapshot(self, tp: TP) -> Snapshot:
        """What a partition's state is now, to be kept once everything below its offset is durable.

        Nothing else happens meanwhile, so it is quick: one group after the other, of which only what changed stays.
        """
        began = perf_counter()
        line = self.line(self.source_of(tp.topic))
        snapshot = self.store.snapshot(tp.topic, tp.partition, self.next_offset[tp], line.identity())
        for group in self.groups(tp):
            for name, state in line.views([group]).items():
                snapshot.add(name, state)
        self.pace.spend(perf_counter() - began)
        return snapshot

    async def keep(self, snapshot: Snapshot) -> None:
        """Make a snapshot durable. Raises CheckpointError when it is not; the next one may be."""

        def save() -> float:
            began = thread_time()
            self.store.save(snapshot)
            return thread_time() - began

        self.pace.spend(await asyncio.to_thread(save))
        self.saved[TP(snapshot.topic, snapshot.partition)] = snapshot.next_offset

    def behind(self, tp: TP) -> bool:
        """Whether events were processed since the newest checkpoint."""
        return tp in self.next_offset and self.next_offset[tp] != self.saved.get(tp)
