"""Topics are made once, and documents arrive with key and headers."""

import asyncio
import hashlib
from collections.abc import Callable

import pytest
from aiokafka import codec
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.document import CREATE, alert_document
from pipeline.errors import SinkError
from pipeline.features.record_batch import HEADER_BYTES
from pipeline.local.service_folder import free_port
from pipeline.settings import Settings
from pipeline.sinks.document_producer import DocumentProducer
from pipeline.sinks.kafka import create_topics, plain_consumer, plain_producer
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter
from schemas.finding import Evidence, Finding
from schemas.topics import TOPICS

pytestmark = pytest.mark.servers


def _alert() -> Alert:
    finding = Finding(
        detector="network.port_scan", title="Port scan", severity=3, source="network", ts=1_790_000_000.25,
        entity="10.0.0.9", entity_type="ip", group_key="10.0.0.9", score=0.9, threshold=0.5, message="A scan.",
        model_version="v", evidence=Evidence(topic="network", partition=0, offset=4, event_id="e4"),
    )  # fmt: skip
    state = AlertState("uid1", 20_717, finding, count=1, first_ts=finding.ts, last_ts=finding.ts, top_score=0.9)
    return alert_document(state, CREATE, "1.2.3")


def _letter() -> DeadLetter:
    return DeadLetter(
        source="network", position="offset 7", format="wardwatch.event", reason="document: not valid JSON",
        excerpt="{", size_bytes=1, sha256=hashlib.sha256(b"{").hexdigest(), letter_id="l1",
    )  # fmt: skip


def test_topics_are_made_once(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(partitions=2)
    assert sorted(create_topics(settings)) == sorted(settings.topic_prefix + name for name in TOPICS)
    assert create_topics(settings) == []
    consumer = plain_consumer(settings)
    try:
        assert len(consumer.partitions_for_topic(settings.topic_prefix + "network") or ()) == 2
        assert len(consumer.partitions_for_topic(settings.topic_prefix + "lists") or ()) == 1
    finally:
        consumer.close()


def test_documents_arrive_with_key_and_headers(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    create_topics(settings)

    async def send() -> int:
        producer = DocumentProducer(settings)
        await producer.start()
        try:
            await producer.alerts([_alert()])
            await producer.dead_letters([_letter()])
            await producer.settle()
            return await producer.partition_count(settings.topic_prefix + "network")
        finally:
            await producer.stop()

    assert asyncio.run(send()) == TOPICS["network"].partitions
    names = [settings.topic_prefix + "alerts", settings.topic_prefix + "deadletter"]
    consumer = plain_consumer(
        settings, auto_offset_reset="earliest", enable_auto_commit=False, consumer_timeout_ms=20_000
    )
    try:
        consumer.subscribe(names)
        found = {}
        for record in consumer:
            found[record.topic] = record
            if len(found) == 2:
                break
    finally:
        consumer.close()
    alert, letter = (found[name] for name in names)
    assert Alert.model_validate_json(alert.value) == _alert()
    assert alert.key == b"10.0.0.9"
    headers = dict(alert.headers)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_id"] == _alert().metadata.uid.encode()
    assert headers["ce_type"] == b"org.ocsf.2004.create"
    assert headers["ce_time"].endswith(b"Z")
    assert DeadLetter.model_validate_json(letter.value) == _letter()
    assert letter.key == b"network"


def test_a_producer_that_is_not_started_says_so() -> None:
    with pytest.raises(SinkError, match="not started"):
        asyncio.run(DocumentProducer(Settings()).alerts([_alert()]))


def test_a_producer_without_a_broker_is_one_line() -> None:
    with pytest.raises(SinkError, match="does not answer"):
        asyncio.run(DocumentProducer(Settings(kafka_bootstrap=f"127.0.0.1:{free_port()}")).start())


@pytest.mark.parametrize("connect", [create_topics, plain_producer])
def test_an_absent_broker_is_one_line(connect: Callable[[Settings], object]) -> None:
    with pytest.raises(SinkError) as caught:
        connect(Settings(kafka_bootstrap=f"127.0.0.1:{free_port()}"))
    assert "\n" not in str(caught.value) and "does not answer" in str(caught.value)


def test_batches_are_packed_quickly() -> None:
    """The library has one level for all, and it is the slowest."""
    texts = [b'{"kind":"contact","number":%d,"digest":"%d"}' % (n, n * 7_919**3) for n in range(3000)]
    batch = DefaultRecordBatchBuilder(2, 3, False, -1, -1, -1, 1 << 20)
    for n, text in enumerate(texts):
        batch.append(n, 1, b"", text, [])
    size = batch.size()
    packed = bytes(batch.build())
    plain = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1 << 20)
    for n, text in enumerate(texts):
        plain.append(n, 1, b"", text, [])
    records = bytes(plain.build())[HEADER_BYTES:]
    assert len(packed) < size / 2
    assert packed[HEADER_BYTES:] == codec.lz4_encode(records, 1) != codec.lz4_encode(records, 9)
    assert codec.lz4_decode(packed[HEADER_BYTES:]) == records
