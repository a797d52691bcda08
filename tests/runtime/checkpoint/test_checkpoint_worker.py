"""A real worker whose checkpoints cannot be written for a while, and one that keeps them in an object store."""

import logging
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pipeline.settings import Settings
from pipeline.sinks.kafka import plain_consumer
from runtime.bench import Bench, Record

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def committed(settings: Settings) -> int:
    """Sum of the group's committed offsets of the network topic."""
    from kafka import TopicPartition

    consumer = plain_consumer(settings, group_id=settings.consumer_group, enable_auto_commit=False)
    try:
        topic = settings.topic_prefix + "network"
        parts = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
        found = [consumer.committed(p) for p in parts]
        return sum(getattr(f, "offset", f) or 0 for f in found)
    finally:
        consumer.close()


def test_a_full_disk_keeps_the_offset_and_recovers(
    bench: Callable[..., Bench], records: list[Record], disk: Path
) -> None:
    b = bench(partitions=1, checkpoints=disk / "checkpoints")
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(16 << 20)[: _free(disk) - 8192])
    network = [r for r in records if r.source == "network"][:4000]
    b.send(network)
    worker = b.start()
    b.wait_for_records(len(network))
    b.wait(lambda: "No space left" in b.log.read_text(), "the log to tell of the disk")
    assert not b.checkpoints()
    assert committed(b.settings) == 0
    ballast.unlink()
    b.wait(lambda: committed(b.settings) == len(network), "the offset to be committed")
    assert b.checkpoints()
    assert b.stop(worker) == 0


def _free(disk: Path) -> int:
    return int(subprocess.run(["stat", "-f", "-c", "%a", str(disk)], capture_output=True, check=True).stdout) * 4096


def test_state_comes_back_from_an_object_store(
    bench: Callable[..., Bench], records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    given = {
        "ENDPOINT_URL": f"http://{host}:{port}",
        "ACCESS_KEY_ID": "someone",
        "SECRET_ACCESS_KEY": "something",
        "DEFAULT_REGION": "us-east-1",
        "EC2_METADATA_DISABLED": "true",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    try:
        client = boto3.client("s3")
        client.create_bucket(Bucket="worker")
        b = bench(partitions=1, checkpoints="s3://worker/checkpoints")
        network = [r for r in records if r.source == "network"][:4000]
        for begin, end in ((0, 2000), (2000, 4000)):
            b.send(network[begin:end])
            worker = b.start()
            b.wait_for_records(end)
            assert b.stop(worker) == 0
        keys = [o["Key"] for o in client.list_objects_v2(Bucket="worker")["Contents"]]
        newest = max(k.rpartition("/")[2] for k in keys if f"{b.settings.topic_prefix}network/0/" in k)
        assert int(newest.partition(".")[0]) == len(network)
        assert "start afresh" not in b.log.read_text()
    finally:
        server.stop()
