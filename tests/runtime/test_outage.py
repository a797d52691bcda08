"""ClickHouse away, the broker away, a worker that stood still: nothing lost, nothing double, the same scores."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.runtime.refusals import MOST
from pipeline.settings import Settings
from runtime.bench import Bench, Outcome, Record, outcome, scanned

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SESSION_S = 6.0
CUT = 1500


@pytest.fixture(scope="module")
def some(records: list[Record]) -> list[Record]:
    """Events of every source, some unreadable."""
    return [r for r in records if r.source != "devices"][:4500]


@pytest.fixture(scope="module")
def expected() -> dict[str, Outcome]:
    """The offline outcome, computed once."""
    return {}


@pytest.fixture
def offline(expected: dict[str, Outcome], some: list[Record], make_settings: Callable[..., Settings]) -> Outcome:
    if "some" not in expected:
        expected["some"] = scanned(some, make_settings())
    return expected["some"]


@pytest.fixture
def own_clickhouse(tmp_path: Path) -> Iterator[LocalClickHouse]:
    """A server that the test may stop."""
    with LocalClickHouse(tmp_path / "clickhouse", port=free_port()) as server:
        yield server


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker that the test may stop."""
    with LocalKafka(tmp_path / "kafka", port=free_port()) as broker:
        yield broker


def same(b: Bench, offline: Outcome, n: int) -> None:
    """Everything is there, once, with the scores of an offline scan."""
    found = outcome(b.database)
    assert len(found.scores) + found.letters == n
    assert found.scores == offline.scores
    assert found.alerts == offline.alerts
    assert {a.finding_info.uid for a in b.told()} == set(offline.alerts), "told on the topic"


def test_an_owner_dies_while_clickhouse_is_away(
    bench: Callable[..., Bench], some: list[Record], offline: Outcome, own_clickhouse: LocalClickHouse
) -> None:
    """The other takes over with rows of its old assignment still waiting, and goes on when ClickHouse is back."""
    b = bench(
        partitions=2, chunk_records=200, clickhouse_url=own_clickhouse.url, clickhouse_database="default",
        session_timeout_s=SESSION_S,
    )  # fmt: skip
    b.send(some[:CUT])
    first, second = b.start(), b.start()
    b.wait_for_records(CUT)
    own_clickhouse.stop()
    b.send(some[CUT : 2 * CUT])
    b.wait(lambda: "trying again" in b.log.read_text(), "the outage to be noticed")
    b.stop(first, signal.SIGKILL)
    b.send(some[2 * CUT :])
    time.sleep(2.5 * SESSION_S)  # the session ends, the rebalance does not get its save, partitions move
    own_clickhouse.start()
    b.wait_for_records(len(some))
    assert second.poll() is None, "the worker lived through it"
    assert b.stop(second) == 0
    same(b, offline, len(some))


def test_the_broker_restarts(
    bench: Callable[..., Bench], some: list[Record], offline: Outcome, own_kafka: LocalKafka
) -> None:
    """The same process goes on: consumer, alert producer, commits, lists."""
    b = bench(partitions=2, chunk_records=200, kafka_bootstrap=own_kafka.bootstrap, session_timeout_s=SESSION_S)
    b.send(some[:CUT])
    worker = b.start()
    b.wait(lambda: b.count() > CUT // 2, "half")
    own_kafka.stop()
    time.sleep(2 * SESSION_S)
    own_kafka.start()
    b.send(some[CUT:])
    b.wait_for_records(len(some))
    assert b.stop(worker) == 0, b.log.read_text()[-3000:]
    same(b, offline, len(some))


def test_a_worker_that_stood_still_is_no_zombie(
    bench: Callable[..., Bench], some: list[Record], offline: Outcome
) -> None:
    """Stopped in the middle for longer than the broker waits; another took over and went on."""
    b = bench(partitions=1, chunk_records=100, checkpoint_every_s=0.3, session_timeout_s=SESSION_S)
    b.send(some[:CUT])
    zombie = b.start()
    b.wait(lambda: b.count() > CUT // 3, "a third")
    zombie.send_signal(signal.SIGSTOP)
    b.send(some[CUT : 2 * CUT])
    heir = b.start()
    b.wait_for_records(2 * CUT)
    zombie.send_signal(signal.SIGCONT)
    b.send(some[2 * CUT :])
    b.wait_for_records(len(some))
    assert b.stop(heir) == 0
    assert b.stop(zombie) == 0
    same(b, offline, len(some))


def test_a_row_that_clickhouse_refuses(bench: Callable[..., Bench], some: list[Record], offline: Outcome) -> None:
    """It becomes a dead letter; the rest of its block and what comes after is stored."""
    b = bench(partitions=1)
    lost = json.loads(next(r.value or b"" for r in some[700:] if r.source == "network"))["event_id"]
    b.database.query(f"ALTER TABLE scored_events ADD CONSTRAINT nobody CHECK event_id != '{lost}'")
    b.send(some)
    worker = b.start()
    b.wait_for_records(len(some))
    assert b.stop(worker) == 0
    found = outcome(b.database)
    assert found.scores == {e: s for e, s in offline.scores.items() if e != lost}
    assert found.letters == offline.letters + 1
    ((source, reason),) = b.database.query("SELECT source, reason FROM dead_letters WHERE reason LIKE 'ClickHouse%'")
    assert source == f"{b.settings.topic_prefix}network" and "469" in reason


def test_a_table_that_refuses_everything_makes_rows_wait(bench: Callable[..., Bench], some: list[Record]) -> None:
    """That is nobody's poison: hardly a letter is written, and when the table is repaired nothing is missing."""
    b = bench(partitions=1)
    b.database.query("ALTER TABLE scored_events ADD CONSTRAINT nothing CHECK partition > 9")
    b.send(some)
    worker = b.start()
    b.wait(lambda: "repair the table" in b.log.read_text(), "the refusal")
    b.database.query("ALTER TABLE scored_events DROP CONSTRAINT nothing")
    b.wait_for_records(len(some))
    assert b.stop(worker) == 0
    refused = b.database.query("SELECT count() FROM dead_letters WHERE reason LIKE 'ClickHouse%'")[0][0]
    assert b.count() + b.count("dead_letters") == len(some)
    assert refused <= MOST
