"""Sends what ingest reads to its topics, in reading order, and knows at the end what was delivered.

kafka-python spends 50 µs a record; half of it was its pure-Python hash of the key, remembered here by key.
"""

import logging
from collections import Counter
from functools import lru_cache
from typing import Any

from kafka.errors import KafkaError
from kafka.partitioner import murmur2

from pipeline.errors import SinkError
from pipeline.ingest.format import Bad
from pipeline.ingest.letters import dead_letter
from pipeline.ingest.reader import Parsed
from pipeline.settings import Settings
from pipeline.sinks.kafka import create_topics, plain_producer
from schemas.dead_letter import DeadLetter

CONNECT_MS = 8_000
DELIVERY_MS = 30_000
"""How long a record may be on its way before it counts as lost."""
IN_FLIGHT_BYTES = 16 * 2**20
"""Sent and not yet acknowledged, at most: then it is waited for all of them (50 ms, every few seconds)."""
BATCH_BYTES = 256 * 1024
_BULK_LINGER_MS, _LIVE_LINGER_MS = 500, 20
_CLOSE_S = 5.0


@lru_cache(65_536)
def _hash(key: bytes) -> int:
    """Kafka's own hash of a key, as its default partitioner uses it in every language."""
    return int(murmur2(key)) & 0x7FFFFFFF


class Shipper:
    """One connection to Kafka; missing topics are made first.

    The producer is idempotent and every record goes to the partition of its key: what was read first stands first,
    retries included. Raises SinkError when Kafka does not answer within 8 seconds, or refuses records.
    """

    def __init__(self, settings: Settings, only: str | None = None, *, live: bool = False) -> None:
        """`only`: the one source that may be sent; events of others become dead letters. `live`: each record soon
        rather than many together, which takes a third less of the processor.
        """
        logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it tells every retry; we tell the outcome
        self._prefix, self._only = settings.topic_prefix, only
        self._failures: list[Exception] = []
        self._pending = 0
        self._producer = plain_producer(
            settings,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=_LIVE_LINGER_MS if live else _BULK_LINGER_MS,
            batch_size=BATCH_BYTES,
            delivery_timeout_ms=DELIVERY_MS,
            request_timeout_ms=DELIVERY_MS // 2,
            max_block_ms=DELIVERY_MS,
            bootstrap_timeout_ms=CONNECT_MS,
            metrics_enabled=False,
        )
        self.sent: Counter[str] = Counter()
        """Records by topic without prefix, dead letters included; delivered unless they are in `lost`."""
        try:
            create_topics(settings)
        except BaseException:
            self._producer.close(timeout=0)
            raise
        self._partitions: dict[str, list[int]] = {}

    @property
    def lost(self) -> int:
        """Records that Kafka did not take, as far as known; exact after `flush`."""
        return len(self._failures)

    @property
    def records(self) -> int:
        """Records handed to Kafka so far."""
        return self.sent.total()

    def reason(self) -> str:
        """What Kafka said of the first record it did not take."""
        return type(self._failures[0]).__name__ if self._failures else ""

    def ship(self, result: Parsed | DeadLetter) -> None:
        """Send one record. Raises SinkError when earlier ones were not taken: what follows would not be either."""
        if isinstance(result, Parsed) and self._only not in (None, result.source):
            reason = f"an event of the topic {result.source}, but only {self._only} was asked for (--topic)"
            result = dead_letter("ship", Bad(f"record {self.records + 1}", reason, result.value, "wardwatch"))
        if isinstance(result, Parsed):
            self._send(result.source, result.key.encode(), result.value)
        else:
            self._send("deadletter", result.source.encode(), result.to_json())

    def _send(self, topic: str, key: bytes, value: bytes) -> None:
        self.sent[topic] += 1
        partitions = self._partitions.get(topic) or self._look_up(topic)
        partition = partitions[_hash(key) % len(partitions)]
        try:
            future = self._producer.send(self._prefix + topic, value, key, None, partition)
        except KafkaError as error:  # larger than Kafka takes: this record's fault, the others go on
            self._failures.append(error)
            return
        future.add_errback(self._failures.append)
        self._pending += len(value)
        if self._pending >= IN_FLIGHT_BYTES:
            before = self.lost
            self.flush()
            if self.lost > before:
                raise SinkError(f"Kafka did not take {self.lost:,} records ({self.reason()})")

    def _look_up(self, topic: str) -> list[int]:
        try:
            found = sorted(self._producer.partitions_for(self._prefix + topic))
        except KafkaError as error:
            raise SinkError(f"Kafka does not tell the partitions of {self._prefix + topic}") from error
        self._partitions[topic] = found
        return found

    def flush(self) -> None:
        """Wait until every record is acknowledged or lost."""
        self._pending = 0
        try:
            self._producer.flush(timeout=2 * DELIVERY_MS / 1000)
        except KafkaError as error:
            raise SinkError(f"Kafka does not acknowledge what was sent ({type(error).__name__})") from error

    def close(self) -> None:
        """Let the connection go; what was not flushed may be lost."""
        self._producer.close(timeout=_CLOSE_S)

    def __enter__(self) -> "Shipper":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
