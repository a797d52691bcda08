"""A few documents to a topic, now: what a person orders on the command line."""

import logging
from collections.abc import Iterable

from kafka.errors import KafkaError

from pipeline.errors import SinkError
from pipeline.sinks.kafka import Broker, create_topics, plain_producer

_CONNECT_MS, _DELIVERY_MS = 8_000, 20_000


def send(settings: Broker, topic: str, records: Iterable[tuple[str, bytes | None]]) -> int:
    """Send (key, value) to a topic (without prefix), in order, and wait until all are acknowledged; how many it were.

    Missing topics are made. A value of None takes back what a compacted topic has under the key. Raises SinkError
    when Kafka does not answer or refuses one: those before it may have been taken.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it tells every retry; we tell the outcome
    producer = plain_producer(
        settings,
        acks="all",
        enable_idempotence=True,
        delivery_timeout_ms=_DELIVERY_MS,
        request_timeout_ms=_DELIVERY_MS // 2,
        max_block_ms=_DELIVERY_MS,
        bootstrap_timeout_ms=_CONNECT_MS,
        metrics_enabled=False,
    )
    sent = []
    try:
        create_topics(settings)
        for key, value in records:
            sent.append(producer.send(settings.topic_prefix + topic, value, key.encode()))
        producer.flush(timeout=_DELIVERY_MS / 1000)
        for one in sent:
            one.get(timeout=_DELIVERY_MS / 1000)
    except KafkaError as error:
        name = settings.topic_prefix + topic
        raise SinkError(f"Kafka does not take what goes to {name} ({type(error).__name__})") from error
    finally:
        producer.close(timeout=5.0)
    return len(sent)
