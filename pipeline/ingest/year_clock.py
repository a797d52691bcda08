"""Gives times without a year their year.

RFC 3164 and many programs write `Mar 27 13:06:56`. The start year is the user's (`--format syslog@2026`), else
that of a date in the file's name, of the first full date in the head of the file, or the last in which the file's
first day was not ahead of the day that the caller gives; from there the year goes on when the months start again.
Where no day is given it is DEFAULT_YEAR, so that a file gives the same events on every machine and on every day.
"""

import re
from datetime import UTC, date, datetime, timedelta

from pipeline.ingest.format import Format

DEFAULT_YEAR = 2024
"""A leap year, so that February 29 stands in it."""
_HALF_YEAR_MONTHS = 6
_IN_NAME = re.compile(r"(?<!\d)(199\d|20\d\d)(?:[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_IN_HEAD = re.compile(
    rb"(?<![\d.])(199\d|20\d\d)([-/])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rb"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (199\d|20\d\d)(?!\d)"
)


_SLACK = timedelta(days=1)
"""Clocks east of ours are a day ahead."""


def start_of(name: str, head: bytes, today: date | None = None) -> tuple[int, date | None]:
    """The year to begin with, and the day that the file's first line is not behind.

    >>> start_of("auth.log-20260105.gz", b"")
    (2026, datetime.date(2026, 1, 5))
    >>> start_of("auth.log", b"Mar 27 13:06:56 host a: job 2023-11-02")
    (2023, None)
    """
    match = _IN_NAME.search(name)
    if match:
        return int(match[1]), _day(match) if match[2] else None
    found = _IN_HEAD.search(head)
    if found:
        return int(found[1] or found[3]), None
    return (today.year, today) if today else (DEFAULT_YEAR, None)


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


class YearlessFormat(Format):
    """A format whose times may lack the year; the user may give it."""

    def __init__(self, year: int | None = None, today: date | None = None) -> None:
        self._year, self._today = year, today

    def seen_on(self, day: date) -> "YearlessFormat":
        """The same for files that were written up to `day`."""
        return type(self)(self._year, day)

    def clock(self, name: str, head: bytes) -> "YearClock":
        """What dates the lines of a file."""
        return YearClock(self._year) if self._year else YearClock(*start_of(name, head, self._today))


class YearClock:
    """Follows one file line by line. `last`: its first line is of this day at the latest, in `year` or before."""

    def __init__(self, year: int, last: date | None = None) -> None:
        self._year, self._last = year, last
        self._month: int | None = None
        self._key: tuple[int, ...] = ()
        self._base = 0.0

    def ts(self, month: int, day: int, hour: int, minute: int, second: int, fraction: float = 0.0) -> float | None:
        """Seconds since 1970 UTC; None where there is no such time.

        A step back of more than six months is a new year; a step ahead of more than six months is a straggler of
        the year before.
        """
        key = (month, day, hour, minute, second)
        if key != self._key:
            year = self._year_of(month, day)
            moment = _moment(year, month, day, hour, minute, min(second, 59))
            if moment is None:
                return None
            self._key, self._base = key, moment.timestamp()
        return self._base + fraction

    def _year_of(self, month: int, day: int) -> int:
        if self._month is None:
            if self._last and (self._year, month, day) > (self._last + _SLACK).timetuple()[:3]:
                self._year -= 1
            self._month = month
        elif self._month - month > _HALF_YEAR_MONTHS:
            self._year += 1
            self._month = month
        elif month - self._month > _HALF_YEAR_MONTHS:
            return self._year - 1
        else:
            self._month = month
        return self._year


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    for candidate in (year, year - year % 4) if (month, day) == (2, 29) else (year,):
        try:
            return datetime(candidate, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            continue
    return None
