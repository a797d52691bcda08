"""Moments that are written out, the month by its name or the zone by letters, as programs, databases and people do.

Nothing here depends on which of two numbers is the day; for that see `table_times`.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pipeline.ingest.tables import folded

_FIRST_LETTERS = {
    letters: number
    for number, names in enumerate(
        ("jan ene gen", "feb fev", "mar mrz mrt maa", "apr abr avr", "may mai maj mei mag", "jun juin giu",
         "jul juil lug", "aug ago aou", "sep set", "oct okt ott out", "nov", "dec dez dic des"), start=1
    )
    for letters in names.split()
}  # fmt: skip
"""How the months begin in English, German, French, Spanish, Dutch, Nordic languages, Italian and Portuguese."""
ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8,
    "HST": -10, "AEST": 10, "AEDT": 11, "JST": 9,
}  # fmt: skip
"""Hours ahead of UTC; those of North America as RFC 5322 (4.3) has them. Letters that mean several zones are absent."""
CLOCK = r"(\d\d?)[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\b\.?)?"
_LETTERS = "|".join(sorted(ZONES, key=len, reverse=True))
ZONE = rf"(?: ?(Z\b|[+-]\d\d:?\d\d(?!\d)|(?:{_LETTERS})\b))?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,? )?"
_MONTH = r"([^\W\d_]{3,10})"

Reader = Callable[[re.Match[str]], float | None]


def month_of(name: str) -> int | None:
    """1 to 12 of a month's name, or of how it begins, in any of these languages; None for other words."""
    plain = folded(name)
    return _FIRST_LETTERS.get(plain[:4]) or _FIRST_LETTERS.get(plain[:3])


def calendar_ts(
    year: str, month: int | None, day: str, clock: Sequence[str | None], zone: str | None = None
) -> float | None:
    """Seconds since 1970 UTC; None where the calendar has no such moment. `clock`: what CLOCK finds or less
    of it, `zone`: what ZONE finds; years of two digits are of this century."""
    hour, minute, second, fraction, half = (*clock, None, None, None)[:5]
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + 12 * (half in "Pp")
    years = int(year) + 2000 * (len(year) == 2)
    try:
        moment = datetime(years, month or 0, int(day), hours, int(minute or 0), min(int(second or 0), 59), tzinfo=UTC)
        return (moment - _ahead(zone)).timestamp() + (int(fraction) / 10 ** len(fraction) if fraction else 0.0)
    except (ValueError, OverflowError):
        return None


def _ahead(zone: str | None) -> timedelta:
    if not zone or zone == "Z":
        return timedelta()
    if zone in ZONES:
        return timedelta(hours=ZONES[zone])
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -ahead if zone[0] == "-" else ahead


def _day_first(match: re.Match[str]) -> float | None:
    day, month, year, *clock, zone = match.groups()
    return calendar_ts(year, month_of(month), day, clock, zone)


def _month_first(match: re.Match[str]) -> float | None:
    month, day, year, *clock, zone = match.groups()
    return calendar_ts(year, month_of(month), day, clock, zone)


def _year_last(match: re.Match[str]) -> float | None:
    month, day, *clock, zone, year = match.groups()
    return calendar_ts(year, month_of(month), day, clock, zone)


def _year_first(match: re.Match[str]) -> float | None:
    year, month, day, *clock, zone = match.groups()
    return calendar_ts(year, int(month), day, clock, zone)


def _script(match: re.Match[str]) -> float | None:
    return int(match[1]) / 1e3


FORMS: tuple[tuple[str, Reader], ...] = (
    # 14/Dec/2024:06:55:46 +0000 · 14-DEC-24 06.55.46.123 PM · Sat, 14 Dec 2024 06:55:46 GMT · 14. Dezember 2024 06:55
    (rf"{_WEEKDAY}(\d\d?)[-/. ]{{1,2}}(?:de )?{_MONTH}[-/. ]{{1,2}}(?:de )?(\d{{4}}|\d\d)[ :,T]{{1,2}}{CLOCK}{ZONE}",
     _day_first),
    # December 14, 2024 06:55:46 · Dec 14, 2024 6:55:46 AM · Dec 14, 2024 @ 06:55:46.123
    (rf"{_WEEKDAY}{_MONTH}\.? {{1,2}}(\d\d?),? (\d{{4}}),?(?: @| at)? {CLOCK}{ZONE}", _month_first),
    # Sat Dec 14 06:55:46 CET 2024
    (rf"{_WEEKDAY}{_MONTH} {{1,2}}(\d\d?) {CLOCK}{ZONE} ((?:19|20)\d\d)(?!\d)", _year_last),
    # 2024-12-14 06:55:46 CET · 2024/12/14 06:55:46.123
    (rf"(\d{{4}})[-/.](\d\d)[-/.](\d\d)[ T]{CLOCK}{ZONE}", _year_first),
    # /Date(1734159346123)/
    (r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", _script),
)  # fmt: skip
"""Pattern, and what reads its match: seconds since 1970 UTC, where no zone is named as UTC; None for no such moment."""
_WHOLE = tuple((re.compile(pattern), read) for pattern, read in FORMS)
_LONGEST = 64
_COMMENT = re.compile(r" \([^()]{1,40}\)$")
"""What mail programs put behind a moment: the zone's name once more, in brackets (RFC 5322, 3.3)."""


def written_ts(text: str) -> float | None:
    """Seconds since 1970 UTC of a text that is such a moment and nothing else; None for any other.

    >>> written_ts("Sat, 14 Dec 2024 06:55:46 GMT"), written_ts("14-DÉC-24 06.55.46 AM"), written_ts("Dec 14")
    (1734159346.0, 1734159346.0, None)
    >>> written_ts("Fri, 30 Oct 2015 06:21:59 -0300 (BRT)")
    1446196919.0
    """
    if len(text) > _LONGEST:
        return None
    text = _COMMENT.sub("", text)
    for pattern, read in _WHOLE:
        match = pattern.fullmatch(text)
        ts = read(match) if match else None
        if ts is not None:
            return ts
    return None
