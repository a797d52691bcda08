"""How the tests of this room read: real files on disk, through the whole reader."""

import gzip
import os
from pathlib import Path
from typing import Any

import orjson

from pipeline.ingest.reader import Parsed, read_path
from schemas.dead_letter import DeadLetter
from schemas.sources import INPUTS

DATA = Path(os.environ.get("WARDWATCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
"""Public data sets for trials; absent on most machines."""

Result = Parsed | DeadLetter


def fields(result: Result) -> dict[str, Any]:
    """An event's fields without id and origin; checks that the wire accepts the document and agrees on its key."""
    assert isinstance(result, Parsed), result
    document = orjson.loads(result.value)
    event = INPUTS[result.source].adapter.validate_python(document)
    assert event.key() == result.key
    assert event.ts == result.ts
    return {name: value for name, value in document.items() if name not in ("event_id", "origin")}


def read(folder: Path, name: str, content: bytes | str, **options: Any) -> list[Result]:
    """Everything that reading a file with this content gives."""
    path = folder / name
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return list(read_path(path, **options))


def events(folder: Path, name: str, content: bytes | str, **options: Any) -> list[dict[str, Any]]:
    """The fields of the events; fails on a dead letter."""
    return [fields(result) for result in read(folder, name, content, **options)]


def letters(results: list[Result]) -> list[DeadLetter]:
    return [result for result in results if isinstance(result, DeadLetter)]
