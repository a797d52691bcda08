"""Times as logs write them → seconds since 1970-01-01 UTC. Nothing here looks at today's date.

A time without a zone is taken for UTC: the same file then gives the same events on every machine.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from pipeline.ingest.written_times import written_ts

NS_FROM = 1e17
US_FROM = 1e14
MS_FROM = 1e11
"""Epoch numbers from here on are nano-, micro-, milliseconds: as seconds they lie beyond the year 5000."""

_FILETIME_FROM, _FILETIME_TO, _FILETIME_EPOCH_S = 1.2e17, 1.6e17, 11_644_473_600.0
"""Windows counts tenths of microseconds since 1601: these are 1981 to 2108. As nanoseconds they would be 1973 to 1975,
of which no log is."""
_DIGITS_FROM, _DIGITS_TO = 19_000_101_000_000, 21_000_000_000_000
_GO = " UTC"
"""Behind the offset, as programs in Go write times."""
MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}

_ACCESS_TIME = re.compile(r"(\d\d?)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.\d+)? ([+-])(\d\d):?(\d\d)$")


def iso_ts(text: str) -> float | None:
    """ISO 8601 in any form that `datetime.fromisoformat` takes, also `+0200`, `,` before the fraction.

    >>> iso_ts("2018-03-24T14:37:19.037299-0600")
    1521923839.037299
    """
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return iso_ts(text[: -len(_GO)].replace(" +", "+").replace(" -", "-")) if text.endswith(_GO) else None


def epoch_ts(number: float) -> float | None:
    """Seconds, milli-, micro-, nanoseconds since the epoch or Windows' FILETIME → seconds; None where not finite.

    >>> epoch_ts(1521911720865), epoch_ts(1521911720.865)
    (1521911720.865, 1521911720.865)
    """
    if not math.isfinite(number):
        return None
    size = abs(number)
    if _FILETIME_FROM <= number < _FILETIME_TO:
        return round(number / 1e7 - _FILETIME_EPOCH_S, 6)
    divisor = 1e9 if size >= NS_FROM else 1e6 if size >= US_FROM else 1e3 if size >= MS_FROM else 1.0
    return round(number / divisor, 6)


def any_ts(value: object) -> float | None:
    """An epoch number, its text, ISO text, or a moment written out (`written_times`) → seconds; None for the rest."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return _number_ts(float(value))
        except OverflowError:
            return None
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        return _number_ts(float(value))
    except ValueError:
        text = value.strip()
    ts = iso_ts(text)
    return written_ts(text) if ts is None else ts


def _number_ts(number: float) -> float | None:
    """Of an epoch number, or of 20241026044641.024, which as an epoch would lie beyond the year 2570."""
    if not _DIGITS_FROM <= number < _DIGITS_TO:
        return epoch_ts(number)
    whole = int(number)
    ts = iso_ts(f"{whole // 1_000_000}T{whole % 1_000_000:06}")
    return None if ts is None else round(ts + number - whole, 3)


def access_ts(text: str) -> float | None:
    """`17/May/2015:10:05:03 +0000` → seconds since 1970 UTC."""
    match = _ACCESS_TIME.match(text)
    if not match or match[2] not in MONTHS:
        return None
    offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
    zone = timezone(-offset if match[7] == "-" else offset) if timedelta(0) < offset < timedelta(days=1) else UTC
    day, year, hour, minute, second = (int(match[index]) for index in (1, 3, 4, 5, 6))
    try:
        return datetime(year, MONTHS[match[2]], day, hour, minute, min(second, 59), tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        return None


def cached(parse: Callable[[str], float | None]) -> Callable[[str], float | None]:
    """The same, remembering the last text: neighbouring lines often share their second."""
    last_text, last_ts = "", parse("")

    def ts(text: str) -> float | None:
        nonlocal last_text, last_ts
        if text != last_text:
            last_text, last_ts = text, parse(text)
        return last_ts

    return ts
