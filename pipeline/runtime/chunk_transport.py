"""A Faust transport whose message is a fetched chunk of one partition, and which commits only what it is told to.

Faust's cost is its bookkeeping per message; with a chunk as the message it is paid once for thousands of events.
Its own acknowledgement and gap logic is switched off: offsets are committed by us, after rows and checkpoint.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import faust
from aiokafka import ConsumerRecord
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from pipeline.features.record_batch import Records
from pipeline.runtime.chunk_records import Fetched

_CHUNKS_A_FETCH = 8
Restore = Callable[[set[TP]], Awaitable[Mapping[TP, int]]]
"""Given the newly assigned partitions, loads their state and says where each has to be read from."""


class _ChunkThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, with records left in chunks."""

    async def _fetch_records(
        self, consumer: Any, active_partitions: set[TP], timeout: float | None = None, max_records: int | None = None
    ) -> Any:
        fetcher = consumer._fetcher  # noqa: SLF001  (neither library offers a way in)
        if not isinstance(fetcher._records, Fetched):  # noqa: SLF001
            fetcher._records = Fetched(self.app.chunk_records, fetcher._records)  # noqa: SLF001
        return await super()._fetch_records(consumer, active_partitions, timeout, _CHUNKS_A_FETCH)


class ChunkConsumer(driver.Consumer):
    """Yields one message a chunk: its value is the chunk's `Records`, its offset the last one's."""

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _ChunkThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        """Chunks of the next fetch; none once the consumer stops or the group has a new generation."""
        records_by_tp, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records_by_tp is None or self.should_stop or not self.flow_active:
            return
        for tp, records in records_by_tp.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            if not records or not (active is None or tp in active):
                continue
            for chunk in records:
                if len(chunk):
                    yield tp, self._message(tp, chunk)

    def _message(self, tp: TP, chunk: Records) -> Any:
        last = ConsumerRecord(
            topic=tp.topic, partition=tp.partition, offset=int(chunk.offsets[-1]), timestamp=int(chunk.time_ms[-1]),
            timestamp_type=0, key=None, value=None, checksum=None, serialized_key_size=-1, serialized_value_size=-1,
            headers=(),
        )  # fmt: skip
        message = self._to_message(tp, last)
        message.value = chunk
        return message

    async def perform_seek(self) -> None:
        """Go to the committed offsets, then to where the restored state continues."""
        await super().perform_seek()
        restore: Restore = self.app.restore_partitions
        positions = await restore(set(self.assignment()))
        if positions:
            await self.seek_wait(dict(positions))

    async def commit_next(self, offsets: Mapping[TP, int]) -> bool:
        """Commit the next offset to read of each partition that is still ours; False when the group moved on."""
        mine = {tp: offset for tp, offset in offsets.items() if tp in self.assignment()}
        return bool(mine) and await self._commit(mine)

    def committed_position(self, tp: TP) -> int | None:
        """The committed offset found at the last seek."""
        return self._committed_offset.get(tp)

    def lag(self, positions: Mapping[TP, int]) -> int:
        """Events between these positions and the ends of their partitions, as far as they are known."""
        return sum(max((self.highwater(tp) or 0) - offset, 0) for tp, offset in positions.items())

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
