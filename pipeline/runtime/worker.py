"""The worker: Faust agents that score chunks, and the order rows durable → checkpoint durable → commit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from pipeline.errors import CheckpointError, SinkError
from pipeline.features.record_batch import Records
from pipeline.runtime.care import Care
from pipeline.runtime.lists.feed import ListFeed
from pipeline.runtime.outlet import Outlet
from pipeline.runtime.product import Station
from pipeline.runtime.progress import Progress, confirmed
from pipeline.runtime.quarantine import Chunk
from pipeline.runtime.relay.passing import Passing
from pipeline.runtime.remarks import Remarks
from pipeline.runtime.response_desk import ResponseDesk
from pipeline.runtime.row_writer import RowWriter
from pipeline.runtime.transport.continuity import Continuity
from pipeline.runtime.worker_state import WorkerState
from pipeline.settings import Settings
from pipeline.sinks.document_producer import DocumentProducer

log = logging.getLogger(__name__)
Take = Callable[[TP, Records], Awaitable[None]]
PLAIN = ("deadletter", "feedback", "incidents")
"""Topics that are read without a state of their own."""


class Worker:
    """Processes the partitions that Faust assigns to it.

    Every record ends as a row or as a dead letter. Processing is at least once, and what it writes is idempotent:
    rows by topic, partition and offset, alerts by their id, dead letters by theirs.
    """

    def __init__(
        self,
        settings: Settings,
        state: WorkerState,
        writer: RowWriter,
        producer: DocumentProducer,
        feed: ListFeed,
        desk: ResponseDesk,
    ) -> None:
        self.settings = settings
        self.state = state
        self.writer = writer
        self.producer = producer
        self.feed = feed
        self.desk = desk
        self.app: faust.App | None = None
        self.events = 0
        self._plain = frozenset(settings.topic_prefix + name for name in PLAIN)
        self._plain_next: dict[TP, int] = {}
        self._remarks = Remarks()
        self._passing = Passing(producer, settings.topic_prefix, settings.key_groups, self._at_end)
        self._outlet = Outlet(state, writer, producer, self._passing)
        self._continuity = Continuity(self._outlet.missing)
        self._started: dict[TP, int] = {}
        self._owed: set[TP] = set()
        """Durable further than committed: retention could pass their beginning unnoticed, and they seem to lag."""
        self._care = Care()
        self.progress = Progress()
        self._saving = asyncio.Lock()
        # Held from the change of a state until its rows and documents are queued: a snapshot taken in between would
        # count events whose rows nobody waits for.
        self._step = asyncio.Lock()
        # Topics without a state do not hold up those that have one.
        self._aside = asyncio.Lock()
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
        await self.desk.own(ours=False)
        await self.feed.stop()
        await self.writer.stop()
        await self.producer.stop()

    async def score(self, stream: Any) -> None:
        """Agent of a source topic. What cannot be read becomes a dead letter."""
        await self._agent(stream, self._score, self._step)

    async def bury(self, stream: Any) -> None:
        """Agent of the dead-letter topic: letters become rows."""
        await self._agent(stream, self._passed_by(self._outlet.bury), self._aside)

    async def hear(self, stream: Any) -> None:
        """Agent of topic `feedback`: verdicts go into the log of findings."""
        await self._agent(stream, self._passed_by(self._outlet.verdicts), self._aside)

    async def respond(self, stream: Any) -> None:
        """Agent of topic `incidents`: decides what is done about them."""
        await self._agent(stream, self._passed_by(self.desk.consider), self._aside)

    async def _agent(self, stream: Any, take: Take, lock: asyncio.Lock) -> None:
        """Hands over chunk after chunk. Never raises, which would stop the partition in silence: a defect ends the
        worker, and says so."""
        try:
            async for event in stream.noack().events():
                with self.progress.back_pressure():
                    await self._outlet.room()
                message = event.message
                if self._consumer.current(message) and await self._follows(message):
                    async with lock:
                        if self._consumer.current(message):
                            await take(message.tp, message.value)
        except Exception as error:
            self._failed = error

    @property
    def _consumer(self) -> Any:
        assert self.app is not None  # noqa: S101  (set before any agent runs)
        return self.app.consumer

    def _next(self, tp: TP) -> dict[TP, int]:
        return self._plain_next if tp.topic in self._plain else self.state.next_offset

    def _passed_by(self, take: Take) -> Take:
        """For topics without a state: once their records are passed on and durable, only their offset counts."""

        async def passed(tp: TP, records: Records) -> None:
            await take(tp, records)
            if tp in self._plain_next:  # and not taken away meanwhile
                self._plain_next[tp] = int(records.offsets[-1]) + 1

        return passed

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
        self.events += scored.rows.num_rows
        await self._outlet.scored(tp, records, scored)

    async def _go_back(self, tp: TP, line: Station) -> None:
        """To the last checkpoint, as a restart would; the chunk that failed is scored with care then."""
        line.changed_alerts()
        positions = await self._locate({tp}, {tp: self._started[tp]})
        self._consumer.rewind(tp, positions[tp])

    async def restore(self, tps: set[TP]) -> Mapping[TP, int]:
        """Called when partitions are assigned: their state, and where to read on."""
        self.state.forget(set(self.state.next_offset) - tps)
        self._care.keep(tps)
        committed = {tp: self._consumer.committed_position(tp) for tp in tps}
        positions = self._started = await self._locate(tps, committed)
        # A predecessor may have died before its commit: a quiet partition would seem to lag for ever.
        self._owed = {tp for tp, offset in positions.items() if offset != committed[tp]}
        self.progress.moved()
        await self.desk.own(ours=any(self.state.source_of(tp.topic) == "incidents" for tp in tps))
        self._passing.forget()
        for tp in sorted(self.state.next_offset):
            await self._passing.begin(tp, self.state.source_of(tp.topic), self.state.partitions[tp.topic])
        return positions

    async def _locate(self, tps: set[TP], committed: Mapping[TP, int | None]) -> dict[TP, int]:
        """Load the state of partitions and find out what their logs still hold of what comes next."""
        wanted = {}
        for tp in sorted(tps):
            wanted[tp] = committed[tp]
            if tp.topic not in self._plain:
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
                offsets = self._plain_next | {tp: self.state.saved[tp] for tp in self._owed & self.state.saved.keys()}
                for line in self.state.lines.values():
                    await self._outlet.gathered(line)
            await self._outlet.settle()
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

    async def _drop_replaced(self) -> None:
        """Checkpoints of logs that are no more would count as newer than those of the logs in their place."""
        for tp in list(self._continuity.remade):
            await self._outlet.settle()  # once they are gone nothing tells of the loss any more
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
        self._plain_next.clear()
        self._passing.forget()
        await self.desk.own(ours=False)

    async def _at_end(self, tps: Collection[TP]) -> set[TP]:
        positions = {tp: self.state.next_offset[tp] for tp in tps if tp in self.state.next_offset}
        found: set[TP] = await self._consumer.at_end(positions)
        return found

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
        return self._failed or self.writer.crashed() or self.producer.crashed() or self.desk.crashed()

    async def stuck(self) -> bool:
        """Asked once a second: whether the worker itself, and nothing outside, keeps events from being processed."""
        app = self.app
        assert app is not None  # noqa: S101  (set before the worker is watched)
        held = app.rebalancing or not app.consumer.flow_active
        doubt = self.progress.tick(outage=self.writer.failing_since is not None, held=held)
        return await confirmed(doubt, app.consumer, dict(self.state.next_offset))
