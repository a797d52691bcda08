"""What a worker holds: lines by source, the offset each partition continues at, and their checkpoints."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from faust.types import TP

from pipeline.errors import CheckpointError, ConfigError
from pipeline.runtime.checkpoint import Checkpoint, CheckpointStore
from pipeline.runtime.line import Line, Plan

log = logging.getLogger(__name__)


@dataclass
class WorkerState:
    """State of every assigned partition of the source topics. All methods run on the event loop's thread."""

    plan: Plan
    store: CheckpointStore
    prefix: str
    lines: dict[str, Line] = field(default_factory=dict)
    next_offset: dict[TP, int] = field(default_factory=dict)
    """Where each assigned partition continues; records below are skipped."""
    saved: dict[TP, int] = field(default_factory=dict)
    """The `next_offset` of the newest durable checkpoint."""
    partitions: dict[str, int] = field(default_factory=dict)
    """Number of partitions by topic."""

    def source_of(self, topic: str) -> str:
        """The source whose topic this is."""
        return topic.removeprefix(self.prefix)

    def line(self, source: str) -> Line:
        """The line of a source, built on first use."""
        if source not in self.lines:
            self.lines[source] = Line(source, self.plan)
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

    def restore(self, tp: TP, committed: int | None) -> int | None:
        """Load a newly assigned partition's state; the offset to read from, None for the committed or first one."""
        line = self.line(self.source_of(tp.topic))
        found = self.store.load(tp.topic, tp.partition, line.identity())
        for group in self.groups(tp):
            line.reset(group)
        if found is None:
            if committed:
                log.warning("%s[%d]: no usable checkpoint; models start afresh at %d", *tp, committed)
            self.next_offset[tp] = committed or 0
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

    def snapshot(self, tp: TP) -> Checkpoint:
        """A copy of a partition's state, to be saved once everything below its offset is durable."""
        line = self.line(self.source_of(tp.topic))
        return Checkpoint(tp.topic, tp.partition, self.next_offset[tp], line.identity(), line.state(self.groups(tp)))

    def behind(self, tp: TP) -> bool:
        """Whether events were processed since the newest checkpoint."""
        return self.next_offset[tp] != self.saved.get(tp)
