"""A Faust transport whose message is a fetched chunk of one partition, and which commits only what it is told to.

Faust's cost is its bookkeeping per message; with a chunk as the message it is paid once for thousands of events.
Its own acknowledgement and gap logic is switched off: offsets are committed by us, after rows and checkpoint.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import Any

import faust
from aiokafka import ConsumerRecord
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from pipeline.features.record_batch import Records
from pipeline.runtime.transport.chunk_records import leave_in_chunks
from pipeline.runtime.transport.fetch_patience import FETCH_BYTES, FETCH_WAIT_MS

log = logging.getLogger(__name__)
_CHUNKS_A_FETCH = 8
_ANSWER_S = 20.0
"""A broker that has not answered by then is taken for away."""
Restore = Callable[[set[TP]], Awaitable[Mapping[TP, int]]]
"""Given the newly assigned partitions, loads their state and says where each has to be read from."""


class _ChunkThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, with records left in chunks."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has 1,500 ms in its code. A request for partitions that have nothing new keeps those that have waiting
        # for so long, as there is one request at a time to a broker.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        consumer._fetch_min_bytes = FETCH_BYTES  # noqa: SLF001
        return consumer

    async def _fetch_records(
        self, consumer: Any, active_partitions: set[TP], timeout: float | None = None, max_records: int | None = None
    ) -> Any:
        leave_in_chunks(consumer, self.app.chunk_records)
        return await super()._fetch_records(consumer, active_partitions, timeout, _CHUNKS_A_FETCH)

    async def commit_in(self, generation: int, offsets: Mapping[TP, int]) -> str | None:
        """Commit in that generation of the group only; what went wrong, None when nothing did."""
        return await self.call_thread(self._commit_in, generation, offsets)

    async def _commit_in(self, generation: int, offsets: Mapping[TP, int]) -> str | None:
        consumer = self._ensure_consumer()
        # No await stands between this question and the request, which carries the generation to the broker.
        if consumer._coordinator.generation != generation:  # noqa: SLF001  (there is no other way to ask)
            return "the group has moved on"
        ours = consumer.assignment()
        wanted = {TopicPartition(*tp): OffsetAndMetadata(o, "") for tp, o in offsets.items()}
        try:
            await asyncio.wait_for(consumer.commit({tp: o for tp, o in wanted.items() if tp in ours}), _ANSWER_S)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            return type(error).__name__
        return None


class ChunkConsumer(driver.Consumer):
    """Yields one message a chunk: its value is the chunk's `Records`, its offset the last one's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rewinds: dict[TP, int] = {}
        self._readings: Counter[TP] = Counter()
        self._delivered: dict[TP, int] = {}
        self._found: dict[TP, int | None] = {}

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _ChunkThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        """Chunks of the next fetch; none once the consumer stops or the group has a new generation."""
        await self._apply_rewinds()
        records_by_tp, _ = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records_by_tp is None or self.should_stop or not self.flow_active:
            return
        for tp, records in records_by_tp.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            for chunk in records:
                if len(chunk) and tp not in self._rewinds:
                    self._delivered[tp] = int(chunk.offsets[-1]) + 1
                    yield tp, self._message(tp, chunk)

    def _message(self, tp: TP, chunk: Records) -> Any:
        last = ConsumerRecord(
            topic=tp.topic, partition=tp.partition, offset=int(chunk.offsets[-1]), timestamp=int(chunk.time_ms[-1]),
            timestamp_type=0, key=None, value=None, checksum=None, serialized_key_size=-1, serialized_value_size=-1,
            headers=(),
        )  # fmt: skip
        message = self._to_message(tp, last)
        message.value = chunk
        message.reading = self._readings[tp]
        return message

    def rewind(self, tp: TP, offset: int) -> None:
        """Read a partition again from `offset`; chunks that are on their way already are no longer `current`."""
        self._readings[tp] += 1
        self._rewinds[tp] = offset

    def current(self, message: Any) -> bool:
        """Whether a chunk belongs to the present assignment and was not overtaken by a rewind."""
        fresh = message.reading == self._readings[message.tp]
        return bool(fresh and message.generation_id == self.app.consumer_generation_id)

    async def _apply_rewinds(self) -> None:
        # Here and nowhere else, as no fetch is under way: what is fetched after this comes from the new position.
        rewinds, self._rewinds = self._rewinds, {}
        ours = {tp: offset for tp, offset in rewinds.items() if tp in self.assignment()}
        if ours:
            try:
                await self.seek_wait(ours)
            except IllegalStateError:
                log.debug("partitions to be read again were taken away meanwhile")

    async def perform_seek(self) -> None:
        """Go to the committed offsets, then to where the restored state continues."""
        self._rewinds.clear()
        self._delivered.clear()
        await super().perform_seek()
        self._found = dict(self._read_offset)
        restore: Restore = self.app.restore_partitions
        positions = await restore(set(self.assignment()))
        if positions:
            await self.seek_wait(dict(positions))

    @property
    def generation(self) -> int:
        """The group's generation that the present assignment belongs to."""
        return int(self.app.consumer_generation_id)

    async def commit_next(self, generation: int, offsets: Mapping[TP, int]) -> str | None:
        """Commit the next offset to read of each partition that is still ours in that generation.

        What went wrong, None when nothing did. A commit that fails costs nothing but the time to read again.
        """
        return await self._thread.commit_in(generation, offsets)

    async def bounds(self, tps: Collection[TP]) -> Mapping[TP, tuple[int, int]]:
        """The first offset of each log and the one after its last. Raises TimeoutError or KafkaError."""
        async with asyncio.timeout(_ANSWER_S):
            begins = await self.earliest_offsets(*tps)
            ends = await self.highwaters(*tps)
        return {tp: (begins[tp], ends[tp]) for tp in tps}

    def committed_position(self, tp: TP) -> int | None:
        """The committed offset found at the last seek, None when there was none."""
        return self._found.get(tp)

    async def read_to_the_end(self, positions: Mapping[TP, int]) -> set[TP]:
        """Of these partitions, read up to these offsets, those beyond which nothing was delivered or could be fetched.

        Raises TimeoutError or KafkaError when the broker does not answer. An end of the log that holds no events (a
        transaction's marker) counts as read once the fetcher has passed it.
        """
        if not positions:
            return set()
        bounds = await self.bounds(positions)
        async with asyncio.timeout(_ANSWER_S):
            fetched = {tp: await self.position(tp) or 0 for tp in positions}
        return {
            tp
            for tp, offset in positions.items()
            if self._delivered.get(tp, 0) <= offset and fetched[tp] >= bounds[tp][1]
        }

    async def waits(self, positions: Mapping[TP, int]) -> bool:
        """Whether anything stands beyond these offsets; raises as `read_to_the_end`."""
        return len(await self.read_to_the_end(positions)) < len(positions)

    async def at_end(self, positions: Mapping[TP, int]) -> set[TP]:
        """As `read_to_the_end`, none while the broker does not say."""
        try:
            return await self.read_to_the_end(positions)
        except (KafkaError, IllegalStateError, TimeoutError):
            return set()

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Faust's own commits: nothing, as it knows only chunks."""
        return False

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Chunks always leave gaps between message offsets; they mean nothing here."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's livelock warnings follow its own commits; the worker has a watchdog of its own."""


class ChunkTransport(driver.Transport):
    """Kafka by aiokafka, in chunks."""

    Consumer = ChunkConsumer


class ChunkSchema(faust.Schema):
    """Leaves keys and values as they came: documents are read in columns, later."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> bytes | None:
        """The last record's key."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Records:
        """The records of the chunk."""
        return message.value
