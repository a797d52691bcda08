"""Dates and times as people and spreadsheets write them into the cells of tables."""

import re
from datetime import UTC, datetime
from typing import Any

from pipeline.ingest.times import any_ts
from pipeline.ingest.written_times import CLOCK, ZONE, calendar_ts

_NUMERIC = re.compile(rf"(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}}|\d\d),?[ T]{CLOCK}{ZONE}$")
_HALF_DAY = re.compile(r"\d ?[AP]\.?M\b", re.IGNORECASE)
_NAMED_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?([0-2]\d|3[01])(?!\d)")
_NEAR_S = 7 * 86_400.0
"""A report is written within a week of what it tells."""
_DATED = re.compile(r"\d\d?[/.-]\d\d?[/.-]\d\d")


def cell_ts(text: str, *, month_first: bool) -> float | None:
    """Seconds since 1970, UTC where the text names no zone; None where it is no time with a day."""
    match = _NUMERIC.match(text)
    if match is None:
        ts = any_ts(text)
        return ts if ts and ts > 0 else None
    first, second, year, *clock, zone = match.groups()
    day, month = (second, first) if month_first else (first, second)
    return calendar_ts(year, int(month), day, clock, zone)


def is_american(texts: list[str], name: str = "") -> bool:
    """Whether months come first in dates like 7/5/2017: told by a number beyond 12, else by the half of the day beside
    a time, else by the day in the file's name: a report of `20170705` is nearer to the 5th of July than to the 7th of
    May.
    """
    told = _told(texts)
    if told is not None:
        return told
    return any(_HALF_DAY.search(text) for text in texts) or _nearer_named(texts, name)


def is_month_first(texts: list[str]) -> bool:
    """Whether dates like 7/5/2017 begin with the month: told by a second number beyond 12. Alone, the day is first."""
    return _told(texts) is True


def _told(texts: list[str]) -> bool | None:
    """What numbers beyond 12 say; None where there are none, or on both sides."""
    pairs = [(int(match[1]), int(match[2])) for text in texts if (match := _NUMERIC.match(text))]
    days_lead, months_lead = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    if days_lead:
        return False
    return True if months_lead else None


def _nearer_named(texts: list[str], name: str) -> bool:
    """Whether the dates are within a week of the one in the file's name with months first, and farther otherwise."""
    day = _NAMED_DAY.search(name.rsplit("/", 1)[-1])
    named = calendar_ts(day[1], int(day[2]), day[3], ["0", "0"], "") if day else None
    if named is None:
        return False
    apart = [
        min(
            (abs(ts - named) for text in texts if (ts := cell_ts(text, month_first=first)) is not None),
            default=float("inf"),
        )
        for first in (False, True)
    ]
    return apart[1] < apart[0] and apart[1] <= _NEAR_S


def dated_cells(head: bytes, delimiter: str) -> list[str]:
    """Every cell of a table's head that may be a date, with 00:00 where it has no clock."""
    cells = (
        cell.strip().strip('"')
        for line in head.decode("utf-8", "replace").splitlines()
        for cell in line.split(delimiter)
    )
    return [cell if ":" in cell else f"{cell} 00:00" for cell in cells if _DATED.match(cell)]


_NUMBERS_IN_JSON = re.compile(r'"(\d\d?[/.-]\d\d?[/.-](?:\d{4}|\d\d),?[ T]\d[\d:. APMapm]{3,24}[^"]{0,8})"')


def dates_in_json(head: bytes) -> list[str]:
    """Every text of a head of JSON that may be a time whose day and month are numbers with the year behind them."""
    return _NUMBERS_IN_JSON.findall(head.decode("utf-8", "replace"))


def with_iso_times(value: Any, *, month_first: bool) -> Any:
    """The JSON value, with such times, however deep (as deep as JSON may be read), as ISO 8601 in UTC."""
    if isinstance(value, dict):
        return {name: with_iso_times(inner, month_first=month_first) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_iso_times(inner, month_first=month_first) for inner in value]
    ts = cell_ts(value, month_first=month_first) if isinstance(value, str) and _NUMERIC.match(value) else None
    return value if ts is None else datetime.fromtimestamp(ts, UTC).isoformat()
