"""Who covers others by night: which share of a role's people at work in a part of the day has no reason that anybody
writes down."""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.part import part
from pipeline.charts.reasons import DAY, ENOUGH
from pipeline.charts.table import claim, find
from pipeline.charts.usual import bit_of, bits, judged_unit, unit_key
from pipeline.features.hashing import combine

PART_S = 4 * 3600.0
"""Shifts change by such parts of the day; which are nights, the hospital's own clock says, and the counts show."""
PART_PEOPLE, PART_KNOWN = 3, 10.0
"""Of one part of the day and role: people without a reason, and people counted in all, before a share is known."""


@part
def _part_of_day(role, ts):  # type: ignore[no-untyped-def]
    """uint64 key among the units of a role (uint32) in a part of the day."""
    return combine(unit_key(np.uint32(0), role), np.uint64(1 + np.int64(ts % DAY // PART_S)))


@part
def part_row(m, role, ts, now):  # type: ignore[no-untyped-def]
    """Make room for what `judged_part` will count of a role (uint32): here, as many are judged at once."""
    if role != 0:
        at, new = claim(m.units, _part_of_day(role, ts))
        m.counts[mem.N_UNITS] += new
        m.unit[at, mem.Q_USED] = max(m.unit[at, mem.Q_USED], now)


@part
def judged_part(m, role, slot, person, strength, ts, now):  # type: ignore[no-untyped-def]
    """One more access by a role (uint32) at `ts` has been judged, of the user in row `slot`. Who covers others by night
    may have no reason that anybody writes down: each person counts once a part of a day, with and without a reason, so
    that nobody makes their curiosity usual."""
    last = mem.UN_WITHOUT if strength < ENOUGH else mem.UN_WITH
    if role == 0 or slot < 0 or ts // PART_S <= m.user_n[slot, last]:
        return
    at = find(m.units, _part_of_day(role, ts))
    if at < 0:
        return
    m.user_n[slot, last] = ts // PART_S
    judged_unit(m, at, strength, True, now)
    if strength < ENOUGH:
        word, bit = bit_of(person)
        m.unit[at, mem.Q_USERS + word] |= bit


@part
def explained_part(m, role, ts):  # type: ignore[no-untyped-def]
    """An access that counted without a reason has one after all."""
    at = find(m.units, _part_of_day(role, ts))
    if at >= 0:
        m.unit_n[at, mem.QN_NONE] = max(m.unit_n[at, mem.QN_NONE] - 1.0, 0.0)


@part
def shift_share(m, role, ts):  # type: ignore[no-untyped-def]
    """Share of the people of a role (uint32) at work in this part of the day that have no reason, of both kinds; NaN
    before it is known of a few."""
    at = find(m.units, _part_of_day(role, ts)) if role != 0 else -1
    if at < 0 or m.unit_n[at, mem.QN_JUDGED] < PART_KNOWN:
        return np.nan
    if bits(m.unit[at, mem.Q_USERS], m.unit[at, mem.Q_USERS + 1]) < PART_PEOPLE:
        return np.nan
    return min(m.unit_n[at, mem.QN_NONE] / m.unit_n[at, mem.QN_JUDGED], 1.0)
