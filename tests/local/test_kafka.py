"""The broker is a real one: clients of two libraries meet in it, and its topics outlive it."""

import asyncio
import socket
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from pipeline.errors import LocalServiceError
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port

pytestmark = pytest.mark.servers


def make_topic(broker: LocalKafka, topic: str, partitions: int = 1) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1)])
    admin.close()


def read_values(broker: LocalKafka, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(
        topic, bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=15000
    )
    values: list[bytes] = []
    for record in consumer:
        values.append(record.value)
        if len(values) == count:
            break
    consumer.close()
    return values


def send_values(broker: LocalKafka, topic: str, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    for value in values:
        producer.send(topic, value)
    producer.close()


def test_round_trip_kafka_python(kafka: LocalKafka) -> None:
    make_topic(kafka, "plain")
    sent = [b"event-%d" % number for number in range(100)]
    send_values(kafka, "plain", sent)
    assert read_values(kafka, "plain", 100) == sent


def test_round_trip_aiokafka_with_group_and_compression(kafka: LocalKafka) -> None:
    make_topic(kafka, "grouped", partitions=2)

    async def run() -> set[bytes]:
        producer = AIOKafkaProducer(
            bootstrap_servers=kafka.bootstrap, enable_idempotence=True, acks="all", compression_type="lz4"
        )
        await producer.start()
        for number in range(50):
            await producer.send_and_wait("grouped", b"%d" % number, key=b"%d" % number)
        await producer.stop()
        consumer = AIOKafkaConsumer(
            "grouped", bootstrap_servers=kafka.bootstrap, group_id="readers", auto_offset_reset="earliest"
        )
        await consumer.start()
        got: set[bytes] = set()
        async with asyncio.timeout(20):
            while len(got) < 50:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    got.update(record.value for record in records)
        await consumer.commit()
        await consumer.stop()
        return got

    assert asyncio.run(run()) == {b"%d" % number for number in range(50)}


def test_topics_are_not_made_by_accident(kafka: LocalKafka) -> None:
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap)
    assert consumer.partitions_for_topic("nobody-made-this") in (None, set())
    consumer.close()


def test_folder_is_used_by_one_broker_only(kafka: LocalKafka, kafka_folder: Path) -> None:
    with pytest.raises(LocalServiceError, match="another server already runs"):
        LocalKafka(kafka_folder, port=free_port()).start()


def test_port_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalServiceError, match=f"port {port} .* is taken; .*choose another port"):
            LocalKafka(tmp_path, port=port).start()


def test_unwritable_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LocalServiceError, match="cannot write to"):
        LocalKafka(tmp_path / "file" / "below", port=free_port()).start()


def test_zz_restart_keeps_data(kafka: LocalKafka) -> None:
    """Last in this file: it restarts the shared broker."""
    make_topic(kafka, "kept")
    send_values(kafka, "kept", [b"before"])
    kafka.stop()
    assert not kafka.alive()
    kafka.start()
    send_values(kafka, "kept", [b"after"])
    assert read_values(kafka, "kept", 2) == [b"before", b"after"]
