"""The worker: Faust agents that score chunks, and the order rows durable → checkpoint durable → commit."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import faust
from faust.types import TP

from pipeline.errors import CheckpointError, SinkError
from pipeline.features.record_batch import Records
from pipeline.runtime.dead_letters import letter_rows, topic_letter
from pipeline.runtime.line import alert_rows
from pipeline.runtime.list_feed import ListFeed
from pipeline.runtime.row_writer import RowWriter
from pipeline.runtime.worker_state import WorkerState
from pipeline.settings import Settings
from pipeline.sinks.kafka import DocumentProducer
from schemas.dead_letter import DeadLetter
from schemas.sources import SOURCES

log = logging.getLogger(__name__)
_REVOKE_S = 10.0
"""A rebalance waits for us this long; the broker's patience is the session time-out of 20 s."""
_STUCK_S = 120.0
"""No offset moved for this long though there is lag and ClickHouse works: the worker itself is stuck."""


class Worker:
    """Processes the partitions that Faust assigns to it.

    Every record ends as a row or as a dead letter. Processing is at least once, and what it writes is idempotent:
    rows by topic, partition and offset, alerts by their id, dead letters by theirs.
    """

    def __init__(
        self, settings: Settings, state: WorkerState, writer: RowWriter, producer: DocumentProducer, feed: ListFeed
    ) -> None:
        self.settings = settings
        self.state = state
        self.writer = writer
        self.producer = producer
        self.feed = feed
        self.app: faust.App | None = None
        self.events = 0
        self._dead_letter_topic = settings.topic_prefix + "deadletter"
        self._dead_next: dict[TP, int] = {}
        self._misplaced: set[str] = set()
        self._copies: Counter[str] = Counter()
        self._moved = monotonic()
        self._saving = asyncio.Lock()
        # Held from the change of a state until its rows and documents are queued: a snapshot taken in between would
        # count events whose rows nobody waits for.
        self._step = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: Exception | None = None

    async def start(self) -> None:
        """Connect the sinks and begin the periodic work."""
        await self.producer.start()
        self.writer.start()
        await self.feed.start()
        self._tasks = [asyncio.create_task(self._checkpoint_often(), name="checkpoints")]

    async def stop(self) -> None:
        """End the periodic work and disconnect; `save` comes before, while the group still counts us in."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.feed.stop()
        await self.writer.stop()
        await self.producer.stop()

    async def score(self, stream: Any) -> None:
        """Agent of a source topic. What cannot be read becomes a dead letter."""
        await self._agent(stream, self._score)

    async def bury(self, stream: Any) -> None:
        """Agent of the dead-letter topic: letters become rows."""
        await self._agent(stream, self._bury)

    async def _agent(self, stream: Any, take: Callable[[TP, Records], Awaitable[None]]) -> None:
        """Hands over chunk after chunk. Never raises, which would stop the partition in silence: a defect ends the
        worker, and says so."""
        try:
            async for event in stream.noack().events():
                await self.writer.room()
                message = event.message
                async with self._step:
                    if self._current(message):
                        await take(TP(message.topic, message.partition), message.value)
        except Exception as error:
            self._failed = error

    def _current(self, message: Any) -> bool:
        """Whether the chunk belongs to the present assignment; after a rebalance older ones are stale."""
        assert self.app is not None  # noqa: S101  (set before any agent runs)
        return bool(message.generation_id == self.app.consumer_generation_id)

    async def _score(self, tp: TP, records: Records) -> None:
        wanted = self.state.next_offset.get(tp)
        if wanted is None:
            return
        records = records.since(wanted)
        if not len(records):
            return
        line = self.state.line(self.state.source_of(tp.topic))
        documents, offsets = records.values, records.offsets
        product = line.process(documents, tp.topic, tp.partition, offsets, self.state.partitions[tp.topic])
        if product.misplaced and tp.topic not in self._misplaced:
            self._misplaced.add(tp.topic)
            fields = ", else ".join((*SOURCES[line.source].key_fields, "format"))
            log.warning(
                "%s[%d]: events on a partition that is not their key's, so what belongs together is judged apart:"
                " send them with key %s and Kafka's murmur2 partitioner",
                tp.topic, tp.partition, fields,
            )  # fmt: skip
        first, last = int(records.offsets[0]), int(records.offsets[-1])
        self.state.next_offset[tp] = last + 1
        self._moved = monotonic()
        self.events += product.rows.num_rows
        self._copies[tp.topic] += product.copies
        told = product.alerts + line.grouper.close(product.latest)
        await self.producer.alerts(told)
        mask = self.state.plan.pseudonymiser is not None
        await self.producer.dead_letters(
            topic_letter(tp.topic, tp.partition, int(offsets[r.row]), documents[r.row], r.reason, mask=mask)
            for r in product.refused
        )
        name = f"{tp.topic}[{tp.partition}]{first}-{last}"
        await self.writer.give("scored_events", product.rows, name)
        changed = line.changed_alerts()
        if changed:
            await self.writer.give("alerts", alert_rows(changed), name)

    async def _bury(self, tp: TP, records: Records) -> None:
        records = records.since(self._dead_next.get(tp, 0))
        letters = []
        for offset, value in zip(records.offsets.tolist(), records.values, strict=True):
            try:
                letters.append(DeadLetter.model_validate_json(value))
            except ValueError:
                mask = self.state.plan.pseudonymiser is not None
                reason = "not a dead letter of wardwatch"
                letters.append(topic_letter(tp.topic, tp.partition, offset, value, reason, mask=mask))
        if len(records):
            first, last = int(records.offsets[0]), int(records.offsets[-1])
            await self.writer.give("dead_letters", letter_rows(letters), f"{tp.topic}[{tp.partition}]{first}-{last}")
            self._dead_next[tp] = last + 1

    async def restore(self, tps: set[TP]) -> Mapping[TP, int]:
        """Called when partitions are assigned: their state, and where to read on."""
        assert self.app is not None  # noqa: S101  (set before the consumer starts)
        consumer = self.app.consumer
        self.state.forget(set(self.state.next_offset) - tps)
        positions = {}
        for tp in sorted(tps):
            if tp.topic == self._dead_letter_topic:
                self._dead_next[tp] = 0
                continue
            self.state.partitions[tp.topic] = await self.producer.partition_count(tp.topic)
            position = await self.state.restore(tp, consumer.committed_position(tp))
            if position is not None:
                positions[tp] = position
        self._moved = monotonic()
        return positions

    async def save(self) -> None:
        """Make durable what was processed, write checkpoints, then commit; in this order, whatever fails."""
        assert self.app is not None  # noqa: S101  (set before any agent runs)
        async with self._saving:
            snapshots = []
            for tp in list(self.state.next_offset):
                async with self._step:  # one partition at a time: chunks and heartbeats get their turn in between
                    if self.state.behind(tp):
                        snapshots.append(self.state.snapshot(tp))
                await asyncio.sleep(0)
            async with self._step:
                dead = dict(self._dead_next)
            await self.producer.settle()
            await self.writer.settle()
            offsets = {tp: offset for tp, offset in dead.items() if offset}
            for snapshot in snapshots:
                try:
                    await self.state.keep(snapshot)
                except CheckpointError as error:
                    log.error("%s; the offset is not committed", error)
                    continue
                offsets[TP(snapshot.topic, snapshot.partition)] = snapshot.next_offset
            if offsets:
                await self.app.consumer.commit_next(offsets)

    async def revoked(self, *_: Any, **__: Any) -> None:
        """Partitions are taken away: save what can be saved soon; the rest is processed again by the next owner."""
        try:
            await asyncio.wait_for(self.save(), _REVOKE_S)
        except (TimeoutError, SinkError) as error:
            log.warning("partitions revoked before all was durable (%s): they are read again", type(error).__name__)
        self.state.forget(set(self.state.next_offset))
        self._dead_next.clear()

    async def _checkpoint_often(self) -> None:
        while True:
            await asyncio.sleep(self.state.pace.wait_s(self.settings.checkpoint_every_s))
            for topic, count in (+self._copies).items():
                log.warning("%s: %d events left out: their producer sent the same event_id and ts before", topic, count)
            self._copies.clear()
            try:
                await self.save()
            except SinkError as error:
                log.error("%s; trying again with the next checkpoint", error)

    def fault(self) -> BaseException | None:
        """What ended an agent or a task although nobody asked for it."""
        for task in (*self._tasks, *self.feed.tasks):
            if task.done() and not task.cancelled() and task.exception() is not None:
                return task.exception()
        return self.writer.crashed()

    def stuck(self) -> bool:
        """Whether there is lag, ClickHouse works, and yet nothing has moved for two minutes."""
        if self.app is None or self.writer.failing_since is not None or monotonic() - self._moved < _STUCK_S:
            return False
        lag = self.app.consumer.lag(self.state.next_offset)
        return lag > 0
