"""Questions to a real server and to a folder: answers, refusals in one line, nothing changed by accident."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli.running import Command, started

from pipeline.cli.main import run
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.service_folder import free_port
from pipeline.settings import load_settings
from pipeline.sinks.clickhouse import ClickHouse

pytestmark = pytest.mark.servers
_MAKE = "import sys; from pathlib import Path; from pipeline.sinks.clickhouse import ClickHouse; " \
        "ClickHouse.embedded(Path(sys.argv[1])).migrate()"  # fmt: skip


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as scan leaves it; made by another process, for chDB opens one folder in a process."""
    path = tmp_path_factory.mktemp("db") / "db"
    subprocess.run([sys.executable, "-c", _MAKE, str(path)], check=True, timeout=60)
    return path


@pytest.fixture
def server(nobodys_settings: None, clickhouse_server: LocalClickHouse, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_URL", clickhouse_server.url)
    database = ClickHouse.connect(load_settings())
    database.migrate()
    database.close()
    return clickhouse_server.url


@pytest.fixture(params=["server", "folder"])
def db(request: pytest.FixtureRequest, server: str, folder: Path) -> str:
    return server if request.param == "server" else str(folder)


def test_a_pipe_gets_tabs_and_any_format_can_be_asked(db: str, command: Command) -> None:
    assert command("sql", "--db", db, "SELECT 1 AS a, 'x' AS b").out == "a\tb\n1\tx\n"
    assert command("sql", "--db", db, "--format", "JSONEachRow", "SELECT 1 AS a").out == '{"a":1}\n'
    assert command("sql", "--db", db, "SELECT 1 AS a FORMAT CSV;").out == "1\n"
    assert "current_alerts" in command("sql", "--db", db, "SHOW TABLES").out
    assert command("sql", "--db", db, "SELECT count() AS n FROM current_events").out == "n\n0\n"


@pytest.mark.parametrize(
    ("query", "said", "status"),
    [
        ("SELEC 1", "Syntax error", 1),
        ("SELECT nope FROM alerts", "`nope`", 1),
        ("SELECT * FROM nowhere", "nowhere", 1),
        ("SELECT 1 FORMAT Nope", "Unknown format Nope", 1),
        ("DROP TABLE alerts", "--write", 1),
        ("INSERT INTO schema_migrations (version, title) VALUES (99, 'x')", "--write", 1),
        ("ALTER TABLE alerts DELETE WHERE 1", "--write", 1),
        ("CREATE TABLE mine (a Int8) ENGINE = Memory", "--write", 1),
        ("KILL QUERY WHERE 1", "--write", 2),
        ("SELECT 1 INTO OUTFILE 'x'", "--write", 2),
        ("SELECT 1; DROP TABLE alerts", "one statement at a time", 2),
        (" ;", "the query is empty", 2),
    ],
)
def test_what_is_wrong_or_would_change_something_is_one_line(
    db: str, command: Command, query: str, said: str, status: int, tmp_path: Path
) -> None:
    ran = command("sql", "--db", db, query)
    assert ran.status == status
    assert said in ran.error
    assert "Code:" not in ran.error and "version 2" not in ran.error
    assert not (tmp_path / "x").exists()
    assert "alerts" in command("sql", "--db", db, "SHOW TABLES").out.split()


def test_changes_have_to_be_meant(db: str, command: Command) -> None:
    insert = "INSERT INTO schema_migrations (version, title) VALUES (99, 'mine')"
    count = "SELECT count() FROM schema_migrations WHERE version = 99 FORMAT TSV"
    assert command("sql", "--db", db, "--write", insert).status == 0
    assert command("sql", "--db", db, count).out == "1\n"
    delete = "ALTER TABLE schema_migrations DELETE WHERE version = 99 SETTINGS mutations_sync = 1"
    assert command("sql", "--db", db, "--write", delete).status == 0
    assert command("sql", "--db", db, count).out == "0\n"


def test_a_folder_that_is_none_of_ours_is_neither_used_nor_made(command: Command, tmp_path: Path) -> None:
    ran = command("sql", "--db", tmp_path / "nosuch", "SELECT 1")
    assert ran.status == 2
    assert "there is no such folder" in ran.error
    assert not (tmp_path / "nosuch").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "file").write_bytes(b"\x00\xff")
    assert "no wardwatch database" in command("sql", "--db", tmp_path / "other", "SELECT 1").error
    assert list((tmp_path / "other").iterdir()) == []
    assert "there is no such folder" in command("sql", "--db", tmp_path / "file", "SELECT 1").error


def test_servers_that_are_not_there_or_no_servers(command: Command) -> None:
    ran = command("sql", "--db", f"http://127.0.0.1:{free_port()}", "SELECT 1")
    assert ran.status == 1
    assert "does not answer; start one with wardwatch up" in ran.error
    assert command("sql", "--db", "ftp://example.org", "SELECT 1").status == 2


@pytest.mark.parametrize("arguments", [(), ("--format", "a;b", "SELECT 1"), ("SELECT 1", "SELECT 2"), ("--nope",)])
def test_wrong_usage_is_one_line(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command("sql", *arguments)
    assert ran.status == 2
    assert ran.error


def test_standard_input_and_a_closed_pipe(server: str) -> None:
    process = started("sql", "-")
    out, err = process.communicate(b"SELECT 3 AS a\n", timeout=60)
    assert (process.returncode, out, err) == (0, b"a\n3\n", b"")
    process = started("sql", "SELECT number FROM numbers(3000000)")
    assert process.stdout is not None and process.stderr is not None and process.stdin is not None
    process.stdout.readline()
    process.stdout.close()
    process.wait(60)
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


def test_the_command_line_gives_its_status(server: str) -> None:
    assert run(["sql", "SELECT 1"]) == 0
