"""Reads a range of Kafka's log beside the workers: no group, no commits, and never longer than Kafka answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from time import monotonic
from typing import Self, TypeVar

import aiokafka
import aiokafka.errors
from aiokafka import TopicPartition

from pipeline.errors import SinkError
from pipeline.features.record_batch import Records
from pipeline.runtime.replay.range import Slice
from pipeline.runtime.transport.chunk_records import leave_in_chunks
from pipeline.settings import Settings
from pipeline.sinks.kafka import client_options

_ANSWER_S = 10.0
"""A broker that has not answered by then is taken for unreachable."""
_SILENT_S = 30.0
"""No record for so long although the range is not read to its end: Kafka is gone."""
_POLL_MS = 250
_CHUNKS_A_POLL = 8
_FETCH_BYTES = 4 << 20
T = TypeVar("T")


class ReplayLog:
    """A reader of source topics, as an async context manager. Every method raises SinkError when Kafka is silent."""

    def __init__(self, settings: Settings) -> None:
        self._bootstrap = settings.kafka_bootstrap
        self._most = settings.chunk_records
        self._consumer = aiokafka.AIOKafkaConsumer(
            **client_options(settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=_FETCH_BYTES,
            request_timeout_ms=int(_ANSWER_S * 1000),
        )
        self.lost: list[tuple[str, int, int, int]] = []
        """Topic, partition, first and last offset that retention took while they were still to be read."""

    async def __aenter__(self) -> Self:
        try:
            await self._answer(self._consumer.start())
            leave_in_chunks(self._consumer, self._most)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def _close(self) -> None:
        # Away from its broker aiokafka ends in the cancellation of its own fetches, which must not hide our error.
        await asyncio.gather(self._consumer.stop(), return_exceptions=True)

    async def _answer(self, asked: Awaitable[T]) -> T:
        try:
            return await asyncio.wait_for(asked, _ANSWER_S)
        except (aiokafka.errors.KafkaError, TimeoutError, OSError) as error:
            raise SinkError(f"Kafka at {self._bootstrap} does not answer ({type(error).__name__})") from error

    async def chunks(self, slices: Sequence[Slice]) -> AsyncIterator[tuple[Slice, Records]]:
        """Records of each slice in log order, from `warm` to `end`, some thousands of one partition at a time."""
        places = {TopicPartition(s.topic, s.partition): s for s in slices if s.start < s.end}
        self._consumer.assign(list(places))
        for tp, s in places.items():
            self._consumer.seek(tp, s.warm)
        moved = monotonic()
        while places:
            fetched = await self._fetch(places)
            for tp, parts in fetched.items():
                for records in parts:
                    wanted = records.before(places[tp].end)
                    if len(wanted):
                        yield places[tp], wanted
                moved = monotonic()
            for tp in [tp for tp in places if await self._consumer.position(tp) >= places[tp].end]:
                self._consumer.pause(tp)
                del places[tp]
            if places and monotonic() - moved > _SILENT_S:
                tp = next(iter(places))
                raise SinkError(
                    f"Kafka at {self._bootstrap} gives no record of {tp.topic}[{tp.partition}] for {_SILENT_S:.0f} s:"
                    " replay again when it answers"
                )

    async def _fetch(self, places: Mapping[TopicPartition, Slice]) -> Mapping[TopicPartition, list[Records]]:
        try:
            return await self._consumer.getmany(*places, timeout_ms=_POLL_MS, max_records=_CHUNKS_A_POLL)
        except aiokafka.errors.OffsetOutOfRangeError:
            await self._skip_gone(places)
        except aiokafka.errors.KafkaError as error:
            raise SinkError(f"Kafka at {self._bootstrap} refuses to be read ({type(error).__name__})") from error
        return {}

    async def _skip_gone(self, places: Mapping[TopicPartition, Slice]) -> None:
        """Retention was quicker: go on where the log begins now, and remember what is missing."""
        begins = await self._answer(self._consumer.beginning_offsets(list(places)))
        for tp, begin in begins.items():
            at = await self._consumer.position(tp)
            if at < begin:
                self.lost.append((tp.topic, tp.partition, at, min(begin, places[tp].end) - 1))
                self._consumer.seek(tp, begin)
