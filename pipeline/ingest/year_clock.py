"""Gives times without a year their year, the same on every machine and on every day.

RFC 3164 and many programs write `Mar 27 13:06:56`. The start year is the user's (`--format syslog@2026`), else
that of a date in the file's name, of the first full date in the head of the file, or DEFAULT_YEAR; from there
the year goes on when the months start again. Neither today's date nor the file's times on disk are asked: a file
gives the same events wherever it lies.
"""

import re
from datetime import UTC, datetime

from pipeline.ingest.format import Format

DEFAULT_YEAR = 2024
"""A leap year, so that February 29 stands in it."""
_HALF_YEAR_MONTHS = 6
_IN_NAME = re.compile(r"(?<!\d)(199\d|20\d\d)(?:[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
_IN_HEAD = re.compile(
    rb"(?<![\d.])(199\d|20\d\d)([-/])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rb"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (199\d|20\d\d)(?!\d)"
)


def start_year(name: str, head: bytes) -> int:
    """The year to begin with.

    >>> start_year("auth.log-20260105.gz", b""), start_year("auth.log", b"Mar 27 13:06:56 host a: job 2023-11-02")
    (2026, 2023)
    """
    match = _IN_NAME.search(name)
    if match:
        return int(match[1])
    found = _IN_HEAD.search(head)
    return int(found[1] or found[3]) if found else DEFAULT_YEAR


class YearlessFormat(Format):
    """A format whose times may lack the year; the user may give it."""

    def __init__(self, year: int | None = None) -> None:
        self._year = year

    def clock_year(self, name: str, head: bytes) -> int:
        """The year to begin a file with."""
        return self._year or start_year(name, head)


class YearClock:
    """Follows one file line by line."""

    def __init__(self, year: int) -> None:
        self._year = year
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
            year = self._year_of(month)
            moment = _moment(year, month, day, hour, minute, min(second, 59))
            if moment is None:
                return None
            self._key, self._base = key, moment.timestamp()
        return self._base + fraction

    def _year_of(self, month: int) -> int:
        if self._month is None:
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
