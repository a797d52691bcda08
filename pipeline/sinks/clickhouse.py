"""ClickHouse: the connection, the migrations, and inserts that may be repeated without harm."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from pipeline.errors import ConfigError, SinkError
from pipeline.sinks.arrow_file import ArrowFile
from schemas.tables import MIGRATIONS

_STATEMENT_TIMEOUT_S = 120
_LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
    version UInt32, title String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(applied_at) ORDER BY version"""


class Connection(Protocol):
    """What is needed to reach a ClickHouse (see `pipeline.settings.Settings`)."""

    @property
    def clickhouse_url(self) -> str: ...
    @property
    def clickhouse_user(self) -> str: ...
    @property
    def clickhouse_database(self) -> str: ...

    def secret(self, name: str) -> str | None: ...


@contextmanager
def _as_sink_error(doing: str) -> Iterator[None]:
    try:
        yield
    except (ClickHouseError, HTTPError, OSError) as error:
        reason = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        raise SinkError(f"ClickHouse: {doing} failed: {reason}") from error


class ClickHouse:
    """One connection. Not for several threads at once."""

    _opened: ClassVar[set[Path]] = set()
    """Folders that the engine in this process has, or had: it does not shut itself out."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    def connect(cls, settings: Connection) -> "ClickHouse":
        """By HTTP to a server, local or in a cluster. Raises SinkError when it does not answer."""
        parts = urlsplit(settings.clickhouse_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"clickhouse_url {settings.clickhouse_url!r} is not http(s)://host:port")
        with _as_sink_error(f"connecting to {settings.clickhouse_url}"):
            client = clickhouse_connect.get_client(
                host=parts.hostname,
                port=parts.port or (8443 if parts.scheme == "https" else 8123),
                secure=parts.scheme == "https",
                username=settings.clickhouse_user,
                password=settings.secret("clickhouse_password") or "",
                database=settings.clickhouse_database,
                compress=False,
                autogenerate_session_id=False,
                send_receive_timeout=_STATEMENT_TIMEOUT_S,
            )
        return cls(client)

    @classmethod
    def embedded(cls, folder: Path) -> "ClickHouse":
        """chDB in this process over a folder; one process at a time. Needs the extra `local`.

        SinkError where another process has it, or it must not be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if folder.resolve() not in cls._opened:
                _check_free(folder)
            with _as_sink_error(f"opening {folder}"):
                database = cls(clickhouse_connect.get_client(interface="chdb", path=str(folder)))
            cls._opened.add(folder.resolve())
            return database
        except ImportError as error:
            raise ConfigError("a database folder needs the extra: pip install 'wardwatch[local]'") from error

    def migrate(self) -> list[int]:
        """Bring the schema up to date; the versions applied now. Safe to repeat and to run from several workers."""
        with _as_sink_error("creating tables"):
            self._client.command(_LEDGER)
            done = {row[0] for row in self._client.query("SELECT version FROM schema_migrations").result_rows}
            applied = []
            for migration in MIGRATIONS:
                if migration.version in done:
                    continue
                for statement in migration.statements:
                    self._client.command(statement)
                self._client.insert("schema_migrations", [[migration.version, migration.title]], ["version", "title"])
                applied.append(migration.version)
        return applied

    def insert(self, table: str, rows: pa.Table, token: str | None = None) -> None:
        """Insert an Arrow table; with `token` a repeated insert of the same rows is dropped by the server.

        Raises SinkError; nothing, or all of it, is stored then.
        """
        if not rows.num_rows:
            return
        # Collapsing replaced rows is left to merges and FINAL: doing it at insert costs two thirds of the speed.
        settings: dict[str, Any] = {"max_partitions_per_insert_block": 0, "optimize_on_insert": 0}
        if token:
            settings["insert_deduplication_token"] = token
        with _as_sink_error(f"insert of {rows.num_rows} rows into {table}"):
            file = ArrowFile(rows.unify_dictionaries())
            length = {"Content-Length": str(file.size)}
            self._client.raw_insert(table, rows.column_names, file, settings, "Arrow", transport_settings=length)

    def query(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, in the final state of replaced rows."""
        with _as_sink_error("query"):
            result = self._client.query(sql, parameters=parameters, settings={"final": 1})
        return [tuple(row) for row in result.result_rows]

    def raw(self, sql: str, form: str | None, **settings: Any) -> bytes:
        """A query's result as ClickHouse formats it (`PrettyCompact`, `JSONEachRow`, `CSVWithNames` …).

        `settings` are ClickHouse's own for this statement; `readonly=2` lets it change nothing.
        """
        with _as_sink_error("query"):
            return bytes(self._client.raw_query(sql, fmt=form, settings={"final": 1, **settings}))

    def ping(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self._client.ping())
        except (ClickHouseError, HTTPError, OSError):
            return False

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()


def _check_free(folder: Path) -> None:
    """Says so where the engine would fail with a page of its own on stderr."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SinkError(f"{folder} cannot be written; a database folder has to be, even to read from it")
    lock = folder / "status"
    if lock.is_file():
        with lock.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SinkError(f"{folder} is in use by another process: wait until it ends") from None
