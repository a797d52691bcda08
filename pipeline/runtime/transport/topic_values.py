"""A topic from its beginning, without a consumer group: what every reader needs all of."""

from collections.abc import AsyncIterator

import aiokafka

from pipeline.settings import Settings
from pipeline.sinks.kafka import client_options

_WAIT_MS = 250
_AT_A_TIME = 5000


async def topic_values(settings: Settings, topic: str, *, to_end: bool) -> AsyncIterator[list[bytes]]:
    """Values in the order of their partitions' logs, many at a time; `to_end` stops where the topic ended at first.

    Raises KafkaError or OSError as they come.
    """
    consumer = aiokafka.AIOKafkaConsumer(
        settings.topic_prefix + topic, **client_options(settings), group_id=None, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        ends = await consumer.end_offsets(consumer.assignment())
        while True:
            chunk = await consumer.getmany(timeout_ms=_WAIT_MS, max_records=_AT_A_TIME)
            values = [r.value for records in chunk.values() for r in records if r.value is not None]
            if values:
                yield values
            if to_end and all([await consumer.position(tp) >= end for tp, end in ends.items()]):
                return
    finally:
        await consumer.stop()
