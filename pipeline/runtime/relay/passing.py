"""Gives on what scored chunks have for the topics that workers write, and tells how far each partition has come."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import numpy as np
from faust.types import TP

from pipeline.runtime.clocks import moved_on
from pipeline.runtime.relay.onward import Onward
from pipeline.runtime.relay.relay import TARGETS, ticks
from pipeline.sinks.document_producer import DocumentProducer

_EVERY_S = 1.0
_FIRST_IDLE_S, _LONGEST_IDLE_S = 2.0, 300.0
"""A partition that brings nothing is told to be idle after so long, then at growing intervals."""
_AHEAD_S = 3600.0
"""No partition is said to have come further than so long after now: one wrong clock must not hurry all others."""


@dataclass(slots=True)
class _Lane:
    source: str
    lanes: int
    clock: float = 0.0
    told: float = -1.0
    moved_at: float = 0.0
    """Monotonic time of the last chunk."""
    idle_at: float = 0.0
    """Monotonic time from which it may be called idle (again)."""
    wait_s: float = _FIRST_IDLE_S


class Passing:
    """One of a worker. `at_end` says which of some partitions have been read to the end of their logs."""

    def __init__(
        self,
        producer: DocumentProducer,
        prefix: str,
        key_groups: int,
        at_end: Callable[[Collection[TP]], Awaitable[Collection[TP]]],
    ) -> None:
        self._producer, self._prefix, self._key_groups, self._at_end = producer, prefix, key_groups, at_end
        self._lanes: dict[TP, _Lane] = {}
        self._partitions: dict[str, int] = {}

    async def begin(self, tp: TP, source: str, lanes: int) -> None:
        """A partition is ours now. Its lane is heard of, without saying how far it has come."""
        target = TARGETS.get(source)
        if target is None:
            return
        if target not in self._partitions:
            self._partitions[target] = await self._producer.partition_count(self._prefix + target)
        now = time.monotonic()
        lane = self._lanes[tp] = _Lane(source, lanes, moved_at=now, idle_at=now + _FIRST_IDLE_S)
        await self._tell(tp, lane, None)

    def forget(self) -> None:
        """No partition is ours."""
        self._lanes.clear()

    async def give(self, tp: TP, given: Onward | None, clock: float) -> None:
        """What a chunk gave on, and the event time its partition has come to."""
        if given is not None:
            await self._send(given)
        lane = self._lanes.get(tp)
        if lane is not None:
            lane.clock = moved_on(lane.clock, clock)
            lane.moved_at = time.monotonic()
            lane.idle_at, lane.wait_s = lane.moved_at + _FIRST_IDLE_S, _FIRST_IDLE_S

    async def run(self, step: asyncio.Lock) -> None:
        """Tell clocks, once a second, between chunks."""
        while True:
            await asyncio.sleep(_EVERY_S)
            idle = await self._idle()
            for tp, lane in list(self._lanes.items()):
                async with step:
                    if self._lanes.get(tp) is not lane:
                        continue  # taken away meanwhile
                    idle_s = self._idle_s(lane) if idle.get(tp) == (lane, lane.moved_at) else None
                    if idle_s is not None or lane.clock != lane.told:
                        await self._tell(tp, lane, idle_s)

    async def _idle(self) -> dict[TP, tuple[_Lane, float]]:
        """Lanes that are silent, and when each had moved; the broker is asked about all at once."""
        now = time.monotonic()
        # `charts` is never idle: the ticks it gets are records. It says what it was told.
        silent = {
            tp: (lane, lane.moved_at)
            for tp, lane in self._lanes.items()
            if lane.source != "charts" and now >= lane.idle_at and lane.clock == max(lane.told, 0.0)
        }
        ended = await self._at_end(silent) if silent else ()
        return {tp: silent[tp] for tp in ended}

    def _idle_s(self, lane: _Lane) -> float:
        """For how long it is; it is said again at growing intervals."""
        now = time.monotonic()
        lane.idle_at, lane.wait_s = now + lane.wait_s, min(2 * lane.wait_s, _LONGEST_IDLE_S)
        return now - lane.moved_at

    async def _tell(self, tp: TP, lane: _Lane, idle_s: float | None) -> None:
        clock = min(lane.clock, time.time() + _AHEAD_S)
        lane.told = lane.clock
        name, groups = f"{lane.source}/{tp.partition}", range(self._key_groups)
        await self._send(ticks(TARGETS[lane.source], name, lane.lanes, clock, idle_s, groups, self._key_groups))

    async def _send(self, given: Onward) -> None:
        owner, keys, documents = given.groups % self._partitions[given.source], list(given.keys), list(given.documents)
        for partition in np.unique(owner).tolist():
            rows = np.flatnonzero(owner == partition).tolist()
            records = [(keys[i], documents[i]) for i in rows]
            await self._producer.parcel(given.source, partition, records)
