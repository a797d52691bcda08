"""The reader reads the tables and nothing else."""

from pathlib import Path

import pytest

from tests.local.conftest import Call, Reply

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "secret.csv"
    path.write_text("column_of_the_secret\n1\n")
    return path


def read(http: Call, sql: str, **query: object) -> Reply:
    return http(sql.encode(), user="reader", **query)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count() FROM system.one",
        "WITH 1 AS x SELECT x FORMAT JSON",
        "SHOW TABLES LIKE 'a%'",
        "DESCRIBE TABLE system.one",
        "EXPLAIN SELECT 1",
        "EXISTS TABLE system.one",
        "SELECT * FROM numbers(3)",
        "SELECT 'file(x)' AS `file`, [1, 2][1] AS \"url\"",
        "(SELECT 1) UNION ALL (SELECT 2)",
    ],
)
def test_reading_is_allowed(http: Call, sql: str) -> None:
    reply = read(http, sql)
    assert reply.status == 200, reply.body


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a UInt8) ENGINE = Memory",
        "INSERT INTO t VALUES (1)",
        "INSERT INTO FUNCTION file('{path}', 'CSV', 'a UInt8') VALUES (1)",
        "DROP DATABASE default",
        "ALTER TABLE t DELETE WHERE 1",
        "SET max_execution_time = 0",
        "SYSTEM SHUTDOWN",
        "KILL QUERY WHERE 1",
        "USE system",
        "SELECT 1 SETTINGS max_execution_time = 0",
        "SELECT 1; DROP TABLE t",
        "SELECT 1 INTO OUTFILE '{path}.out'",
        "SELECT file('{path}')",
        "SELECT arrayMap(x -> file(x), ['{path}'])",
        "WITH x AS (SELECT file('{path}')) SELECT * FROM x",
        "SELECT file/* ( */('{path}')",
        "SELECT ‘'’, file('{path}'), ‘'’",
        "SELECT * FROM file('{path}')",
        "SELECT * FROM `file`('{path}')",
        "SELECT * FROM view(SELECT file('{path}'))",
        "SELECT * FROM loop(file('{path}'))",
        "SELECT * FROM '{path}'",
        'SELECT * FROM "{path}"',
        "DESCRIBE TABLE file('{path}')",
        'DESCRIBE TABLE "{path}"',
        "EXISTS TABLE `{path}`",
        "EXPLAIN SELECT file('{path}')",
        "SHOW TABLES WHERE file('{path}') LIKE '%secret%'",
        "SHOW COLUMNS FROM one FROM system WHERE file('{path}') LIKE '%secret%'",
        "SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a UInt8')",
        "DESCRIBE TABLE url('http://127.0.0.1:9/', 'CSV')",
        "SELECT * FROM s3('http://127.0.0.1:9/b/k', 'CSV', 'a UInt8')",
        "SELECT * FROM remote('127.0.0.1:9', system.one)",
        "SELECT * FROM executable('id', 'TSV', 'a String')",
        "SELECT * FROM python('engine')",
        "SELECT * FROM sqlite('{path}', 'x')",
        "GRANT ALL ON *.* TO reader",
    ],
)
def test_anything_else_is_refused(http: Call, secret: Path, sql: str) -> None:
    reply = read(http, sql.format(path=secret))
    assert reply.status != 200
    assert reply.headers["X-ClickHouse-Exception-Code"] in {"62", "164", "348", "497"}, reply.body
    assert b"column_of_the_secret" not in reply.body
    assert not Path(f"{secret}.out").exists()


def test_the_default_user_may(http: Call, secret: Path) -> None:
    """Negative control: the refusals above are about the reader."""
    assert b"column_of_the_secret" in http(f"SELECT file('{secret}')".encode()).body


def test_limits_cannot_be_lifted_but_looks_may_change(http: Call) -> None:
    for name, value in (("max_execution_time", "0"), ("max_execution_time", "999999"), ("max_memory_usage", "7")):
        reply = read(http, f"SELECT toString(getSetting('{name}'))", **{name: value})
        assert reply.body.strip().decode() != value
    assert read(http, "SELECT toString(getSetting('readonly'))", readonly=0).body == b"1\n"
    sql = "SELECT toUInt64(1) AS x FORMAT JSONEachRow"
    assert read(http, sql, output_format_json_quote_64bit_integers=1).body == b'{"x":"1"}\n'
    assert read(http, "SELECT getSetting('max_execution_time')", max_execution_time=5).body == b"5\n"
