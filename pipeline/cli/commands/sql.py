"""Questions to the database, in SQL."""

import logging
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from pipeline.cli.database import ADVICE, database_of, told
from pipeline.cli.printable import printable
from pipeline.errors import SinkError, UsageError
from pipeline.local.clickhouse_sql import Query, first_word, parse_query, tokens, writes_outfile

_FORMAT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_PIPED, _TERMINAL = "TSVWithNames", "PrettyCompact"
_MOST_QUERY_BYTES = 1 << 20
_NOT_READING = ("KILL", "SYSTEM")
"""What readonly lets pass although it does something."""


@click.command()
@click.argument("query")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--format", "form", help="Any ClickHouse format; else a table on a terminal and tabs in a pipe.")
@click.option("--write", is_flag=True, help="Allow statements that change something.")
def run(query: str, db: str | None, form: str | None, write: bool) -> int:
    """Ask the database (- reads the query from standard input).

    \b
    wardwatch sql 'SELECT last_seen, sentence FROM current_alerts LIMIT 10'
    wardwatch sql 'SHOW TABLES'
    """
    parsed = _statement(query)
    if form is not None and not _FORMAT_NAME.fullmatch(form):
        raise UsageError(f"--format {form[:64]!r} is no name of a ClickHouse format, as JSONEachRow is")
    word = first_word(parsed.text)
    if not write and (word in _NOT_READING or writes_outfile(parsed.text)):
        raise UsageError(f"{word if word in _NOT_READING else 'INTO OUTFILE'} does more than reading; {ADVICE}")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    wanted = form or parsed.format or (_TERMINAL if sys.stdout.isatty() else _PIPED)
    try:
        with closing(database_of(db)) as database, _ends_at_once():
            # INSERT answers nothing, and would take FORMAT for that of its data.
            result = database.raw(parsed.text, None if word == "INSERT" else wanted, **_settings(write=write))
    except SinkError as error:
        raise told(error) from error
    if sys.stdout.isatty() and wanted == _TERMINAL:
        # Values come from logs: what could rewrite the screen is not sent to it.
        print("\n".join(printable(line) for line in result.decode("utf-8", "replace").splitlines()))
    else:
        sys.stdout.buffer.write(result)
    return 0


@contextmanager
def _ends_at_once() -> Iterator[None]:
    """Ctrl-C ends the process: the engine within it hears of nothing else before its answer is whole."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _settings(*, write: bool) -> dict[str, int]:
    plain = {"output_format_pretty_color": 0, "output_format_pretty_row_numbers": 0}
    return plain if write else plain | {"readonly": 2}


def _statement(query: str) -> Query:
    text = sys.stdin.buffer.read(_MOST_QUERY_BYTES + 1).decode("utf-8", "replace") if query == "-" else query
    if len(text) > _MOST_QUERY_BYTES:
        raise UsageError(f"the query is longer than {_MOST_QUERY_BYTES:,} characters")
    parsed = parse_query(text)
    if not parsed.text.strip():
        raise UsageError("the query is empty: try 'SELECT * FROM current_alerts'")
    if any(token.text == ";" for token in tokens(parsed.text)):
        raise UsageError("one statement at a time: leave out what follows the semicolon")
    return parsed
