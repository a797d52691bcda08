"""Files, folders and pipes to a real broker: everything arrives, in order, or is told."""

import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from cli.running import Command, started
from kafka import TopicPartition
from kafka.partitioner import murmur2

from pipeline.cli.shipper import Shipper
from pipeline.errors import SinkError
from pipeline.ingest.reader import Parsed
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.settings import load_settings
from pipeline.simulator import Emitted, Hospital
from pipeline.sinks.kafka import plain_consumer
from schemas.topics import TOPICS

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def emitted() -> list[Emitted]:
    return list(Hospital(start_ts=1_753_693_200.0, staff=120, patients=400, devices=40, events_per_s=20).events(120))


@pytest.fixture
def prefix(
    nobodys_settings: None, kafka_server: LocalKafka, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Topics of its own for every test."""
    own = f"t{abs(hash(request.node.nodeid)) % 10**9}-"
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", kafka_server.bootstrap)
    monkeypatch.setenv("WARDWATCH_TOPIC_PREFIX", own)
    return own


def on_topics(prefix: str) -> dict[str, list[Any]]:
    """Every record by topic, each partition in its order."""
    consumer = plain_consumer(load_settings(topic_prefix=prefix), group_id=None)
    try:
        found: dict[str, list[Any]] = {}
        for name in TOPICS:
            places = [TopicPartition(prefix + name, p) for p in consumer.partitions_for_topic(prefix + name) or ()]
            ends = consumer.end_offsets(places)
            found[name] = []
            for place in places:
                consumer.assign([place])
                consumer.seek_to_beginning(place)
                while consumer.position(place) < ends[place]:
                    for records in consumer.poll(timeout_ms=500).values():
                        found[name] += records
        return found
    finally:
        consumer.close()


def conn_log(folder: Path, count: int = 3) -> Path:
    path = folder / "conn.json"
    row = '{{"ts":{},"uid":"C{}","id.orig_h":"10.0.0.{}","id.resp_h":"10.0.1.1","proto":"tcp","conn_state":"SF"}}\n'
    path.write_text("".join(row.format(1_700_000_000 + i, i, i % 200) for i in range(count)))
    return path


def test_a_folder_arrives_whole_in_order_and_by_key(
    prefix: str, command: Command, tmp_path: Path, emitted: list[Emitted]
) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    for source in {e.source for e in emitted}:
        lines = [e.value for e in emitted if e.source == source]
        (folder / f"{source}.jsonl").write_bytes(b"\n".join(lines))
    ran = command("ship", folder)
    assert ran.status == 0
    assert ran.out == ""
    assert f"shipped {len(emitted):,} records" in ran.err
    arrived = on_topics(prefix)
    assert Counter({n: len(r) for n, r in arrived.items() if r}) == Counter(e.source for e in emitted)
    ids = {orjson.loads(e.value)["event_id"]: e for e in emitted}
    for source, records in arrived.items():
        for record in records:
            event = ids[orjson.loads(record.value)["event_id"]]
            assert record.key.decode() == event.key
            assert record.partition == (murmur2(record.key) & 0x7FFFFFFF) % TOPICS[source].partitions
        for partition in {r.partition for r in records}:
            times = [orjson.loads(r.value)["ts"] for r in records if r.partition == partition]
            assert times == sorted(times)


def test_standard_input(prefix: str, emitted: list[Emitted]) -> None:
    process = started("ship", "-")
    _, err = process.communicate(b"\n".join(e.value for e in emitted[:50]), timeout=60)
    assert process.returncode == 0
    assert sum(map(len, on_topics(prefix).values())) == 50
    assert b"shipped 50 records" in err


def test_what_cannot_be_read_goes_to_the_dead_letters(prefix: str, command: Command, tmp_path: Path) -> None:
    path = conn_log(tmp_path)
    path.write_text(path.read_text() + '{"uid":"without time"}\n')
    (tmp_path / "image.bin").write_bytes(b"\x00\x01\x02\x03" * 500)
    (tmp_path / "empty.log").touch()
    ran = command("ship", path, tmp_path / "image.bin", tmp_path / "empty.log")
    assert ran.status == 0
    assert "network 3; 2 dead letters" in ran.err
    arrived = on_topics(prefix)
    assert len(arrived["network"]) == 3
    assert len(arrived["deadletter"]) == 2


def test_one_topic_only(prefix: str, command: Command, tmp_path: Path) -> None:
    ran = command("ship", "--topic", "network", conn_log(tmp_path))
    assert "network 3; 0 dead letters" in ran.err
    ran = command("ship", "--topic", "claims", conn_log(tmp_path))
    assert ran.status == 0
    assert "no events; 3 dead letters" in ran.err
    reasons = {orjson.loads(r.value)["reason"] for r in on_topics(prefix)["deadletter"]}
    assert reasons == {"an event of the topic network, but only claims was asked for (--topic)"}


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        ((), "Missing argument", 2),
        (("nosuch.log",), "no such file", 2),
        (("--topic", "lists", "."), "no topic of events is called 'lists'", 2),
        (("--format", "nosuch", "."), "unknown format", 2),
        (("--mapping", "nosuch.yaml", "."), "nosuch.yaml", 2),
        (("--only-new", "."), "--only-new needs --follow", 2),
        (("--rate", "0", "."), "--rate has to be above zero", 2),
        (("--rate", "fast", "."), "--rate", 2),
        (("--follow", "-"), "cannot be followed", 2),
    ],
)
def test_wrong_usage_is_one_line(
    prefix: str, command: Command, arguments: tuple[str, ...], said: str, status: int
) -> None:
    ran = command("ship", *arguments)
    assert ran.status == status
    assert said in ran.error


def test_no_kafka_is_one_line(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", f"127.0.0.1:{free_port()}")
    monkeypatch.setattr("pipeline.cli.shipper.CONNECT_MS", 1000)
    ran = command("ship", conn_log(tmp_path))
    assert ran.status == 1
    assert "does not answer" in ran.error


def test_a_record_too_large_is_counted_and_harms_no_other(prefix: str, nobodys_settings: None) -> None:
    with Shipper(load_settings()) as shipper:
        for size in (10, 2_000_000, 10):
            shipper.ship(Parsed("network", 1.0, "10.0.0.1", b"x" * size))
        shipper.flush()
        assert (shipper.records, shipper.lost) == (3, 1)
        assert shipper.reason() == "MessageSizeTooLargeError"
    assert len(on_topics(prefix)["network"]) == 2


def test_a_broker_that_goes_away_is_told(
    tmp_path: Path, nobodys_settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cli.shipper.DELIVERY_MS", 1000)
    with LocalKafka(tmp_path / "own", port=free_port()) as broker:
        shipper = Shipper(load_settings(kafka_bootstrap=broker.bootstrap))
        shipper.ship(Parsed("network", 1.0, "10.0.0.1", b"{}"))
        shipper.flush()
        assert shipper.lost == 0
        broker.stop()
        for _ in range(5):
            shipper.ship(Parsed("network", 1.0, "10.0.0.1", b"{}"))
        try:
            shipper.flush()
        except SinkError:
            pass
        else:
            assert shipper.lost == 5
        shipper.close()


def test_ctrl_c_says_how_far_it_got(prefix: str, tmp_path: Path) -> None:
    process = started("ship", "--rate", "50", conn_log(tmp_path, 5000))
    wait_for(prefix, "network", 5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    (line,) = err.decode().splitlines()
    told = int(line.removeprefix("interrupted after ").split()[0].replace(",", ""))
    assert told == len(on_topics(prefix)["network"]) < 5000


def test_follow_goes_on_until_ctrl_c(prefix: str, tmp_path: Path) -> None:
    path = conn_log(tmp_path, 20)
    other = tmp_path / "more"
    other.mkdir()
    process = started("ship", "--follow", path, other)
    wait_for(prefix, "network", 20)
    line = path.read_text().splitlines()[0].replace("C0", "C99")
    with path.open("a") as file:
        file.write(line + "\n")
    conn_log(other, 7)
    wait_for(prefix, "network", 28)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"shipped 28 records" in err


def wait_for(prefix: str, topic: str, count: int) -> None:
    """Until so many records stand on a topic (at most a minute)."""
    until = time.monotonic() + 60
    while len(on_topics(prefix)[topic]) < count:
        assert time.monotonic() < until, "the records did not arrive"
        time.sleep(0.3)
