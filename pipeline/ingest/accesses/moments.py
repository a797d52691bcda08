"""The moments of a row: days, clocks and both, in one column or two, in whichever form."""

import re

from pipeline.ingest.accesses.columns import RecordColumns
from pipeline.ingest.format import Fields
from pipeline.ingest.moved_dates import READ_TS
from pipeline.ingest.table_times import cell_ts
from pipeline.ingest.tables import TableRow
from schemas.base import MAX_TS

_DAY = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)\Z")
_BARE_CLOCK = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?\Z")
_DASHED = r"\1-\2-\3"
_DAY_S = 86_400.0
_MUMPS_DIGITS, _MUMPS_S = 10, 4_070_908_800.0
"""Seconds from 1840-12-31 to 1970."""
_EPOCH_DIGITS = 9
_CLOCKLESS = re.compile(
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-]|\d{1,2}[-/. ]{1,2}(?:de )?[^\W\d_]{3,10}[-/. ]{1,2}(?:de )?"
    r"|[^\W\d_]{3,10} \d{1,2}, ?)(?:\d{4}|\d\d)\Z"
)
"""A day in numbers or with the month's name."""


def times_of(cells: dict[str, str], row: TableRow, columns: RecordColumns, *, month_first: bool) -> Fields:
    """The moments that the row tells, of a day and a clock in columns of their own, too."""
    times: Fields = {}
    for name in columns.places:
        if name not in ("ts", "admitted") and not name.endswith("_ts"):
            continue
        text, other = cells.get(name, ""), row.cells.get(columns.partners.get(name, ""), "").strip()
        if name == "ts" and ("clock" in cells or "day" in cells):
            other = cells.get("day", cells.get("clock", ""))
        ts = _since_1840(text, columns.places[name])
        ts = _whole(text, other, month_first=month_first) if ts is None else ts
        if ts is not None:
            times[name] = ts
    return times


def _since_1840(text: str, column: str) -> float | None:
    """Record systems built on MUMPS count instants in seconds from the end of 1840: 1970 to 2100 there."""
    if "instant" not in column.lower() or not text.isdecimal() or len(text) > _MUMPS_DIGITS:
        return None
    ts = float(text) - _MUMPS_S
    return ts if 0.0 < ts <= MAX_TS else None


def _whole(text: str, other: str, *, month_first: bool) -> float | None:
    """The moment of a day and a clock, in whichever order they come; else what one of the two tells."""
    ts = moment(text, month_first=month_first) if text else None
    if not other or (ts is not None and ts % _DAY_S):
        return ts
    for day, clock in ((text, other), (other, text)):
        both = moment(f"{_DAY.sub(_DASHED, day)} {_clock(clock)}", month_first=month_first) if day and clock else None
        if both is not None:
            return both
    more = moment(other, month_first=month_first)
    return ts if more is None else more


def _clock(text: str) -> str:
    """`0930` and `093015` with colons."""
    digits = _BARE_CLOCK.match(text)
    return ":".join(part for part in digits.groups() if part) if digits else text


def moment(text: str, *, month_first: bool) -> float | None:
    """Epoch seconds from 1970 to 2400 of a date or time; without a zone UTC; None for what is none."""
    text = " ".join(text.split())  # databases pad an hour with a blank
    if day := _DAY.match(text):
        text = "-".join(day.groups())
    elif text.isdecimal() and len(text) < _EPOCH_DIGITS:
        return None  # a clock without colons, a number of days: no seconds since 1970
    elif _CLOCKLESS.match(text):
        text += " 00:00"
    ts = cell_ts(text, month_first=month_first)
    return ts if ts is not None and ts <= READ_TS else None
