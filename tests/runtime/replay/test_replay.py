"""Replays of a real log into a real database: the same settings give the same, others what they would have given."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from pipeline.errors import ConfigError, SinkError, UsageError
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.runtime.replay.difference import BEYOND, CHANGED, ONLY_PRODUCTION, ONLY_REPLAY, SAME
from pipeline.runtime.replay.range import ALL, Bound, ReplayRange
from pipeline.runtime.replay.replay import Replay, ReplayRequest, ReplaySummary
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.kafka import client_options, plain_consumer, plain_producer
from runtime.bench import Bench, Outcome, Record, outcome, scanned, write_inventory
from schemas.sources import INPUTS

pytestmark = pytest.mark.servers
WHOLE = ReplayRange(Bound(), Bound())
_numbers = itertools.count()


@dataclass(frozen=True)
class Production:
    """What a worker made of all records, with two partitions a topic."""

    bench: Bench
    records: list[Record]
    outcome: Outcome
    inventory: Path

    @property
    def settings(self) -> Settings:
        return self.bench.settings

    def replay(self, settings: Settings | None = None, span: ReplayRange = WHOLE, into: str = "") -> ReplaySummary:
        request = ReplayRequest(tuple(INPUTS), span, into or f"n{next(_numbers)}")
        return Replay(settings or self.settings, request).run()

    def read(self, summary: ReplaySummary) -> Outcome:
        database = ClickHouse.connect(replace_database(self.settings, summary.database))
        try:
            return outcome(database)
        finally:
            database.close()


def replace_database(settings: Settings, name: str) -> Settings:
    return settings.model_copy(update={"clickhouse_database": name})


@pytest.fixture(scope="module")
def production(
    kafka: LocalKafka,
    clickhouse: LocalClickHouse,
    records: list[Record],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Production]:
    root = ClickHouse.connect(Settings(clickhouse_url=clickhouse.url))
    root.query("CREATE DATABASE replayed")
    root.close()
    folder = tmp_path_factory.mktemp("replayed")
    bench = Bench(
        Settings(
            data_dir=folder,
            kafka_bootstrap=kafka.bootstrap,
            clickhouse_url=clickhouse.url,
            clickhouse_database="replayed",
            topic_prefix="replayed-",
            consumer_group="replayed",
            partitions=2,
            checkpoint_every_s=0.5,
            insert_every_s=0.2,
            pseudonym_key="a key that all tests of this room share",  # type: ignore[arg-type]
        )
    )
    try:
        bench.send(records)
        worker = bench.start()
        bench.wait_for_records(len(records))
        assert bench.stop(worker) == 0
        inventory = write_inventory(records, folder / "inventory.csv")
        yield Production(bench, records, outcome(bench.database), inventory)
    finally:
        bench.end()


def _ends(settings: Settings) -> dict[TopicPartition, int]:
    """Where every topic of ours ends, and what the workers' group has committed."""
    consumer = plain_consumer(settings, group_id=settings.consumer_group, enable_auto_commit=False)
    try:
        names = [t for t in consumer.topics() if t.startswith(settings.topic_prefix)]
        places = [TopicPartition(t, p) for t in names for p in consumer.partitions_for_topic(t)]
        ends = dict(consumer.end_offsets(places))
        return ends | {TopicPartition("committed " + p.topic, p.partition): consumer.committed(p) for p in places}
    finally:
        consumer.close()


def test_the_same_settings_give_the_same_and_touch_nothing(production: Production) -> None:
    before = _ends(production.settings)
    summary = production.replay()
    found, difference = production.read(summary), summary.difference
    assert found.rows == production.outcome.rows
    assert found.alerts == production.outcome.alerts != {}
    assert found.letter_forms == production.outcome.letter_forms
    assert found.letters == summary.dead_letters
    assert summary.events == len(production.records) == summary.rows + summary.dead_letters + summary.copies
    assert difference is not None
    assert difference.count(SAME) == len(found.alerts)
    assert sum(difference.count(v) for v in (ONLY_PRODUCTION, ONLY_REPLAY, CHANGED, BEYOND)) == 0
    assert difference.production_events == summary.rows
    assert not difference.examples
    assert _ends(production.settings) == before
    assert outcome(production.bench.database) == production.outcome


def test_other_settings_give_what_they_would_have_given(
    production: Production, make_settings: Callable[..., Settings]
) -> None:
    """The difference is that between the worker's alerts and an offline scan with the other settings."""
    changed = {
        "detectors": {"network.port_scan": {"ports": 3, "hosts": 3}, "logs.auth_brute_force": {"threshold": 0.3}},
        "disabled": ("claims.duplicate",),
    }
    old = production.outcome.alerts
    new = scanned(production.records, make_settings(inventory=production.inventory, **changed)).alerts
    summary = production.replay(production.settings.model_copy(update=changed))
    assert production.read(summary).alerts == new
    difference = summary.difference
    assert difference is not None
    both = old.keys() & new.keys()
    # Of what is compared, columns 2 and 3 of an alert are its count and its score.
    same = {i for i in both if old[i][2:4] == new[i][2:4]}
    assert difference.count(ONLY_PRODUCTION) == len(old.keys() - new.keys()) > 0
    assert difference.count(ONLY_REPLAY) == len(new.keys() - old.keys()) > 0
    assert difference.count(CHANGED) == len(both - same) > 0
    assert difference.count(SAME) == len(same) > 0
    told = {a.alert_id: a for a in difference.examples}
    assert told.keys() <= (old.keys() | new.keys()) - same
    for uid, a in told.items():
        assert a.production_count == (old[uid][2] if uid in old else 0)
        assert a.replay_count == (new[uid][2] if uid in new else 0)
        assert (a.detector, a.entity) == (old.get(uid) or new[uid])[:2]


def test_part_of_the_log_with_and_without_warming_up(production: Production) -> None:
    part = ReplayRange(Bound(offset=800), Bound(offset=4000))
    warm = production.replay(span=ReplayRange(part.start, part.end, ALL))
    found = production.read(warm)
    rows, every = found.rows, production.outcome.rows
    assert 0 < len(rows) < len(every)
    assert rows == {e: every[e] for e in rows}
    assert all(s.warm == 0 and s.start == min(800, s.held[1]) for s in warm.slices)
    assert warm.warm_up_events == sum(s.start for s in warm.slices if s.start < s.end)
    assert warm.difference is not None
    assert warm.difference.count(ONLY_REPLAY) == warm.difference.count(CHANGED) == 0
    # The negative control: fresh models judge the same events otherwise.
    fresh = production.replay(span=part)
    assert (fresh.events, fresh.warm_up_events) == (warm.events, 0)
    without = production.read(fresh).scores
    assert without.keys() == rows.keys()
    assert without != found.scores


def test_one_partition(production: Production) -> None:
    span = ReplayRange(Bound(offsets={1: 10}), Bound(offsets={1: 30}))
    summary = Replay(production.settings, ReplayRequest(("network",), span, "one")).run()
    assert [(s.partition, s.start, s.end) for s in summary.slices] == [(1, 10, 30)]
    assert summary.events == 20


def test_the_same_name_is_replaced_and_no_other_database_is(production: Production) -> None:
    small = ReplayRange(Bound(), Bound(offset=50))
    production.replay(into="again")
    rows = production.replay(span=small, into="again").rows
    again = ClickHouse.connect(replace_database(production.settings, "replayed_replay_again"))
    assert again.query("SELECT count() FROM scored_events") == [(rows,)]
    assert again.query("SELECT step FROM replay_runs ORDER BY at") == [("started",), ("finished",)]
    again.close()

    production.bench.database.query("CREATE DATABASE replayed_replay_theirs")
    theirs = ClickHouse.connect(replace_database(production.settings, "replayed_replay_theirs"))
    theirs.migrate()
    with pytest.raises(UsageError, match="not made by a replay"):
        production.replay(into="theirs")
    assert theirs.query("SELECT count() FROM schema_migrations")[0][0] > 0
    theirs.close()
    for name in ("", "a b", "x;y", "`", "../x", "ä", "n" * 33):
        with pytest.raises(UsageError, match="--into"):
            Replay(production.settings, ReplayRequest(("network",), small, name))


def test_a_replay_that_is_interrupted_says_how_far_it_came(production: Production) -> None:
    settings = production.settings.model_copy(update={"chunk_records": 100})
    chunks = []
    replay = Replay(
        settings,
        ReplayRequest(("network",), WHOLE, "stopped"),
        stop=lambda: len(chunks) == 3,
        on_progress=chunks.append,
    )
    summary = replay.run()
    assert summary.interrupted
    assert summary.events == sum(chunks) == sum(summary.reached.values())
    assert summary.difference is None
    assert len(production.read(summary).rows) == summary.rows


def test_what_retention_took_is_said(make_settings: Callable[..., Settings], production: Production) -> None:
    settings = make_settings(partitions=1)
    bench = Bench(settings)
    bench.send([r for r in production.records if r.source == "logs"][:300])
    topic = settings.topic_prefix + "logs"
    admin = KafkaAdminClient(**client_options(settings))
    admin.delete_records({TopicPartition(topic, 0): 100})
    admin.close()
    summary = Replay(settings, ReplayRequest(("logs",), WHOLE, "x")).run()
    assert [(s.start, s.end, s.gone) for s in summary.slices] == [(100, 300, (0, 99))]
    assert summary.events == 200
    assert summary.difference is None or summary.difference.production_events == 0
    late = ReplayRange(Bound(offset=40), Bound())
    assert Replay(settings, ReplayRequest(("logs",), late, "x")).run().slices[0].gone == (40, 99)
    later = ReplayRange(Bound(offset=150), Bound())
    assert Replay(settings, ReplayRequest(("logs",), later, "x")).run().slices[0].gone is None
    for wrong in (ReplayRange(Bound(offset=300), Bound()), ReplayRange(Bound(), Bound(offset=100))):
        with pytest.raises(UsageError, match="0: 100–299"):
            Replay(settings, ReplayRequest(("logs",), wrong, "x")).run()
    bench.end()


def test_times_are_those_of_kafka(make_settings: Callable[..., Settings], production: Production) -> None:
    settings = make_settings(partitions=1)
    bench = Bench(settings)
    producer = plain_producer(settings)
    sent = [r for r in production.records if r.source == "logs"][:100]
    for i, record in enumerate(sent):
        topic = settings.topic_prefix + "logs"
        producer.send(topic, key=record.key, value=record.value, timestamp_ms=1_700_000_000_000 + 1000 * i)
    producer.flush(30)
    producer.close()
    span = ReplayRange(Bound(at_s=1_700_000_040.0), Bound(at_s=1_700_000_070.0), warm_up_s=15.0)
    found = Replay(settings, ReplayRequest(("logs",), span, "x")).run()
    assert [(s.warm, s.start, s.end) for s in found.slices] == [(25, 40, 70)]
    assert (found.warm_up_events, found.events) == (15, 30)
    with pytest.raises(UsageError, match="no record lies in the range"):
        Replay(settings, ReplayRequest(("logs",), ReplayRange(Bound(at_s=1_800_000_000.0), Bound()), "x")).run()
    bench.end()


def test_what_is_not_there(production: Production, make_settings: Callable[..., Settings]) -> None:
    request = ReplayRequest(("network",), WHOLE, "x")
    with pytest.raises(UsageError, match="no topic"):
        Replay(production.settings.model_copy(update={"topic_prefix": "nobodys-"}), request).run()
    with pytest.raises(UsageError, match="no partition 5: it has 0 to 1"):
        nowhere = ReplayRange(Bound(offsets={5: 0}), Bound())
        Replay(production.settings, replace(request, span=nowhere)).run()
    with pytest.raises(ConfigError, match="do not divide key_groups"):
        Replay(production.settings.model_copy(update={"key_groups": 3}), request).run()
    with pytest.raises(SinkError, match=r"Kafka at .* does not answer"):
        Replay(production.settings.model_copy(update={"kafka_bootstrap": f"127.0.0.1:{free_port()}"}), request).run()
    with pytest.raises(SinkError, match=r"ClickHouse at .* is needed: it does not answer"):
        nobody = f"http://127.0.0.1:{free_port()}"
        Replay(production.settings.model_copy(update={"clickhouse_url": nobody}), request).run()
    with pytest.raises(SinkError, match="the user reader needs ALL ON replayed_replay_x"):
        Replay(production.settings.model_copy(update={"clickhouse_user": "reader"}), request).run()
    keyless = production.settings.model_copy(update={"pseudonym_key": None})
    with pytest.raises(ConfigError, match="no pseudonym key"):
        Replay(keyless, request)
