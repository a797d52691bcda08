"""Many verdicts at once: CSV with a header, or one JSON object a line."""

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from pipeline.errors import UsageError
from schemas.feedback import Feedback

MAX_LINES = 100_000
_COLUMNS = frozenset(("alert_id", "incident_id", "verdict", "who", "why", "ts"))
_VERDICTS = {"benign": "benign_expected", "benign-expected": "benign_expected"}


def read_verdicts(path: Path, who: str, now: float) -> Iterator[Feedback | str]:
    """Each line's verdict, or what is wrong with it; `who` and `now` where it does not say.

    Raises UsageError when the file is none, cannot be read or has no line at all.
    """
    found = False
    for number, row in _rows(path):
        found = True
        if number > MAX_LINES:
            raise UsageError(f"{path} has more than {MAX_LINES:,} lines: send it in parts")
        result = row if isinstance(row, str) else _verdict(row, who, now)
        yield f"{path}, line {number}: {result}" if isinstance(result, str) else result
    if not found:
        raise UsageError(f"{path} holds no verdict")


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
                yield from ((n, _object(line)) for n, line in enumerate(file, 1) if line.strip())
                return
            reader = csv.DictReader(file)
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
            if reader.fieldnames and not {"alert_id", "incident_id"} & set(reader.fieldnames):
                raise UsageError(f"{path}: the first line has to name a column alert_id or incident_id")
            for row in reader:
                plain = {k: v.strip() for k, v in row.items() if isinstance(k, str) and isinstance(v, str)}
                yield reader.line_num, plain
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read ({error})") from error


def _object(line: str) -> Mapping[str, Any] | str:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"no JSON ({error})"
    return row if isinstance(row, dict) else "no JSON object"


def _verdict(row: Mapping[str, Any], who: str, now: float) -> Feedback | str:
    given = {name: value for name, value in row.items() if name in _COLUMNS and value not in ("", None)}
    said = str(given.get("verdict", ""))
    when = _instant(given.get("ts"), now)
    if when is None:
        return f"ts {str(given['ts'])[:40]!r} is no time: write seconds since 1970, or 2026-11-26T08:00:00Z"
    try:
        return Feedback.model_validate(
            {"who": who, **given, "verdict": _VERDICTS.get(said, said), "ts": round(when, 3)}
        )
    except ValidationError as error:
        return fault(error)


def fault(error: ValidationError) -> str:
    """The first thing wrong with a verdict, in words."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if name == "verdict":
        return f"verdict {str(first['input'])[:40]!r} is none of true, false, benign_expected"
    if name == "who":
        return "nobody says it: name a column who, or --as"
    return f"{name + ': ' if name else ''}{first['msg'].removeprefix('Value error, ')}"


def _instant(text: object, now: float) -> float | None:
    if text is None:
        return now
    try:
        return float(str(text))
    except ValueError:
        pass
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
