"""Tables are made once, rows count once, and an absent server is one line."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.engine.rows import scored_rows
from pipeline.errors import ConfigError, SinkError
from pipeline.features.decode import decode
from pipeline.local.service_folder import free_port
from pipeline.runtime.line import Line, Plan
from pipeline.settings import Settings
from pipeline.simulator import Hospital
from pipeline.sinks.clickhouse import ClickHouse
from schemas.tables import MIGRATIONS

pytestmark = pytest.mark.servers
N = 50


def rows(n: int = N) -> pa.Table:
    """Scored events as the engine makes them, one a second, at offsets 0 …"""
    event = '{{"kind":"flow","ts":{},"event_id":"e{}","format":"test","src_ip":"10.0.0.{}"}}'
    documents = [event.format(1_790_000_000 + i, i, i % 5).encode() for i in range(n)]
    batch = decode("network", documents, 8).batch
    return scored_rows(Engine("network", EngineConfig()).process(batch, Origin("t", 0, np.arange(n))))


@pytest.fixture
def database(make_settings: Callable[..., Settings]) -> Iterator[ClickHouse]:
    connected = ClickHouse.connect(make_settings())
    connected.migrate()
    yield connected
    connected.close()


def _count(database: ClickHouse, table: str) -> int:
    return int(database.query(f"SELECT count() FROM {table}")[0][0])


def test_migrations_apply_once(make_settings: Callable[..., Settings]) -> None:
    database = ClickHouse.connect(make_settings())
    assert database.migrate() == [m.version for m in MIGRATIONS]
    assert database.migrate() == []
    database.close()


def test_migrations_from_several_workers_at_once(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()

    def migrate(_: int) -> list[int]:
        database = ClickHouse.connect(settings)
        try:
            return database.migrate()
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, range(4)))
    assert [m.version for m in MIGRATIONS] in applied
    database = ClickHouse.connect(settings)
    assert _count(database, "schema_migrations") == len(MIGRATIONS)
    assert _count(database, "scored_events") == 0
    database.close()


def test_an_insert_repeated_with_its_token_counts_once(database: ClickHouse) -> None:
    for _ in range(3):
        database.insert("scored_events", rows(), "token")
    physical = int(database.raw("SELECT count() FROM scored_events SETTINGS final = 0", "TSV"))
    assert physical == _count(database, "scored_events") == N


def test_rows_written_again_replace_the_first(database: ClickHouse) -> None:
    first = rows()
    database.insert("scored_events", first)
    at = first.schema.get_field_index("model_version")
    again = first.set_column(at, "model_version", pa.array(["later"] * N))
    database.insert("scored_events", again.slice(10))
    assert _count(database, "scored_events") == N
    versions = dict(database.query("SELECT model_version, count() FROM scored_events GROUP BY 1"))
    assert versions["later"] == N - 10


def test_what_was_written_reads_back(database: ClickHouse, tmp_path: Path) -> None:
    """Events of a simulated hospital, as the worker writes them."""
    events = Hospital(seed=2, start_ts=1_760_000_000.0, events_per_s=60.0).events(60.0)
    documents = [e.value for e in events if e.source == "network"][:500]
    line = Line("network", Plan.of(Settings(data_dir=tmp_path), make_keys=True))
    written = line.process(documents, "network", 0, np.arange(len(documents), dtype=np.int64)).rows
    database.insert("scored_events", written, "token")
    found = database.query("SELECT offset, event_id, raw, scores, top_score, ts FROM current_events ORDER BY offset")
    assert [f[1] for f in found] == written["event_id"].to_pylist()
    assert [f[2] for f in found] == written["raw"].to_pylist()
    assert [dict(f[3]) for f in found] == [dict(s) for s in written["scores"].to_pylist()]
    assert [f[4] for f in found] == written["top_score"].to_pylist()
    assert [f[5].replace(tzinfo=UTC).timestamp() for f in found] == [t.timestamp() for t in written["ts"].to_pylist()]


def test_views_show_the_current_state(database: ClickHouse) -> None:
    database.insert("scored_events", rows())
    database.insert("scored_events", rows())
    assert _count(database, "current_events") == _count(database, "ecs_events") == N
    assert _count(database, "current_alerts") == _count(database, "current_dead_letters") == 0
    found = database.query("SELECT `source.ip` FROM ecs_events WHERE `event.id` = {id:String}", id="e3")
    assert found == [("10.0.0.3",)]


def test_nothing_to_insert_asks_nobody(database: ClickHouse) -> None:
    database.insert("scored_events", rows(1).slice(1), "token")
    assert _count(database, "scored_events") == 0


def test_an_absent_server_is_one_line() -> None:
    with pytest.raises(SinkError) as caught:
        ClickHouse.connect(Settings(clickhouse_url=f"http://127.0.0.1:{free_port()}"))
    assert "\n" not in str(caught.value) and "127.0.0.1" in str(caught.value)


def test_a_refused_insert_is_one_line_without_rows(database: ClickHouse) -> None:
    with pytest.raises(SinkError) as caught:
        database.insert("scored_events", rows().rename_columns([f"x{i}" for i in range(rows().num_columns)]))
    assert "\n" not in str(caught.value) and "10.0.0." not in str(caught.value)
    assert _count(database, "scored_events") == 0


@pytest.mark.parametrize("url", ["127.0.0.1:8123", "ftp://host", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="clickhouse_url"):
        ClickHouse.connect(Settings(clickhouse_url=url))
