"""Finds the time in a line of text of whatever kind, where one stands at its beginning or early in it."""

import re
from collections.abc import Callable

from pipeline.ingest import written_times
from pipeline.ingest.times import MONTHS, access_ts, epoch_ts
from pipeline.ingest.written_times import CLOCK, ZONE, ZONES, calendar_ts
from pipeline.ingest.year_clock import YearClock

LOOK_AT = 160
"""Characters of a line in which its time must end."""
_CLOCK = r"(\d\d):(\d\d):(\d\d)(?:(?:[.:]|,(?=\d{1,9}(?![\d,])))(\d{1,9})\d*)?"
"""What stands between commas, or is long behind one, is no fraction: another cell of the line."""
_NAMED = re.compile(r"\b(?:rt|devTime|eventtime|deviceReceiptTime|start|end)=\"?")
"""Where a line of pairs (CEF, LEEF) has its time, however far behind."""
NAMED_WITHIN, _LONGEST = 8192, 48
_MANY_PAIRS = 6
"""Fewer stand in lines that only go on with the one before them."""
_DAY_FIRST = re.compile(rb"(?<!\d)(\d\d)/(\d\d)/(?:19|20)\d\d[ ,-]")
_SHORT = CLOCK.replace("[:.]", ":") + r"(?![:\d])"
_MONTH = r"(?P<month>[A-Z][a-z]{2})"

Reader = Callable[[re.Match[str], YearClock], float | None]


class TimeFinder:
    """Follows one file: the form that fitted the last line is tried first. `head` shows whether 05/07/2024 is in May
    or July: days come first where one of them is beyond 12, and nothing stands there the other way round."""

    def __init__(self, clock: YearClock, head: bytes = b"") -> None:
        self._clock = clock
        pairs = [(int(match[1]), int(match[2])) for match in _DAY_FIRST.finditer(head)]
        days_first = any(day > 12 for day, _ in pairs) and all(month <= 12 for _, month in pairs)
        self._forms = [(pattern, _SWAPPED.get(read, read) if days_first else read) for pattern, read in _FORMS]
        behind = _words_before_epochs(head)
        if behind is not None:
            self._forms.append((re.compile(rf"^(?:\S+ +){{{behind}}}(\d{{10}}(?:\.\d{{1,9}})?)(?!\S)"), _epoch))

    def find(self, line: str) -> tuple[float, int, int] | None:
        """(seconds since 1970 UTC, start, end of its text), or None where no known form stands early in it."""
        for index, (pattern, read) in enumerate(self._forms):
            match = pattern.search(line, 0, LOOK_AT)
            ts = read(match, self._clock) if match else None
            if match and ts is not None and 0 <= ts <= _LATEST:
                if index:
                    self._forms.insert(0, self._forms.pop(index))
                return ts, match.start(), match.end()
        record = line.count("=") >= _MANY_PAIRS
        named = _NAMED.search(line, LOOK_AT // 2, NAMED_WITHIN) if record else None
        if named:
            found = self.find(line[named.end() : named.end() + _LONGEST])
            return (found[0], 0, 0) if found else None
        return None


def _words_before_epochs(head: bytes) -> int | None:
    """After how many words every line has seconds since 1970, where they stand that far inside; else None. All have to
    lie within some years, as ids of ten digits do not."""
    rows = [line.split()[:_EPOCH_WITHIN] for line in head.split(b"\n")[:_LINES_LOOKED_AT] if line.strip()]
    for at in range(2, min(map(len, rows), default=0)):
        seconds = [int(row[at][:10]) for row in rows if _EPOCH.match(row[at])]
        if len(seconds) == len(rows) > _FEW and max(seconds) - min(seconds) < _SOME_YEARS_S:
            return at
    return None


_EPOCH = re.compile(rb"1\d{9}(?:\.\d{1,9})?$")
_EPOCH_WITHIN, _LINES_LOOKED_AT, _FEW = 9, 50, 4
_SOME_YEARS_S = 5 * 365 * 86_400
_LATEST = 4_102_444_800.0


def _fraction(digits: str | None) -> float:
    return int(digits[:9]) / 10 ** len(digits[:9]) if digits else 0.0


def _year_first(match: re.Match[str], _: YearClock) -> float | None:
    year, month, day, *clock = match.groups()
    return calendar_ts(year, int(month), day, clock)


def _zoned(match: re.Match[str], _: YearClock) -> float | None:
    year, month, day, *clock, zone = match.groups()
    return calendar_ts(year, int(month), day, clock, zone)


def _month_first(match: re.Match[str], _: YearClock) -> float | None:
    month, day, year, *clock = match.groups()
    return calendar_ts(year, int(month), day, clock)


def _day_first(match: re.Match[str], _: YearClock) -> float | None:
    day, month, year, *clock = match.groups()
    return calendar_ts(year, int(month), day, clock)


def _named_between(match: re.Match[str], _: YearClock) -> float | None:
    year, name, day, *clock = match.groups()
    return calendar_ts(year, MONTHS.get(name), day, clock)


def _month_between(match: re.Match[str], _: YearClock) -> float | None:
    day, name, year, *clock, zone = match.groups()
    return calendar_ts(year, MONTHS.get(name), day, clock, zone)


def _written(read: written_times.Reader) -> Reader:
    return lambda match, _: read(match)


def _epoch(match: re.Match[str], _: YearClock) -> float | None:
    return epoch_ts(float(match[1]))


def _web(match: re.Match[str], _: YearClock) -> float | None:
    return access_ts(match[1])


def _named_month(match: re.Match[str], clock: YearClock) -> float | None:
    month = MONTHS.get(match["month"])
    if month is None:
        return None
    hour, minute, second, fraction = match.group("h", "m", "s", "f")
    year = match["year"] or match["late_year"] or match["early_year"]
    dated = YearClock(int(year)) if year else clock
    return dated.ts(month, int(match["day"]), int(hour), int(minute), int(second), _fraction(fraction))


def _month_day(match: re.Match[str], clock: YearClock) -> float | None:
    month, day, late_day, hour, minute, second, fraction = match.groups()
    day = day or late_day
    if not 1 <= int(month) <= 12:
        return None
    return clock.ts(int(month), int(day), int(hour), int(minute), int(second), _fraction(fraction))


_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        # 2017-05-16 00:00:00.008 · 2015-07-29T17:41:44,747+02:00 · 2015/07/29 17:41:44 · 2015:07:29 17:41:44
        (rf"(?<!\d)(\d{{4}})[-/:](\d\d)[-/:](\d\d)[T ]{_CLOCK}{ZONE}", _zoned),
        # 1117838570 · - 1131566461 2005.11.09 · 1521911720.865 · 1521911720865
        (r"^(?:[\w.-]{1,32} )?(\d{10}(?:\.\d{1,9})?|\d{13})(?![\w.:-])", _epoch),
        # Mar 27 13:06:56 · Sun Dec 04 04:47:44 2005 · Nov  9 2005 12:01:01 · 2005 Nov 09 12:01:01
        (rf"(?:[A-Z][a-z]{{2}} |(?P<early_year>(?:19|20)\d\d) )?{_MONTH} {{1,2}}"
         r"(?P<day>\d{1,2})(?: (?P<year>\d{4}))? (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)"
         rf"(?:[.,](?P<f>\d{{1,9}}))?(?:(?: (?:{'|'.join(ZONES)}))? (?P<late_year>(?:19|20)\d\d)(?!\d))?",
         _named_month),
        # 17/May/2015:10:05:03 +0000
        (r"(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)? [+-]\d\d:?\d\d)", _web),
        # 18/Jan/2024 06:41:25 · 18-Jan-2024 06:41:25.123 · Thu, 18 Jan 2024 06:41:25 +0100
        (rf"(?<!\d)(\d\d?)[-/ ]([A-Z][a-z]{{2}})[-/ ](\d{{4}})[ :]{_CLOCK}{ZONE}", _month_between),
        # 2019-Jul-25 14:28:31
        (rf"(?<!\d)(\d{{4}})[-/ ]([A-Z][a-z]{{2}})[-/ ](\d\d)[ T]{_CLOCK}", _named_between),
        # audit(1700000000.123:45) · ts=1700000000.123
        (r"(?:\baudit\(|\b(?:ts|time|timestamp|rt)=\"?)(\d{10}(?:\.\d{1,9})?|\d{13})(?!\d)", _epoch),
        # date=2024-01-18 time=06:41:25
        (r"\bdate=(\d{4})-(\d\d)-(\d\d) time=\"?(\d\d):(\d\d):(\d\d)", _year_first),
        # 18.01.2024 06:41:25
        (rf"(?<!\d)(\d\d)\.(\d\d)\.(\d{{4}}),? {_CLOCK}", _day_first),
        # 20171223-22:15:29:606
        (r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)[-T ](\d\d?):(\d\d?):(\d\d?)(?:[.,:](\d{1,9}))?", _year_first),
        # 2005-06-03-15.42.50.675872
        (r"(?<!\d)(\d{4})-(\d\d)-(\d\d)-(\d\d)\.(\d\d)\.(\d\d)(?:\.(\d{1,9}))?", _year_first),
        # 06/17/2009 20:10:40 · 06/17/2009-20:10:40.123456 · 1/18/2024 6:41:25 PM · 1/18/2024 6:41 PM
        (rf"(?<!\d)(\d\d?)/(\d\d?)/(\d{{4}})(?:,? |-){_SHORT}", _month_first),
        # 17/06/09 20:10:40
        (rf"(?<!\d)(\d\d)/(\d\d)/(\d\d) {_CLOCK}", _year_first),
        # 081109 203615
        (r"^(\d\d)(\d\d)(\d\d) (\d\d)(\d\d)(\d\d)(?!\d)", _year_first),
        # 03-17 16:13:38.811 · [10.30 16:49:06] · 03/17-16:13:38.811000
        (rf"^\W?(\d\d)(?:[-.](\d\d) |/(\d\d)-){_CLOCK}", _month_day),
        # 20240118064125 · 20240118T064125.123Z
        (r"^\W?((?:19|20)\d\d)(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d{4})?(?![\d.])", _zoned),
        # 2024-01-18 06:41 · 2024/01/18 06:41
        (rf"(?<!\d)(\d{{4}})[-/](\d\d)[-/](\d\d)[T ]{_SHORT}", _year_first),
        # 18.01.2024 6:41 · 18-01-2024 06:41:25
        (rf"(?<!\d)(\d\d?)[.-](\d\d?)[.-](\d{{4}}),? {_SHORT}", _day_first),
        # 1/18/24 6:41 PM
        (rf"^\W?(\d\d?)/(\d\d?)/(\d\d),? {_SHORT}", _month_first),
        *((rf"^\W?{pattern}", _written(read)) for pattern, read in written_times.FORMS),
    )
)  # fmt: skip
_SWAPPED: dict[Reader, Reader] = {_month_first: _day_first}
