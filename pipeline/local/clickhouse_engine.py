"""chDB behind two verbs: run a statement and yield its result in pieces, insert a stream of encoded bytes.

Every request gets its own connection (0.2 ms, settings die with it): after a failed query a chDB connection can
hand leftovers of it to the next one, so none is used twice. chDB releases the interpreter lock while it works;
all of this runs in worker threads.
"""

import errno
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import LocalServiceError
from pipeline.local.clickhouse_error import ClickHouseError
from pipeline.local.clickhouse_sql import Insert, Query, quote, quote_name

# Formats without head or tail: pieces of a result can be sent one after the other. Any other is spooled to disk.
_STREAMED = {
    *("native", "tabseparated", "tabseparatedraw", "tsv", "tsvraw", "csv", "rowbinary", "tskv", "null"),
    *(
        "jsoneachrow",
        "jsonlines",
        "ndjson",
        "jsonstringseachrow",
        "jsoncompacteachrow",
        "jsoncompactstringseachrow",
    ),
}
_PIECE_BYTES = 1 << 20


@dataclass(slots=True)
class Statement:
    """What a request asks of the engine besides its text: settings and `{name:Type}` values as ClickHouse spells
    them, the database, the statements its session made earlier, and whether the engine must refuse any change.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    database: str = ""
    replay: Sequence[str] = ()
    readonly: bool = False
    wait_end: bool = False


@dataclass(slots=True)
class Written:
    """What an INSERT wrote: rows and bytes including those of materialized views, and the seconds it took."""

    rows: int
    size_bytes: int
    elapsed_s: float


class ClickHouseEngine:
    """The engine of this process on `data_dir`; at most one exists per process (a limit of chDB).

    Methods may be called from any number of threads. Errors are ClickHouseError.
    """

    def __init__(self, data_dir: Path) -> None:
        try:
            from chdb import _chdb  # noqa: PLC0415 - an optional extra
        except ImportError as error:
            raise LocalServiceError("ClickHouse needs the extra `local`: pip install 'wardwatch[local]'") from error
        self._open: Any = getattr(_chdb, "connect")  # noqa: B009 - a compiled module, unknown to the type checker
        self._path = str(data_dir / "store")
        self._spool_dir = data_dir / "spool"
        self._spool_dir.mkdir(parents=True, exist_ok=True)
        for leftover in self._spool_dir.iterdir():
            leftover.unlink()
        try:
            self._keeper = self._open(self._path)
        except RuntimeError as error:
            raise LocalServiceError(f"clickhouse: cannot open {self._path}: {str(error).splitlines()[0]}") from error
        row = self._keeper.query("SELECT version(), timezone()", "TSV").bytes().decode().strip()
        self.version, self.timezone = row.split("\t")

    def close(self) -> None:
        """Shut the engine down; parts in memory are written."""
        self._keeper.close()

    def connect(self, statement: Statement) -> Any:
        """A fresh connection with the statement's database and settings applied."""
        connection = self._open(self._path)
        try:
            if statement.database:
                connection.query(f"USE {quote_name(statement.database)}")
            for earlier in statement.replay:
                connection.query(earlier)
            assigned = [f"{quote_name(name)} = {quote(value)}" for name, value in statement.settings.items()]
            if statement.readonly:
                assigned.append("readonly = 1")
            if assigned:
                connection.query("SET " + ", ".join(assigned))
        except RuntimeError as error:
            connection.close()
            raise ClickHouseError.of_engine(error) from error
        return connection

    def facts(self, sql: str) -> Mapping[str, Any]:
        """The engine's own account of what `sql` would do, without running it."""
        try:
            return dict(self._keeper.classify_query(sql))
        except RuntimeError as error:
            raise ClickHouseError.of_engine(error) from error

    def syntax_tree(self, sql: str, params: Mapping[str, str]) -> str:
        """The engine's syntax tree of one statement, a line a node."""
        connection = self.connect(Statement())
        try:
            return str(
                connection.query(f"EXPLAIN AST {sql}", "TSVRaw", params=dict(params)).bytes(),
                "utf-8",
                "replace",
            )
        except RuntimeError as error:
            raise ClickHouseError.of_engine(error) from error
        finally:
            connection.close()

    def run(self, query: Query, form: str, statement: Statement) -> Generator[bytes, None, None]:
        """Run one statement; yields its result in `form` in pieces of about 1 MB (possibly none)."""
        connection = self.connect(statement)
        try:
            if not query.rows:
                yield connection.query(query.text, form, params=dict(statement.params)).bytes()
            elif _is_streamed(form, statement):
                yield from self._stream(connection, query, form, statement)
            else:
                yield from self._spool(connection, query, form, statement)
        except RuntimeError as error:
            raise ClickHouseError.of_engine(error) from error
        finally:
            connection.close()

    def run_text(self, sql: str, form: str) -> bytes:
        """The whole result of a statement of our own."""
        return b"".join(self.run(Query(sql, "", "", rows=True), form, Statement()))

    def _stream(self, connection: Any, query: Query, form: str, statement: Statement) -> Iterator[bytes]:
        result = connection.send_query(query.text, form, params=dict(statement.params))
        finished = False
        try:
            while True:
                piece = connection.streaming_fetch_result(result)
                if piece is None or piece.rows_read() == 0:
                    finished = True
                    return
                yield piece.bytes()
        except RuntimeError:
            finished = True
            raise
        finally:
            if not finished:
                connection.streaming_cancel_query(result)

    def _spool(self, connection: Any, query: Query, form: str, statement: Statement) -> Iterator[bytes]:
        """Through a file: formats with a head or a tail (JSON, Parquet) in bounded memory, with a true status."""
        folder = tempfile.mkdtemp(dir=self._spool_dir)
        path = os.path.join(folder, "result")
        try:
            connection.query(query.into_file(path, form), "Null", params=dict(statement.params))
            with open(path, "rb") as spooled:
                os.unlink(path)
                while piece := spooled.read(_PIECE_BYTES):
                    yield piece
        finally:
            if os.path.exists(path):
                os.unlink(path)
            os.rmdir(folder)

    def insert(self, insert: Insert, pieces: Iterable[bytes], statement: Statement) -> Written:
        """Give `pieces` of data to an INSERT; nothing is committed when one of them cannot be had or parsed.

        (As in ClickHouse, blocks of more than `max_insert_block_size` rows commit one by one.) By way of a file: chDB's
        own streaming insert reports success when the table could not take the rows, for want of disk for example.
        """
        with tempfile.NamedTemporaryFile(dir=self._spool_dir) as spooled:
            try:
                for piece in pieces:
                    spooled.write(piece)
                spooled.flush()
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                raise ClickHouseError.make(243, "NOT_ENOUGH_SPACE", "Cannot keep the data: the disk is full") from error
            connection = self.connect(statement)
            try:
                for name, value in statement.params.items():
                    connection.query(f"SET {quote_name('param_' + name)} = {quote(value)}")
                done = connection.query(insert.from_file(spooled.name))
                return Written(done.rows_written(), done.bytes_written(), done.elapsed())
            except RuntimeError as error:
                raise ClickHouseError.of_engine(error) from error
            finally:
                connection.close()


def _is_streamed(form: str, statement: Statement) -> bool:
    if statement.wait_end or "output_format_json_array_of_rows" in statement.settings:
        return False
    return form.lower() in _STREAMED
