"""JSON lines, or an array of objects, as a table: nested names joined with dots."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import orjson

from pipeline.errors import UsageError
from pipeline.tables.table import Table, TableBuilder, binary

BLOCK_ROWS = 20_000
_MOST_DEPTH = 8
_MOST_NAMES = 20_000


def read_json(stream: io.BufferedReader, name: str, most_rows: int | None) -> Table:
    """One object a row. Raises UsageError at the first line that is none."""
    builder = TableBuilder(name, "JSON lines", most_rows=most_rows)
    waiting: list[dict[str, bytes]] = []
    for row in _objects(stream, name):
        waiting.append(row)
        if len(waiting) >= BLOCK_ROWS:
            if not _add(builder, waiting):
                return builder.table()
            waiting = []
    if waiting:
        _add(builder, waiting)
    return builder.table()


def _add(builder: TableBuilder, rows: list[dict[str, bytes]]) -> bool:
    names = dict.fromkeys(name for row in rows for name in row)
    if len(names) > _MOST_NAMES:
        raise UsageError(f"{builder.name} has more than {_MOST_NAMES:,} different names: it is no table")
    return builder.add({name: binary([row.get(name, b"") for row in rows]) for name in names})


def _objects(stream: io.BufferedReader, name: str) -> Iterator[dict[str, bytes]]:
    if stream.peek(64).lstrip()[:1] == b"[":
        try:
            whole = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise UsageError(f"{name} begins like a JSON array but is none: {error}") from None
        for number, item in enumerate(whole, 1):
            yield _row(item, name, f"item {number}")
        return
    for number, line in enumerate(stream, 1):
        if line.strip():
            try:
                item = orjson.loads(_finite(line))
            except orjson.JSONDecodeError as error:
                raise UsageError(f"{name}: line {number} is not JSON: {str(error)[:100]}") from None
            yield _row(item, name, f"line {number}")


def _finite(line: bytes) -> bytes:
    """Python writes NaN and Infinity bare, which JSON does not know: unknown is null, infinite is huge."""
    if b"NaN" not in line and b"Infinity" not in line:
        return line
    for bare, instead in ((b"NaN", b"null"), (b"-Infinity", b"-1e308"), (b"Infinity", b"1e308")):
        for before in (b":", b": ", b",", b", ", b"["):
            line = line.replace(before + bare, before + instead)
    return line


def _row(item: Any, name: str, where: str) -> dict[str, bytes]:
    if not isinstance(item, dict):
        raise UsageError(f"{name}: {where} is no JSON object, so it is no row of a table")
    row: dict[str, bytes] = {}
    try:
        _flatten(item, "", row, 0)
    except orjson.JSONEncodeError:
        raise UsageError(f"{name}: {where} is nested too deeply to be a row of a table") from None
    return row


def _flatten(item: dict[str, Any], prefix: str, row: dict[str, bytes], depth: int) -> None:
    for key, value in item.items():
        if isinstance(value, dict) and depth < _MOST_DEPTH:
            _flatten(value, f"{prefix}{key}.", row, depth + 1)
        else:
            row[prefix + key] = _cell(value)


def _cell(value: Any) -> bytes:
    if value is None:
        return b""
    return value.encode("utf-8", "replace") if isinstance(value, str) else orjson.dumps(value)
