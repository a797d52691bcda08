"""On which days a chart was opened and care was given: what claims are held against."""

import numpy as np

from pipeline.charts.explain import ends
from pipeline.charts.memory import (
    C_END,
    C_NEXT,
    C_START,
    C_TYPE,
    CARE_TEAM,
    CLAIM,
    MORE,
    OPEN,
    P_DAY,
    P_DAYS,
    P_RELATIONS,
    P_WEEKS,
)
from pipeline.charts.part import part
from pipeline.charts.reasons import DAY

_DAYS = 64
_WEEK = 7


@part
def _get(m, p, field):  # type: ignore[no-untyped-def]
    return np.uint64(m.patient[p, field]) | (np.uint64(m.patient[p, field + 1]) << np.uint64(32))


@part
def _set(m, p, field, bits):  # type: ignore[no-untyped-def]
    m.patient[p, field] = np.uint32(bits & np.uint64(0xFFFFFFFF))
    m.patient[p, field + 1] = np.uint32(bits >> np.uint64(32))


@part
def _shifted(bits, steps):  # type: ignore[no-untyped-def]
    return bits << np.uint64(steps) if steps < _DAYS else np.uint64(0)


@part
def note_opened(m, p, ts):  # type: ignore[no-untyped-def]
    """The chart of patient `p` was opened at `ts`: bit k of the days is k days before the last one, weeks alike."""
    day, last = np.int64(ts // DAY), np.int64(m.patient[p, P_DAY])
    days, weeks = _get(m, p, P_DAYS), _get(m, p, P_WEEKS)
    if day > last:
        days, weeks = _shifted(days, day - last), _shifted(weeks, day // _WEEK - last // _WEEK)
        m.patient[p, P_DAY] = last = day
    if last - day < _DAYS:
        days |= np.uint64(1) << np.uint64(last - day)
    if last // _WEEK - day // _WEEK < _DAYS:
        weeks |= np.uint64(1) << np.uint64(last // _WEEK - day // _WEEK)
    _set(m, p, P_DAYS, days)
    _set(m, p, P_WEEKS, weeks)


@part
def _apart(first, last, begin, end):  # type: ignore[no-untyped-def]
    """How far apart two spans are, 0 where they meet."""
    return max(begin - last, first - end, 0.0)


@part
def days_to_opened(m, p, from_ts, through_ts):  # type: ignore[no-untyped-def]
    """Days between a service and the nearest day on which the chart was opened; NaN where none is known.

    To the day for the last 64 days on which anybody did, before that to the week, by the nearer end of the week.
    """
    first, through = np.int64(from_ts // DAY), np.int64(through_ts // DAY)
    last, days, weeks = np.int64(m.patient[p, P_DAY]), _get(m, p, P_DAYS), _get(m, p, P_WEEKS)
    nearest = np.inf
    for k in range(_DAYS):
        if (days >> np.uint64(k)) & np.uint64(1):
            nearest = min(nearest, _apart(first, through, last - k, last - k))
        week = last // _WEEK - k
        if (weeks >> np.uint64(k)) & np.uint64(1) and last - _WEEK * week - _WEEK + 1 >= _DAYS:
            nearest = min(nearest, _apart(first, through, _WEEK * week, _WEEK * week + _WEEK - 1))
    return nearest if nearest < np.inf else np.nan


@part
def days_to_care(m, p, from_ts, through_ts, open_s):  # type: ignore[no-untyped-def]
    """Days between a service and the nearest visit, planned visit, order or team; NaN where there is none.

    Services are known by the day, so that one meets all that happened on its days. A team that nobody disbands says who
    would treat, not that anybody came: without an end it counts when it began.
    """
    first, through = from_ts // DAY * DAY, (through_ts // DAY + 1) * DAY
    nearest = np.inf
    at = np.int64(m.patient[p, P_RELATIONS]) - 1
    while at >= 0:
        kind = m.cells[at, C_TYPE] & 0xFF
        if kind != MORE and kind != CLAIM:
            start, end = float(m.cells[at, C_START]), ends(m, at, open_s)
            end = start if kind == CARE_TEAM and m.cells[at, C_END] == OPEN else end
            nearest = min(nearest, _apart(first, through, start, end))
        at = np.int64(m.cells[at, C_NEXT]) - 1
    return nearest / DAY if nearest < np.inf else np.nan
