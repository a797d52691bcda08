"""Where a replay writes: a database of its own beside production's, with the same tables and views."""

import re
import secrets
from typing import Any

import orjson
import pyarrow as pa

from pipeline.errors import SinkError, UsageError
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from schemas.tables.replay import ALERT_DIFFERENCES, REPLAY_RUNS

_NAME = re.compile(r"[A-Za-z0-9_]{1,32}")
_LONGEST = 64
_MARK = "replay_runs"
"""Only a replay makes this table: without it a database is somebody else's, whatever its name."""
_REASON = re.compile(r".*(?:DB::Exception|failed): (?P<text>.*?)(?:\.? \((?:version|for url) .*)?", re.DOTALL)
_NO_ANSWER = "HTTPConnectionPool"


class ReplayTables:
    """The database `<production>_replay_<name>`. Production's own is never written or dropped."""

    def __init__(self, settings: Settings, name: str) -> None:
        """Raises UsageError for a name that cannot be part of a database's."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"--into {name[:40]!r}: a name of letters, digits and _ is needed, 32 at most")
        self.production = settings.clickhouse_database
        self.database = f"{self.production}_replay_{name}"
        if len(self.database) > _LONGEST:
            raise UsageError(f"--into {name}: {self.database} is longer than {_LONGEST} letters, give a shorter name")
        self.settings = settings.model_copy(update={"clickhouse_database": self.database})
        """The given settings, pointed at this database."""
        self._given = settings
        self._run = secrets.token_hex(8)

    def connect(self) -> ClickHouse:
        """A connection to the replay's database."""
        return ClickHouse.connect(self.settings)

    def replace(self, request: dict[str, Any]) -> None:
        """Drop what an earlier replay left under this name and make the tables anew; `request` is noted there.

        Raises UsageError when the database was not made by a replay, SinkError when it cannot be made.
        """
        server = self._server()
        try:
            self._clear(server)
            server.query("CREATE DATABASE {db:Identifier}", db=self.database)
        except SinkError as error:
            raise SinkError(
                f"ClickHouse does not make the database {self.database} ({_reason(error)}): the user"
                f" {self._given.clickhouse_user} needs ALL ON {self.database}.*"
            ) from error
        finally:
            server.close()
        database = self.connect()
        try:
            database.query(REPLAY_RUNS)  # first of all: from here on the database is known as a replay's
            database.migrate()
            database.query(ALERT_DIFFERENCES)
            self._note(database, "started", request)
        finally:
            database.close()

    def _clear(self, server: ClickHouse) -> None:
        rows = server.query("SELECT name FROM system.tables WHERE database = {db:String}", db=self.database)
        tables = {row[0] for row in rows}
        if tables and _MARK not in tables:
            raise UsageError(f"the database {self.database} was not made by a replay: give another --into")
        server.query("DROP DATABASE IF EXISTS {db:Identifier} SYNC", db=self.database)

    def _server(self) -> ClickHouse:
        try:
            return ClickHouse.connect(self._given)
        except SinkError as error:
            raise SinkError(f"ClickHouse at {self._given.clickhouse_url} is needed: {_reason(error)}") from error

    def finish(self, database: ClickHouse, summary: dict[str, Any]) -> None:
        """Note how it ended. Raises SinkError when another replay took the name meanwhile."""
        runs = database.query("SELECT DISTINCT run FROM replay_runs")
        if runs != [(self._run,)]:
            raise SinkError(
                f"another replay wrote into {self.database} meanwhile: replay again, or give another --into"
            )
        self._note(database, "finished", summary)

    def _note(self, database: ClickHouse, step: str, detail: dict[str, Any]) -> None:
        row = {
            "run": [self._run],
            "step": [step],
            "detail": [orjson.dumps(detail, default=str, option=orjson.OPT_NON_STR_KEYS).decode()],
        }
        database.insert(_MARK, pa.table(row))


def _reason(error: SinkError) -> str:
    """ClickHouse's own sentence without the client's words around it."""
    found = _REASON.fullmatch(str(error))
    text = found["text"].strip().rstrip(".") if found else str(error)
    return "it does not answer" if _NO_ANSWER in text else text
