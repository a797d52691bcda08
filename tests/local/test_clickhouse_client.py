"""clickhouse-connect, unchanged, against the local server."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import clickhouse_connect
import numpy as np
import pyarrow as pa
import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from pipeline.local.clickhouse import LocalClickHouse

pytestmark = pytest.mark.servers

ROWS = 20_000
DAY = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


def arrow_rows(start: int = 0, rows: int = ROWS) -> pa.Table:
    """Rows with the column types the pipeline stores."""
    return pa.table(
        {
            "id": pa.array(np.arange(start, start + rows, dtype=np.uint64)),
            "ts": pa.array([DAY] * rows, pa.timestamp("us", "UTC")),
            "entity": pa.array(["ward-7", "ward-8"] * (rows // 2)).dictionary_encode(),
            "score": pa.array(np.linspace(0, 1, rows)),
            "tags": pa.array([["a", "b"]] * rows),
            "features": pa.array([[("bytes_out", 1.5)]] * rows, pa.map_(pa.string(), pa.float32())),
        }
    )


@pytest.fixture
def table(client: Any) -> Iterator[str]:
    client.command("DROP TABLE IF EXISTS events")
    client.command(
        "CREATE TABLE events (id UInt64, ts DateTime64(6, 'UTC'), entity LowCardinality(String), score Float64,"
        " tags Array(LowCardinality(String)), features Map(LowCardinality(String), Float32))"
        " ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000"
    )
    yield "events"
    client.command("DROP TABLE events")


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip", True])
def test_arrow_and_rows_both_ways_in_every_compression(clickhouse: LocalClickHouse, table: str, compress: Any) -> None:
    client = clickhouse_connect.get_client(host=clickhouse.host, port=clickhouse.port, compress=compress)
    assert client.insert_arrow(table, arrow_rows()).written_rows == ROWS
    row = [ROWS, DAY, "ward-9", 0.5, ["c"], {"x": 2.0}]
    client.insert(table, [row], column_names=["id", "ts", "entity", "score", "tags", "features"])
    got = client.query(f"SELECT * FROM {table} WHERE id = {ROWS}", tz_mode="aware").first_row
    assert got == tuple(row)
    back = client.query_arrow(f"SELECT * FROM {table} WHERE id < {ROWS} ORDER BY id")
    assert back["score"].to_pylist() == arrow_rows()["score"].to_pylist()
    assert back["features"][0].as_py() == [("bytes_out", 1.5)]
    client.close()


def test_values_are_bound_on_the_server(client: Any) -> None:
    hostile = "a'b\\c\n\t`; DROP TABLE x"
    query = "SELECT {n:UInt64} + 1, {s:String}, {list:Array(String)}"
    got = client.query(query, parameters={"n": 41, "s": hostile, "list": ["x", "it's"]}).first_row
    assert got == (42, hostile, ["x", "it's"])


def test_settings_and_sessions(client: Any) -> None:
    assert client.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).first_row == (1,)
    client.command("SET max_threads = 3")
    assert client.query("SELECT getSetting('max_threads')").first_row == (3,)
    assert client.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).first_row == (1,)
    assert client.query("SELECT getSetting('max_threads')").first_row == (3,)


def test_a_big_result_is_streamed(client: Any) -> None:
    total = 0
    with client.query_column_block_stream("SELECT number FROM numbers(3000000)") as stream:
        for block in stream:
            total += sum(block[0])
    assert total == 3_000_000 * 2_999_999 // 2


def test_deduplication_by_token(client: Any, table: str) -> None:
    for token, expected in (("batch-1", 10), ("batch-1", 10), ("batch-2", 20)):
        client.insert_arrow(table, arrow_rows(rows=10), settings={"insert_deduplication_token": token})
        assert client.command(f"SELECT count() FROM {table}") == expected


def test_queries_and_inserts_in_parallel(clickhouse: LocalClickHouse, client: Any, table: str) -> None:
    errors: list[BaseException] = []

    def insert(part: int) -> None:
        try:
            own = clickhouse_connect.get_client(host=clickhouse.host, port=clickhouse.port)
            for batch in range(5):
                own.insert_arrow(table, arrow_rows((part * 5 + batch) * 1000, 1000))
            own.close()
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=insert, args=(part,)) for part in range(4)]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        count, distinct = client.query(f"SELECT count(), uniqExact(id) FROM {table}").first_row
        assert count == distinct
        seen.append(count)
    for writer in writers:
        writer.join()
    assert not errors
    assert seen == sorted(seen)
    assert client.command(f"SELECT count() FROM {table}") == 20_000


def test_errors_carry_their_code(client: Any) -> None:
    with pytest.raises(ClickHouseError, match="UNKNOWN_TABLE"):
        client.query("SELECT * FROM no_such_table")
    with pytest.raises(ClickHouseError, match=r"Code: 241|MEMORY_LIMIT_EXCEEDED"):
        client.query("SELECT groupArray(number) FROM numbers(100000000)", settings={"max_memory_usage": 50_000_000})
    with pytest.raises(ClickHouseError, match="SYNTAX_ERROR"):
        client.command("SELEC 1")


def test_an_error_in_the_middle_of_a_result_is_not_taken_for_its_end(client: Any) -> None:
    with pytest.raises(Exception, match=r"FUNCTION_THROW_IF|throwIf"):
        client.query("SELECT number, throwIf(number = 2500000) FROM numbers(3000000)", settings={"max_threads": 1})


def test_rows_that_a_table_cannot_take_are_an_error(clickhouse: LocalClickHouse, table: str) -> None:
    """Not only what does not parse: what fails where rows are stored too, here a constraint, elsewhere a full disk."""
    client = clickhouse_connect.get_client(host=clickhouse.host, port=clickhouse.port)
    client.command(f"ALTER TABLE {table} ADD CONSTRAINT small CHECK id < 10")
    with pytest.raises(ClickHouseError, match="469"):
        client.insert_arrow(table, arrow_rows())
    assert client.query(f"SELECT count() FROM {table}").first_row == (0,)
    assert client.insert_arrow(table, arrow_rows(0, 8)).written_rows == 8
    client.close()
