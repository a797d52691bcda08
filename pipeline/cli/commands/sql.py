"""Questions to the database, in SQL."""

import logging
import re
import sys
from contextlib import closing
from pathlib import Path

import click

from pipeline.cli.alert_text import printable
from pipeline.errors import SinkError, UsageError
from pipeline.local.clickhouse_sql import Query, first_word, parse_query, tokens, writes_outfile
from pipeline.settings import load_settings
from pipeline.sinks.clickhouse import ClickHouse

_FORMAT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_PIPED, _TERMINAL = "TSVWithNames", "PrettyCompact"
_MOST_QUERY_BYTES = 1 << 20
_OUR_TABLE = "schema_migrations"
_ERROR = re.compile(r".*?(?:Code: (?P<code>\d+)\. DB::Exception: )+(?P<text>.*)", re.DOTALL)
_NOISE = re.compile(r"\.? \((?:version|for url) .*")
_READONLY_CODE = "164"
_NOT_READING = ("KILL", "SYSTEM")
"""What readonly lets pass although it does something."""
_UNREACHABLE = re.compile(r"ClickHouse: connecting to (\S+) failed: .*HTTPConnectionPool", re.DOTALL)
_START = "start one with wardwatch up, or ask a folder with --db DIR"
_ADVICE = "add --write if you mean to change the database"


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
        raise UsageError(f"{word if word in _NOT_READING else 'INTO OUTFILE'} does more than reading; {_ADVICE}")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    wanted = form or parsed.format or (_TERMINAL if sys.stdout.isatty() else _PIPED)
    try:
        with closing(_database(db)) as database:
            # INSERT answers nothing, and would take FORMAT for that of its data.
            result = database.raw(parsed.text, None if word == "INSERT" else wanted, **_settings(write=write))
    except SinkError as error:
        raise _told(error) from error
    if sys.stdout.isatty() and wanted == _TERMINAL:
        # Values come from logs: what could rewrite the screen is not sent to it.
        print("\n".join(printable(line) for line in result.decode("utf-8", "replace").splitlines()))
    else:
        sys.stdout.buffer.write(result)
    return 0


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


def _database(db: str | None) -> ClickHouse:
    if db is None:
        return ClickHouse.connect(load_settings())
    if "://" in db:
        return ClickHouse.connect(load_settings(clickhouse_url=db))
    folder = Path(db).expanduser()
    if not folder.is_dir():
        raise UsageError(f"--db {db}: there is no such folder; wardwatch scan --db {db} PATH makes it")
    if not any((folder / "data").glob(f"*/{_OUR_TABLE}")):
        raise UsageError(f"--db {db} holds no wardwatch database; name the folder that scan --db wrote")
    return ClickHouse.embedded(folder)


def _told(error: SinkError) -> SinkError:
    """ClickHouse's own sentence without the client's words around it."""
    found = _ERROR.match(str(error))
    if found is None:
        unreachable = _UNREACHABLE.match(str(error))
        return SinkError(f"ClickHouse at {unreachable[1]} does not answer; {_START}") if unreachable else error
    text = _NOISE.sub("", found["text"].strip())
    if found["code"] == _READONLY_CODE:
        text = f"{text.rstrip('.')}: {_ADVICE}"
    return SinkError(f"ClickHouse error {found['code']}: {text}")
