"""The worker: Faust agents that score chunks, and the order rows durable → checkpoint durable → commit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import time
from typing import Any
from uuid import uuid4

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from pipeline.errors import CheckpointError, SinkError
from pipeline.features.record_batch import Records
from pipeline.runtime.block_name import block_name
from pipeline.runtime.care import Care
from pipeline.runtime.continuity import Continuity
from pipeline.runtime.dead_letters import letter_rows, letters_of, refused_letters, topic_letter
from pipeline.runtime.gaps import Gap, gap_alert
from pipeline.runtime.line import Line, alert_rows
from pipeline.runtime.list_feed import ListFeed
from pipeline.runtime.passing import Passing
from pipeline.runtime.progress import Progress, confirmed
from pipeline.runtime.quarantine import Chunk, Scored
from pipeline.runtime.refusals import Refused
from pipeline.runtime.remarks import Remarks
from pipeline.runtime.row_writer import RowWriter
from pipeline.runtime.worker_state import WorkerState
from pipeline.settings import Settings
from pipeline.sinks.document_producer import DocumentProducer

log = logging.getLogger(__name__)


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
        self.writer.on_refused = self._refused
        self.producer = producer
        self.feed = feed
        self.app: faust.App | None = None
        self.events = 0
        self._dead_letter_topic = settings.topic_prefix + "deadletter"
        self._dead_next: dict[TP, int] = {}
        self._remarks = Remarks()
        self._passing = Passing(producer, settings.topic_prefix, settings.key_groups, self._at_end)
        self._continuity = Continuity(self._missing)
        self._started: dict[TP, int] = {}
        self._owed: set[TP] = set()
        """Durable further than committed: retention could pass their beginning unnoticed, and they seem to lag."""
        self._care = Care()
        self.progress = Progress()
        self._saving = asyncio.Lock()
        # Held from the change of a state until its rows and documents are queued: a snapshot taken in between would
        # count events whose rows nobody waits for.
        self._step = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: BaseException | None = None

    async def start(self) -> None:
        """Connect the sinks and begin the periodic work."""
        await self.producer.start()
        self.writer.start()
        await self.feed.start()
        self._tasks = [
            asyncio.create_task(self._checkpoint_often(), name="checkpoints"),
            asyncio.create_task(self._passing.run(self._step), name="ticks"),
        ]

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
                with self.progress.back_pressure():
                    await self.writer.room()
                    await self.producer.room()
                message = event.message
                if self._consumer.current(message) and await self._follows(message):
                    async with self._step:
                        if self._consumer.current(message):
                            await take(message.tp, message.value)
        except Exception as error:
            self._failed = error

    @property
    def _consumer(self) -> Any:
        assert self.app is not None  # noqa: S101  (set before any agent runs)
        return self.app.consumer

    def _next(self, tp: TP) -> dict[TP, int]:
        return self._dead_next if tp.topic == self._dead_letter_topic else self.state.next_offset

    async def _follows(self, message: Any) -> bool:
        """Whether a chunk is the next one; what is missing before it is told, and what was skipped is read again."""
        tp, ahead = message.tp, self._next(message.tp)
        wanted = ahead.get(tp)
        if wanted is None or wanted == int(message.value.offsets[0]):
            return wanted is not None
        goes_on = await self._continuity.follow(self._consumer, message, wanted)
        if not self._consumer.current(message) or ahead.get(tp) != wanted:
            return False
        if goes_on is None:
            self._consumer.rewind(tp, wanted)
            return False
        ahead[tp] = goes_on
        return True

    async def _missing(self, gap: Gap) -> None:
        state, alert = gap_alert(gap, self.state.source_of(gap.topic), time())
        await self.producer.alerts([alert])
        name = f"gap {gap.topic}[{gap.partition}]{gap.first}-{gap.last}{gap.remade}"
        await self.writer.give("alerts", alert_rows([(state, alert)]), name)

    async def _score(self, tp: TP, records: Records) -> None:
        line = self.state.line(self.state.source_of(tp.topic))
        partitions = self.state.partitions[tp.topic]
        chunk = Chunk(tp.topic, tp.partition, partitions, records.values, records.offsets)
        scored = self._care.score(tp, line, chunk, self.state.groups(tp))
        if scored is None:
            await self._go_back(tp, line)
            return
        self._remarks.scored(tp, line.source, scored.misplaced, scored.copies)
        self.state.next_offset[tp] = int(records.offsets[-1]) + 1
        self.progress.moved()
        await self._pass_on(tp, records, scored)

    async def _go_back(self, tp: TP, line: Line) -> None:
        """To the last checkpoint, as a restart would; the chunk that failed is scored with care then."""
        line.changed_alerts()
        positions = await self._locate({tp}, {tp: self._started[tp]})
        self._consumer.rewind(tp, positions[tp])

    async def _pass_on(self, tp: TP, records: Records, scored: Scored) -> None:
        """Queue rows and documents."""
        self.events += scored.rows.num_rows
        for product in scored.products:
            await self._passing.give(tp, product.onward, product.clock)
        await self.producer.alerts(scored.alerts + scored.closed)
        mask = self.state.plan.pseudonymiser is not None
        await self.producer.dead_letters(
            topic_letter(tp.topic, tp.partition, u.offset, u.document, u.reason, mask=mask) for u in scored.unread
        )
        name = block_name(tp, records)
        await self.writer.give("scored_events", scored.rows, name)
        if scored.changed:
            await self.writer.give("alerts", alert_rows(list(scored.changed.values())), name)

    async def _refused(self, table: str, refused: list[Refused]) -> None:
        """Rows that ClickHouse will never take."""
        log.error("ClickHouse refuses %d rows for %s (code %d): put aside", len(refused), table, refused[0].code)
        mask = self.state.plan.pseudonymiser is not None
        await self.producer.dead_letters(refused_letters(table, refused, mask=mask))

    async def _bury(self, tp: TP, records: Records) -> None:
        letters = letters_of(tp.topic, tp.partition, records, mask=self.state.plan.pseudonymiser is not None)
        await self.writer.give("dead_letters", letter_rows(letters), block_name(tp, records))
        self._dead_next[tp] = int(records.offsets[-1]) + 1

    async def restore(self, tps: set[TP]) -> Mapping[TP, int]:
        """Called when partitions are assigned: their state, and where to read on."""
        self.state.forget(set(self.state.next_offset) - tps)
        self._care.keep(tps)
        committed = {tp: self._consumer.committed_position(tp) for tp in tps}
        positions = self._started = await self._locate(tps, committed)
        # A predecessor may have died before its commit: a quiet partition would seem to lag for ever.
        self._owed = {tp for tp, offset in positions.items() if offset != committed[tp]}
        self.progress.moved()
        self._passing.forget()
        for tp in sorted(self.state.next_offset):
            await self._passing.begin(tp, self.state.source_of(tp.topic), self.state.partitions[tp.topic])
        return positions

    async def _locate(self, tps: set[TP], committed: Mapping[TP, int | None]) -> dict[TP, int]:
        """Load the state of partitions and find out what their logs still hold of what comes next."""
        wanted = {}
        for tp in sorted(tps):
            wanted[tp] = committed[tp]
            if tp.topic != self._dead_letter_topic:
                self.state.partitions[tp.topic] = await self.producer.partition_count(tp.topic)
                found = await self.state.restore(tp, committed[tp])
                wanted[tp] = committed[tp] if found is None else found
        try:
            positions = await self._continuity.begin(self._consumer, wanted)
        except (KafkaError, TimeoutError) as error:
            raise SinkError(f"Kafka does not say what its topics hold ({type(error).__name__})") from error
        for tp, offset in positions.items():
            self._next(tp)[tp] = offset
        return positions

    async def save(self) -> None:
        """Make durable what was processed, write checkpoints, then commit; in this order, whatever fails."""
        async with self._saving:
            await self._drop_replaced()
            generation = self._consumer.generation
            snapshots = []
            for tp in list(self.state.next_offset):
                async with self._step:  # one partition at a time: chunks and heartbeats get their turn in between
                    if self.state.behind(tp):
                        snapshots.append(self.state.snapshot(tp))
                await asyncio.sleep(0)
            async with self._step:
                offsets = self._dead_next | {tp: self.state.saved[tp] for tp in self._owed & self.state.saved.keys()}
                for line in self.state.lines.values():
                    counts = line.changed_alerts(everything=True)
                    tables = line.tables() | ({"alerts": alert_rows(counts)} if counts else {})
                    for table, rows in tables.items():
                        await self.writer.give(table, rows, f"counts {uuid4().hex}")
            await self._settle()
            for snapshot in snapshots:
                try:
                    await self.state.keep(snapshot)
                except CheckpointError as error:
                    log.error("%s; the offset is not committed", error)
                    continue
                offsets[TP(snapshot.topic, snapshot.partition)] = snapshot.next_offset
            if offsets:
                trouble = await self._consumer.commit_next(generation, offsets)
                self._owed = self._owed | offsets.keys() if trouble else self._owed - offsets.keys()
                if trouble:
                    log.warning("offsets are not committed (%s): checkpoints count, and are there", trouble)

    async def _settle(self) -> None:
        await self.writer.settle()  # first, as rows that ClickHouse refuses become documents
        await self.producer.settle()

    async def _drop_replaced(self) -> None:
        """Checkpoints of logs that are no more would count as newer than those of the logs in their place."""
        for tp in list(self._continuity.remade):
            await self._settle()  # once they are gone nothing tells of the loss any more
            await asyncio.to_thread(self.state.store.discard, tp.topic, tp.partition)
            self.state.saved.pop(tp, None)
            self._continuity.remade.pop(tp, None)

    async def revoked(self, *_: Any, **__: Any) -> None:
        """Partitions are taken away: save what can be saved soon; the rest is processed again by the next owner."""
        try:
            # All others wait for us with the rebalance.
            await asyncio.wait_for(self.save(), self.settings.session_timeout_s / 2)
        except (TimeoutError, SinkError, CheckpointError) as error:
            log.warning("partitions revoked before all was durable (%s): they are read again", type(error).__name__)
        self.state.forget(set(self.state.next_offset))
        self._dead_next.clear()
        self._passing.forget()

    async def _at_end(self, tp: TP) -> bool:
        position = self.state.next_offset.get(tp)
        return position is not None and bool(await self._consumer.at_end(tp, position))

    async def _checkpoint_often(self) -> None:
        while True:
            await asyncio.sleep(self.state.pace.wait_s(self.settings.checkpoint_every_s))
            self._remarks.tell()
            try:
                await self.save()
            except (SinkError, CheckpointError) as error:
                log.error("%s; trying again with the next checkpoint", error)

    def fault(self) -> BaseException | None:
        """What ended an agent or a task although nobody asked for it."""
        for task in (*self._tasks, *self.feed.tasks):
            if task.done() and not task.cancelled() and task.exception() is not None:
                return task.exception()
        return self._failed or self.writer.crashed() or self.producer.crashed()

    async def stuck(self) -> bool:
        """Asked once a second: whether the worker itself, and nothing outside, keeps events from being processed."""
        app = self.app
        assert app is not None  # noqa: S101  (set before the worker is watched)
        held = app.rebalancing or not app.consumer.flow_active
        doubt = self.progress.tick(outage=self.writer.failing_since is not None, held=held)
        return await confirmed(doubt, app.consumer, dict(self.state.next_offset))
