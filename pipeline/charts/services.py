"""Which units work on what is asked for: many exports name neither who is to do it nor the department it goes to.

Taught by first looks into a chart that no relation of care explains, within a day of an order or while an appointment
is made. A unit that comes after a third of the orders of a kind works on them, and so does one that comes after a third
of those of its part of the day: nights are read and dispensed by others. Few who are curious make no third of a house's
orders. Units without a department are none of these: all nurses of a house come after all of its orders.
"""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.part import part
from pipeline.charts.reasons import DAY
from pipeline.charts.shifts import PART_S
from pipeline.charts.usual import bump_pair, is_watched, pair_count, seen_enough, share_of, strength_of
from pipeline.features.hashing import combine, mix64

SOON_S = DAY
BOOKING_S = 7200.0
"""An appointment is made with the chart open, and told as soon as it is saved."""
WORKS_USUAL = 0.3
PART_ORDERS = 4.0
"""Orders in a part of the day, of a unit that is known to work on their kind."""
_KIND, _ASKED, _WHOLE_DAY = np.uint64(5), np.uint64(7), np.int64(-1)
_BOOKING = np.uint32(0xB00C)
"""Kind of what is asked for with an appointment: that it is made."""


@part
def _key(service, unit, hours):  # type: ignore[no-untyped-def]
    """uint64 of a kind of order (uint32) in a part of the day and whoever works on it (uint64)."""
    return combine(mix64(np.uint64(service) ^ _KIND), unit + np.uint64(hours + 1))


@part
def _hours(ts):  # type: ignore[no-untyped-def]
    """Part of the day, from 0."""
    return np.int64(ts % DAY // PART_S)


@part
def note_asked(m, kind, service, ts):  # type: ignore[no-untyped-def]
    """Something of a kind (uint32, 0 for unknown) is asked for by a relation of this type."""
    if kind == mem.APPOINTMENT:
        service = _BOOKING
    elif kind != mem.ORDER or service == 0:
        return
    if not is_watched(m):
        return
    for hours in (_WHOLE_DAY, _hours(ts)):
        bump_pair(m, _key(service, _ASKED, hours), np.uint32(1), ts)


@part
def _lately(m, at, ts):  # type: ignore[no-untyped-def]
    """Kind (uint32) of what relation `at` asks for if somebody works on it at `ts`, else 0."""
    kind = m.cells[at, mem.C_TYPE] & 0xFF
    if kind == mem.APPOINTMENT:
        return _BOOKING if abs(ts - float(m.cells[at, mem.C_KNOWN])) <= BOOKING_S else np.uint32(0)
    if kind != mem.ORDER:
        return np.uint32(0)
    soon = float(m.cells[at, mem.C_START]) - SOON_S <= ts <= float(m.cells[at, mem.C_END]) + SOON_S
    return m.cells[at, mem.C_SERVICE] if soon else np.uint32(0)


@part
def teach_services(m, p, unit, user, ts):  # type: ignore[no-untyped-def]
    """A person (uint32) of a unit (row) looks for the first time at patient `p`, whose care does not say why."""
    at = np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    while at >= 0:
        service = _lately(m, at, ts)
        if service != 0:
            for hours in (_WHOLE_DAY, _hours(ts)):
                bump_pair(m, _key(service, m.units[unit], hours), user, ts)
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1


@part
def works_on(m, at, unit, ts):  # type: ignore[no-untyped-def]
    """How strongly it explains an access of a unit (row, -1 for unknown) that it works on orders like relation `at`."""
    service = _lately(m, at, ts) if unit >= 0 else np.uint32(0)
    if service == 0:
        return 0.0
    count, people = pair_count(m, _key(service, m.units[unit], _WHOLE_DAY), ts)
    if not seen_enough(count, people):
        return 0.0
    share = share_of(m, _key(service, _ASKED, _WHOLE_DAY), count, ts)
    some, _ = pair_count(m, _key(service, m.units[unit], _hours(ts)), ts)
    if some >= PART_ORDERS:
        share = max(share, share_of(m, _key(service, _ASKED, _hours(ts)), some, ts))
    return strength_of(share, WORKS_USUAL)
