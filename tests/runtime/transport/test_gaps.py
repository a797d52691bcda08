"""Events that retention took before they were read are told with their offsets; holes in a log are not."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.runtime.transport.gaps import DETECTOR, Gap, gap_alert, gap_between
from pipeline.settings import Settings
from pipeline.sinks.kafka import client_options, plain_consumer, plain_producer
from runtime.bench import Bench, Record

offsets = st.integers(0, 10**12)


@given(wanted=offsets, begin=offsets, length=offsets)
def test_a_gap_is_what_lies_before_the_beginning(wanted: int, begin: int, length: int) -> None:
    gap = gap_between("network", 1, wanted, begin, begin + length)
    if gap is None:
        assert begin <= wanted <= begin + length
    elif gap.remade:
        assert wanted > begin + length
    else:
        assert (gap.first, gap.last, gap.count) == (wanted, begin - 1, begin - wanted)


def test_a_gap_told_again_is_the_same_alert() -> None:
    (first, told), (second, again) = (gap_alert(Gap("network", 0, 5, last), "network", 1e9) for last in (9, 20))
    assert first.uid == second.uid
    assert told.metadata.uid != again.metadata.uid
    assert second.count > first.count, "the table keeps the larger"
    assert "offsets 5 to 20" in again.message
    other = gap_alert(Gap("network", 1, 5, 9), "network", 1e9)[0]
    assert other.uid != first.uid


@pytest.fixture(scope="session")
def flows(records: list[Record]) -> list[Record]:
    return [r for r in records if r.source == "network" and b'"kind":"flow"' in (r.value or b"")][:1200]


@contextmanager
def admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(**client_options(settings))
    try:
        yield client
    finally:
        client.close()


def retain_from(b: Bench, offset: int) -> None:
    """What retention does to the only partition of `network`."""
    with admin(b.settings) as client:
        client.delete_records({TopicPartition(b.settings.topic_prefix + "network", 0): offset})


def committed(b: Bench, group: str) -> int | None:
    """What a group has committed for the only partition of `network`."""
    consumer = plain_consumer(b.settings, group_id=group, enable_auto_commit=False)
    try:
        found: int | None = consumer.committed(TopicPartition(b.settings.topic_prefix + "network", 0))
        return found
    finally:
        consumer.close()


def gaps(b: Bench) -> list[tuple[int, str]]:
    """Count and sentence of the gaps in the table."""
    rows = b.database.query(f"SELECT count, sentence FROM alerts WHERE detector = '{DETECTOR}' ORDER BY first_seen")
    return [(int(count), str(sentence)) for count, sentence in rows]


def told_gaps(b: Bench) -> list[str]:
    """Ids of the gaps on the topic."""
    return [a.finding_info.uid for a in b.told() if a.finding_info.analytic.uid == DETECTOR]


@pytest.mark.servers
@pytest.mark.slow
def test_retention_while_no_worker_ran(bench: Callable[..., Bench], flows: list[Record]) -> None:
    """Told once, though the worker is killed right after and the next one finds the same gap."""
    b = bench(partitions=1)
    b.send(flows[:300])
    worker = b.start()
    b.wait_for_records(300)
    assert b.stop(worker) == 0
    b.send(flows[300:600])
    retain_from(b, 450)
    worker = b.start()
    b.wait(lambda: bool(gaps(b)), "the alert")
    b.stop(worker, signal.SIGKILL)
    worker = b.start()
    b.wait_for_records(450)
    assert b.stop(worker) == 0
    topic = b.settings.topic_prefix + "network"
    ((count, sentence),) = gaps(b)
    assert count == 150
    assert f"partition 0 of topic {topic}" in sentence and "offsets 300 to 449" in sentence
    assert len(set(told_gaps(b))) == 1
    assert b.count() == 450
    assert "offsets 300 to 449" in b.log.read_text()


@pytest.mark.servers
@pytest.mark.slow
def test_retention_before_the_first_event_was_read(bench: Callable[..., Bench], flows: list[Record]) -> None:
    """A worker that had nothing to read has said where it begins. A group that is new has missed nothing."""
    b = bench(partitions=1)
    worker = b.start()
    b.wait(lambda: committed(b, b.settings.consumer_group) == 0, "its beginning to be committed")
    assert b.stop(worker) == 0
    b.send(flows[:100])
    retain_from(b, 40)
    worker = b.start()
    b.wait_for_records(60)
    assert b.stop(worker) == 0
    ((count, sentence),) = gaps(b)
    assert count == 40 and "offsets 0 to 39" in sentence
    group = f"{b.settings.consumer_group}-new"
    worker = b.start(WARDWATCH_CONSUMER_GROUP=group)
    b.wait(lambda: committed(b, group) is not None, "the new group's beginning")
    assert b.stop(worker) == 0
    assert len(gaps(b)) == 1


@pytest.mark.servers
@pytest.mark.slow
def test_retention_overtakes_a_running_worker(bench: Callable[..., Bench], flows: list[Record]) -> None:
    """It stands still (as one that is too slow does) while the broker deletes what it was to read next."""
    b = bench(partitions=1)
    b.send(flows[:300])
    worker = b.start()
    b.wait_for_records(300)
    worker.send_signal(signal.SIGSTOP)
    b.send(flows[300:900])
    retain_from(b, 800)
    worker.send_signal(signal.SIGCONT)
    b.wait(lambda: bool(gaps(b)), "the alert")
    b.wait_for_records(400)
    assert b.stop(worker) == 0
    ((count, sentence),) = gaps(b)
    # What the broker had sent already when the worker was stopped is there; every other event is accounted for.
    assert b.count() + count == 900 and count > 400
    assert f"offsets {800 - count} to 799" in sentence


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_a_topic_made_anew(bench: Callable[..., Bench], flows: list[Record], running: bool) -> None:
    """Its offsets begin again below ours: nothing of it may be skipped, and a restart does not fall back."""
    b = bench(partitions=1)
    b.send(flows[:600])
    worker = b.start()
    b.wait_for_records(600)
    b.wait(lambda: bool(b.checkpoints()), "a checkpoint")
    if not running:
        assert b.stop(worker) == 0
    topic = b.settings.topic_prefix + "network"
    with admin(b.settings) as client:
        client.delete_topics([topic])
        b.wait(lambda: topic not in client.list_topics(), "the topic to be gone") if running else time.sleep(1)
        client.create_topics([NewTopic(topic, 1, 1)])
    b.send(flows[600:800])
    if not running:
        worker = b.start()
    b.wait_for_records(800)
    assert b.stop(worker) == 0
    b.send(flows[800:900])
    worker = b.start()
    b.wait_for_records(900)
    assert b.stop(worker) == 0
    ((_, sentence),) = gaps(b)
    assert "made anew" in sentence and "offset 600" in sentence
    assert b.count() == 900
    assert "start afresh" not in b.log.read_text(), "what was learned is kept"


@pytest.mark.servers
@pytest.mark.slow
def test_holes_of_transactions_are_no_gap(bench: Callable[..., Bench], flows: list[Record]) -> None:
    """Every commit of a transactional producer takes an offset that no event has."""
    b = bench(partitions=1, chunk_records=20)
    producer = plain_producer(b.settings, transactional_id=f"{b.settings.topic_prefix}shipper")
    producer.init_transactions()
    worker = b.start()
    for at in range(0, 300, 60):
        producer.begin_transaction()
        for r in flows[at : at + 60]:
            producer.send(b.settings.topic_prefix + "network", key=r.key, value=r.value)
        producer.commit_transaction()
    producer.close()
    b.wait_for_records(300)
    assert b.stop(worker) == 0
    assert not gaps(b)
    assert b.count() == 300
