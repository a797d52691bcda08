"""Who may do what: two users, and a reader whose statements are judged by the engine's own parser."""

import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.local.clickhouse_engine import ClickHouseEngine
from pipeline.local.clickhouse_error import ClickHouseError
from pipeline.local.clickhouse_sql import writes_outfile

PASSWORD_ENV = {"default": "WARDWATCH_CLICKHOUSE_PASSWORD", "reader": "WARDWATCH_CLICKHOUSE_READER_PASSWORD"}

# Table functions that reach nothing outside the database; the reader may use no other.
_HARMLESS = {
    *(
        "numbers",
        "numbers_mt",
        "zeros",
        "zeros_mt",
        "null",
        "values",
        "format",
        "input",
        "generaterandom",
        "view",
    ),
    *(
        "generateseries",
        "generate_series",
        "primes",
        "loop",
        "viewexplain",
        "merge",
        "dictionary",
        "mergetreeindex",
    ),
}
# Scalar functions that leave the database; `python` reads variables of the server's own process.
_REACHING = {"file", "python", "catboostevaluate"}
_READING = (
    "SelectWithUnionQuery",
    "SelectQuery",
    "Explain",
    "Describe",
    "Exists",
    "ShowCreate",
    "Show",
    "Check",
)
_TEMPORARY = re.compile(r"\s*(CREATE|REPLACE)\s+(OR\s+REPLACE\s+)?TEMPORARY\b", re.IGNORECASE)
# Settings the reader may bring: how a result looks. Limits and everything else stay as the server set them.
_READER_SETTINGS = (
    "output_format_",
    "format_",
    "date_time_output_format",
    "join_use_nulls",
    "session_timezone",
)


@dataclass(frozen=True, slots=True)
class Users:
    """The two users and their passwords; a user whose password is None is open, one that is absent is closed."""

    passwords: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, *, loopback: bool) -> "Users":
        """Passwords from the environment; away from loopback a user without a password does not exist."""
        found = {user: os.environ.get(name) or None for user, name in PASSWORD_ENV.items()}
        return cls({user: password for user, password in found.items() if loopback or password})

    def check(self, user: str, password: str) -> str:
        """Return the user's name or raise 516 (AUTHENTICATION_FAILED); compares in constant time."""
        expected = self.passwords.get(user, "")
        known = user in self.passwords
        if known and (expected is None or hmac.compare_digest(expected.encode(), password.encode())):
            return user
        text = f"{user[:64]}: Authentication failed: password is incorrect, or there is no user with such name"
        raise ClickHouseError.make(516, "AUTHENTICATION_FAILED", text)


class Gate:
    """Judges a statement before it runs.

    Everybody: one statement at a time, no INTO OUTFILE (it would write on the server's disk). The reader, and
    anybody who comes by GET (any web page can make a browser send one): reading only, and no function that reaches
    files or the network.
    """

    def __init__(self, engine: ClickHouseEngine) -> None:
        self._engine = engine
        names = engine.run_text("SELECT lower(name) FROM system.table_functions", "TSV").decode().split()
        self._refused = (set(names) - _HARMLESS) | _REACHING

    def judge(self, sql: str, *, user: str, get: bool, params: Mapping[str, str]) -> str:
        """Return the engine's class of the statement (READ_ONLY, MUTATING, CONTROL, UNKNOWN) or raise."""
        facts = self._engine.facts(sql)
        kind = str(facts["query_class"].name)
        if facts["statement_count"] > 1:
            raise ClickHouseError.make(62, "SYNTAX_ERROR", "Multi-statements are not allowed")
        if kind == "CONTROL" and writes_outfile(sql):
            raise ClickHouseError.make(348, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed")
        if _TEMPORARY.match(sql):
            raise ClickHouseError.make(48, "NOT_IMPLEMENTED", "Temporary tables are not supported here")
        if kind == "UNKNOWN" or (user != "reader" and not get):
            return kind
        if kind != "READ_ONLY":
            text = f"{user}: Cannot execute query in readonly mode"
            raise ClickHouseError.make(
                164, "READONLY", text + ("; use method POST for queries that modify data" if get else "")
            )
        self._judge_functions(sql, params, user)
        return kind

    def _judge_functions(self, sql: str, params: Mapping[str, str], user: str) -> None:
        tree = self._engine.syntax_tree(sql, params)
        if not tree.startswith(_READING):
            raise _denied(user, "only SELECT, SHOW, DESCRIBE, EXISTS and EXPLAIN are allowed")
        if tree.startswith("Show") and not tree.startswith("ShowCreate") and "(" in sql:
            raise _denied(user, "SHOW with an expression is not allowed; select from system.tables instead")
        for line in tree.splitlines():
            words = line.split()
            if words[:1] == ["Function"] and words[1].lower() in self._refused:
                raise _denied(user, f"function {words[1]} reaches outside the database")
            if words[:1] in (["TableIdentifier"], ["Identifier"]) and "/" in line:
                raise _denied(user, "a path is not a table")


def reader_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Those of a reader's settings that only change how a result looks; any other is dropped."""
    return {name: value for name, value in settings.items() if name.startswith(_READER_SETTINGS)}


def _denied(user: str, reason: str) -> ClickHouseError:
    return ClickHouseError.make(497, "ACCESS_DENIED", f"{user}: Not enough privileges: {reason}")
