"""The database a command asks, and its complaints in words for people."""

import re
from pathlib import Path

from pipeline.errors import SinkError, UsageError
from pipeline.settings import load_settings
from pipeline.sinks.clickhouse import ClickHouse

ADVICE = "add --write if you mean to change the database"
_OUR_TABLE = "schema_migrations"
_ERROR = re.compile(r".*?(?:Code: (?P<code>\d+)\. DB::Exception: )+(?P<text>.*)", re.DOTALL)
_NOISE = re.compile(r"\.? \((?:version|for url) .*")
_READONLY_CODE = "164"
_UNREACHABLE = re.compile(r"ClickHouse: connecting to (\S+) failed: .*HTTPConnectionPool", re.DOTALL)
_START = "start one with wardwatch up, or ask a folder with --db DIR"


def database_of(db: str | None) -> ClickHouse:
    """A folder that `scan --db` wrote, a URL, or the configured server. UsageError for a folder that holds none."""
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


def told(error: SinkError) -> SinkError:
    """ClickHouse's own sentence without the client's words around it."""
    found = _ERROR.match(str(error))
    if found is None:
        unreachable = _UNREACHABLE.match(str(error))
        return SinkError(f"ClickHouse at {unreachable[1]} does not answer; {_START}") if unreachable else error
    text = _NOISE.sub("", found["text"].strip())
    if found["code"] == _READONLY_CODE:
        text = f"{text.rstrip('.')}: {ADVICE}"
    return SinkError(f"ClickHouse error {found['code']}: {text}")
