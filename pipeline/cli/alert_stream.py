"""Alerts as they come from their topic, for eyes and for programs."""

import logging
import time
from collections.abc import Generator
from typing import Any

import orjson
from kafka import TopicPartition
from kafka.errors import KafkaError
from pydantic import ValidationError

from pipeline.errors import SinkError
from pipeline.settings import Settings
from pipeline.sinks.kafka import plain_consumer
from schemas.alert import Alert

CONNECT_MS = 8_000
_POLL_MS = 300


def alert_stream(
    settings: Settings, *, from_beginning: bool = False, idle_exit_s: float | None = None
) -> Generator[Alert | str, None, None]:
    """Every alert in the order of its partitions, for ever or until none came for `idle_exit_s`.

    A document that is no alert comes as one sentence that says where it stands. Belongs to no consumer group and
    commits nothing, so that looking never changes what others read. SinkError: Kafka or the topic is not there.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    consumer = plain_consumer(
        settings, group_id=None, enable_auto_commit=False, bootstrap_timeout_ms=CONNECT_MS, metrics_enabled=False
    )
    try:
        _take_all(consumer, settings.topic_prefix + "alerts", from_beginning=from_beginning)
        last = time.monotonic()
        while idle_exit_s is None or time.monotonic() - last < idle_exit_s:
            records = [r for batch in consumer.poll(timeout_ms=_POLL_MS).values() for r in batch]
            for record in sorted(records, key=lambda r: (r.timestamp, r.partition, r.offset)):
                yield _read(record)
            if records:
                last = time.monotonic()
    except KafkaError as error:
        raise SinkError(f"Kafka at {settings.kafka_bootstrap} stopped answering ({type(error).__name__})") from error
    finally:
        consumer.close()


def _take_all(consumer: Any, topic: str, *, from_beginning: bool) -> None:
    found = consumer.partitions_for_topic(topic)
    if not found:
        raise SinkError(f"Kafka has no topic {topic}: make it with wardwatch init")
    places = [TopicPartition(topic, number) for number in sorted(found)]
    consumer.assign(places)
    if from_beginning:
        consumer.seek_to_beginning(*places)
    else:
        # Where the log ends now, not where it will end when the first poll is answered.
        for place, offset in consumer.end_offsets(places).items():
            consumer.seek(place, offset)


def _read(record: Any) -> Alert | str:
    try:
        return Alert.model_validate(orjson.loads(record.value))
    except (ValueError, ValidationError, TypeError):
        return f"no alert: {record.topic} partition {record.partition} offset {record.offset} cannot be read"
