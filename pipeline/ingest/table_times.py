"""Dates and times as people and spreadsheets write them into the cells of tables."""

import re
from datetime import UTC, datetime

from pipeline.ingest.times import MONTHS, any_ts

_NUMERIC = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d),?[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?$"
)
_KIBANA = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) @ (\d\d:\d\d:\d\d(?:\.\d{1,9})?)$")
_HALF_DAY = re.compile(r"[AP]M$", re.IGNORECASE)


def cell_ts(text: str, *, month_first: bool) -> float | None:
    """Seconds since 1970, UTC where the text names no zone; None where it is no time with a day."""
    match = _NUMERIC.match(text)
    if match is None:
        named = _KIBANA.match(text)
        if named and named[1] in MONTHS:
            text = f"{named[3]}-{MONTHS[named[1]]:02}-{named[2]:0>2} {named[4]}"
        ts = any_ts(text.replace("/", "-"))
        return ts if ts and ts > 0 else None
    first, second, year, hour, minute, seconds, half = match.groups()
    day, month = (second, first) if month_first else (first, second)
    hours = int(hour) % 12 + 12 * (half in "Pp") if half else int(hour)
    try:
        moment = datetime(int(year) + 2000 * (len(year) == 2), int(month), int(day), hours, int(minute), tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp() + float(seconds or 0)


def is_american(texts: list[str]) -> bool:
    """Whether months come first: told by a day beyond 12, or by the half of the day beside the time."""
    return is_month_first(texts) or any(_HALF_DAY.search(text) for text in texts)


def is_month_first(texts: list[str]) -> bool:
    """Whether dates like 7/5/2017 begin with the month: told by a second number beyond 12. Alone, the day is first."""
    pairs = [(int(match[1]), int(match[2])) for text in texts if (match := _NUMERIC.match(text))]
    return any(second > 12 for _, second in pairs) and all(first <= 12 for first, _ in pairs)


def dated_cells(head: bytes, delimiter: str) -> list[str]:
    """Every cell of a table's head that may be a date, with 00:00 where it has no clock."""
    cells = (
        cell.strip().strip('"')
        for line in head.decode("utf-8", "replace").splitlines()
        for cell in line.split(delimiter)
    )
    return [cell if ":" in cell else f"{cell} 00:00" for cell in cells if "/" in cell or "." in cell]
