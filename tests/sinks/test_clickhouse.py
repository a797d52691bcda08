"""Tables and inserts on the real engine: migrations that repeat, rows that come twice and count once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import numpy as np
import pyarrow as pa
import pytest

from pipeline.errors import SinkError
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.service_folder import free_port
from pipeline.runtime.line import Line, Plan
from pipeline.settings import Settings
from pipeline.simulator import Hospital
from pipeline.sinks.clickhouse import ClickHouse

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalClickHouse]:
    with LocalClickHouse(tmp_path_factory.mktemp("clickhouse"), port=free_port()) as running:
        yield running


@pytest.fixture
def database(server: LocalClickHouse) -> Iterator[ClickHouse]:
    connected = ClickHouse.connect(Settings(clickhouse_url=server.url))
    connected.migrate()
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """Scored network events as the worker writes them."""
    events = Hospital(seed=2, start_ts=1_760_000_000.0, events_per_s=60.0).events(60.0)
    documents = [e.value for e in events if e.source == "network"][:500]
    plan = Plan.of(Settings(data_dir=tmp_path_factory.mktemp("keys")), make_keys=True)
    return Line("network", plan).process(documents, "network", 0, np.arange(len(documents), dtype=np.int64)).rows


def test_migrations_repeat_and_race(server: LocalClickHouse) -> None:
    def migrate(_: int) -> list[int]:
        connected = ClickHouse.connect(Settings(clickhouse_url=server.url))
        try:
            return connected.migrate()
        finally:
            connected.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, range(4)))
    assert migrate(0) == []


def test_rows_twice_count_once(database: ClickHouse, rows: pa.Table) -> None:
    n = rows.num_rows
    database.insert("scored_events", rows, "the token")
    database.insert("scored_events", rows, "the token")  # the reply was lost: the same block again
    raw = "SELECT count() FROM scored_events SETTINGS final = 0"
    assert database.query(raw) == [(n,)]
    database.insert("scored_events", rows.slice(0, 100), "a replay cuts elsewhere")
    assert database.query("SELECT count() FROM scored_events FINAL") == [(n,)]
    assert database.query("SELECT count() FROM current_events") == [(n,)]
    assert database.query("SELECT count(), uniqExact(`event.id`) FROM ecs_events") == [(n, n)]
    database.query("TRUNCATE TABLE scored_events")


def test_what_was_written_reads_back(database: ClickHouse, rows: pa.Table) -> None:
    database.insert("scored_events", rows, "another token")
    found = database.query("SELECT offset, event_id, raw, scores, top_score, ts FROM current_events ORDER BY offset")
    assert [f[1] for f in found] == rows["event_id"].to_pylist()
    assert [f[2] for f in found] == rows["raw"].to_pylist()
    assert [dict(f[3]) for f in found] == [dict(s) for s in rows["scores"].to_pylist()]
    assert [f[5].replace(tzinfo=UTC).timestamp() for f in found] == [t.timestamp() for t in rows["ts"].to_pylist()]
    database.query("TRUNCATE TABLE scored_events")


def test_an_absent_server_is_one_line() -> None:
    with pytest.raises(SinkError) as refused:
        ClickHouse.connect(Settings(clickhouse_url=f"http://127.0.0.1:{free_port()}"))
    assert "\n" not in str(refused.value)
