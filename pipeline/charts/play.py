"""The stream of one key group, row by row: what is due comes first, then the row itself."""

import numba as nb
import numpy as np

from pipeline.charts import columns as col
from pipeline.charts import memory as mem
from pipeline.charts.accesses import (
    judge_item,
    must_wait,
    patience,
    say_access,
    teach,
    teach_unit,
    weigh,
    weigh_item,
    withdraw_item,
)
from pipeline.charts.cells import access_place, count_access
from pipeline.charts.explain import F_STRENGTH
from pipeline.charts.fields import ADD, CLAIM_JUDGED_TS, FORGET, GIVE, JUDGED_TS, PASS, WAIT
from pipeline.charts.judge import put, say_claim, say_post
from pipeline.charts.opened import days_to_care, days_to_opened, note_opened
from pipeline.charts.part import part
from pipeline.charts.people import learn_organization, learn_practitioner, name_post, user_row
from pipeline.charts.reasons import EMERGING, ENOUGH, PAYING, RESEARCHING, WRITING
from pipeline.charts.relate import is_relation, learn_patient, patient_row, relate
from pipeline.charts.room import DONE, MAX_CHAIN, lacks
from pipeline.charts.shifts import part_row
from pipeline.charts.table import find
from pipeline.charts.usual import note_role, unit_row
from pipeline.charts.waiting import drop_item, new_item, next_due, push_due

_CLOSE_D = 1.0
"""A claim with an encounter and an opened chart so close needs to wait for none that is closer."""
_GLASS_WORD = EMERGING[:1]


@part
def _settle(m, s, waits, out, values, k, item, now):  # type: ignore[no-untyped-def]
    """Judge, or forget, an item that is due. Gives the next k."""
    kind = m.items[item, mem.I_KIND]
    p = find(m.patients, np.uint64(m.items[item, mem.I_PATIENT]))
    if kind == mem.ACCESS:
        weighed = weigh_item(m, s, waits, item, p)
        longer = m.times[item, mem.T_TS] + patience(s.found, m.items[item, mem.I_FLAGS], waits)
        if now == m.times[item, mem.T_DUE] < longer:  # what explained it then does so no more
            push_due(m, item, longer)
            return k
        return judge_item(m, s, waits, out, values, k, item, p, weighed, now)
    if kind == mem.CLAIMED:
        near, opened = _claim_days(m, waits, p, m.times[item, mem.T_FROM], m.times[item, mem.T_THROUGH])
        say_claim(m, values, k, now, near, opened)
        k = put(out, k, GIVE, item, m.items[item, mem.I_OFFSET])
    drop_item(m, item)
    return put(out, k, FORGET, item, 0)


@part
def _claim_days(m, waits, p, first, last):  # type: ignore[no-untyped-def]
    return days_to_care(m, p, first, last, waits.open_s), days_to_opened(m, p, first, last)


@part
def _settle_claim(m, s, waits, out, values, k, item, p, now):  # type: ignore[no-untyped-def]
    """Judge a claim that waits with patient `p` once encounter and opened chart are near; the next k."""
    near, opened = _claim_days(m, waits, p, m.times[item, mem.T_FROM], m.times[item, mem.T_THROUGH])
    if near <= _CLOSE_D and opened <= _CLOSE_D:
        k = _settle(m, s, waits, out, values, k, item, now)
    return k


@part
def _look_again(m, s, waits, out, values, k, p, now):  # type: ignore[no-untyped-def]
    """Context of patient `p` has come: judge, or withdraw, what waits with them and is explained now."""
    item, seen = np.int64(m.patient[p, mem.P_WAITING]) - 1, 0
    while item >= 0 and seen < MAX_CHAIN:
        after, kind = m.items[item, mem.I_NEXT] - 1, m.items[item, mem.I_KIND]
        seen += 1
        if kind == mem.CLAIMED:
            k = _settle_claim(m, s, waits, out, values, k, item, p, now)
        else:
            weighed = weigh_item(m, s, waits, item, p)
            if kind == mem.ACCESS and not must_wait(s.found, m.items[item, mem.I_FLAGS]):
                k = judge_item(m, s, waits, out, values, k, item, p, weighed, now)
            elif kind == mem.JUDGED_ACCESS and s.found[F_STRENGTH] >= ENOUGH:
                k = withdraw_item(m, s, out, values, k, item, p, weighed, now)
        item = after
    return k


@part
def _soon(m, waits, item, ts):  # type: ignore[no-untyped-def]
    """Whether `ts` is after an access that waits, but not too late to be care that belongs to it."""
    return m.times[item, mem.T_TS] < ts <= m.times[item, mem.T_TS] + waits.glass_s


@part
def _opened_again(m, s, waits, out, values, k, p, user, writes, ts, now):  # type: ignore[no-untyped-def]
    """The chart of patient `p` was opened: that can settle claims, and an entry is care after an access before."""
    item, seen = np.int64(m.patient[p, mem.P_WAITING]) - 1, 0
    while item >= 0 and seen < MAX_CHAIN:
        after, kind = m.items[item, mem.I_NEXT] - 1, m.items[item, mem.I_KIND]
        seen += 1
        if kind == mem.CLAIMED:
            k = _settle_claim(m, s, waits, out, values, k, item, p, now)
        elif writes and user != 0 and m.items[item, mem.I_USER] == user and _soon(m, waits, item, ts):
            m.items[item, mem.I_FLAGS] |= mem.CARE_AFTER
            if kind == mem.ACCESS and m.items[item, mem.I_FLAGS] & mem.BREAK_GLASS:
                k = _settle(m, s, waits, out, values, k, item, now)
        item = after
    return k


@part
def _person(m, rows, r, now):  # type: ignore[no-untyped-def]
    """(user, department, role, unit row) of an access: what it says itself, else what is known."""
    user = col.short(col.person_key(rows, col.USER, r))
    department = name_post(m, rows, col.DEPARTMENT, r, now)
    role = name_post(m, rows, col.ROLE, r, now)
    slot = np.int64(-1)
    if user != 0:
        slot = user_row(m, user, now)
        if department == 0:
            department = m.user[slot, mem.U_DEPARTMENT]
        elif m.user[slot, mem.U_DEPARTMENT] == 0:
            m.user[slot, mem.U_DEPARTMENT] = department
        if role == 0:
            role = m.user[slot, mem.U_ROLE]
        elif m.user[slot, mem.U_ROLE] == 0:
            m.user[slot, mem.U_ROLE] = role
    unit, new = unit_row(m, department, role, now)
    if new:
        note_role(m, unit, rows.data, rows.start[col.ROLE, r], rows.length[col.ROLE, r])
        note_role(m, unit, rows.data, rows.start[col.DEPARTMENT, r], rows.length[col.DEPARTMENT, r])
    return user, department, role, unit


@part
def _flags(m, rows, r, unit):  # type: ignore[no-untyped-def]
    """What kind of access it is, as bits."""
    purpose = col.text_key(rows, col.PURPOSE, r)
    flags = np.int64(m.unit[unit, mem.Q_KIND]) if unit >= 0 else np.int64(0)
    if col.among(purpose, PAYING):
        flags |= mem.PAYMENT
    if col.among(purpose, RESEARCHING):
        flags |= mem.RESEARCH
    if rows.length[col.DEPARTMENT, r] < 0:
        flags |= mem.NO_DEPARTMENT
    if rows.length[col.ROLE, r] < 0:
        flags |= mem.NO_ROLE
    if rows.numbers[col.GLASS, r] == 1.0 or col.among(purpose, _GLASS_WORD):
        flags |= mem.BREAK_GLASS
    if col.among(col.text_key(rows, col.ACTION, r), WRITING):
        flags |= mem.WRITES
    size = rows.length[col.OUTCOME, r]
    if size != 7 or rows.data[rows.start[col.OUTCOME, r]] != 102:  # "failure", of three words that are allowed
        flags |= mem.SUCCESS
    return flags


@part
def _access(m, s, waits, rows, r, out, values, k, now):  # type: ignore[no-untyped-def]
    """A chart is opened. Gives the next k."""
    ts = rows.numbers[col.TS, r]
    second = np.uint32(ts)
    user, department, role, unit = _person(m, rows, r, second)
    part_row(m, role, ts, second)
    if rows.chart[r] == np.uint64(0):
        values[k, JUDGED_TS] = now
        return put(out, k, ADD, r, rows.offsets[r])
    p = patient_row(m, rows.chart[r], second)
    flags = _flags(m, rows, r, unit)
    before, theirs, met = 0, 0, 0.0
    if user != 0 and flags & mem.SUCCESS:
        cell, place, before, theirs, met = access_place(m, p, user, department, role)
        weighed = weigh(m, s, waits, p, user, department, role, flags, ts)
        count_access(m, cell, place, department, role, second)
        if not flags & (mem.PAYMENT | mem.RESEARCH):
            note_opened(m, p, ts)
    else:
        weighed = weigh(m, s, waits, p, user, department, role, flags, ts)
    wait_s = patience(s.found, flags, waits)
    if wait_s == 0.0:
        _, row, unit = weighed
        say_access(m, s, out, values, k, p, weighed, (user, department, role), ts, now, (before, theirs))
        say_post(m, out, k, department, role, flags)
        teach_unit(m, s, p, unit, row, user, department, flags, (before, met), ts)
        teach(m, s, p, user, department, unit, flags, ts)
        k = put(out, k, ADD, r, rows.offsets[r])
    else:
        item = new_item(m, p, mem.ACCESS)
        m.items[item, mem.I_USER], m.items[item, mem.I_DEPARTMENT], m.items[item, mem.I_ROLE] = user, department, role
        m.items[item, mem.I_FLAGS], m.items[item, mem.I_OFFSET] = flags, rows.offsets[r]
        m.items[item, mem.I_BEFORE], m.items[item, mem.I_DEPARTMENT_BEFORE] = before, theirs
        m.times[item, mem.T_TS], m.times[item, mem.T_UNIT] = ts, met
        push_due(m, item, max(ts + wait_s, now))
        k = put(out, k, WAIT, r, item)
    if m.patient[p, mem.P_WAITING] and flags & mem.SUCCESS:
        k = _opened_again(m, s, waits, out, values, k, p, user, flags & mem.WRITES, ts, now)
    return k


@part
def _claim(m, s, waits, rows, r, out, values, k, now):  # type: ignore[no-untyped-def]
    """A claim comes in. Gives the next k."""
    ts = rows.numbers[col.TS, r]
    if rows.chart[r] == np.uint64(0):
        values[k, CLAIM_JUDGED_TS] = now
        return put(out, k, ADD, r, rows.offsets[r])
    p = patient_row(m, rows.chart[r], np.uint32(ts))
    relate(m, rows, r, p, s.people, s.named)
    if m.patient[p, mem.P_WAITING]:
        k = _look_again(m, s, waits, out, values, k, p, now)
    first = rows.numbers[col.FROM, r] if rows.numbers[col.FROM, r] == rows.numbers[col.FROM, r] else ts
    last = rows.numbers[col.THROUGH, r] if rows.numbers[col.THROUGH, r] == rows.numbers[col.THROUGH, r] else first
    near, opened = _claim_days(m, waits, p, first, max(first, last))
    if near <= _CLOSE_D and opened <= _CLOSE_D:
        say_claim(m, values, k, now, near, opened)
        return put(out, k, ADD, r, rows.offsets[r])
    item = new_item(m, p, mem.CLAIMED)
    m.items[item, mem.I_OFFSET] = rows.offsets[r]
    m.times[item, mem.T_TS], m.times[item, mem.T_FROM], m.times[item, mem.T_THROUGH] = ts, first, max(first, last)
    push_due(m, item, max(ts + waits.claim_s, now))
    return put(out, k, WAIT, r, item)


@part
def _context(m, s, waits, rows, r, out, values, k, now):  # type: ignore[no-untyped-def]
    """Context goes on as it came; then what it explains. Gives the next k."""
    k = put(out, k, PASS, r, rows.offsets[r])
    kind, second = rows.kind[r], np.uint32(rows.numbers[col.TS, r])
    if kind == col.IS_PRACTITIONER:
        learn_practitioner(m, rows, r, second, s.people)
        role = col.short(col.text_key(rows, col.ROLE, r))
        unit, new = unit_row(m, col.short(col.text_key(rows, col.DEPARTMENT, r)), role, second)
        if new:
            note_role(m, unit, rows.data, rows.start[col.ROLE, r], rows.length[col.ROLE, r])
            note_role(m, unit, rows.data, rows.start[col.DEPARTMENT, r], rows.length[col.DEPARTMENT, r])
    elif kind == col.IS_ORGANIZATION:
        learn_organization(m, rows, r, second)
    elif kind == col.IS_PATIENT and rows.chart[r] != np.uint64(0):
        learn_patient(m, rows, r, patient_row(m, rows.chart[r], second))
    elif is_relation(kind) and rows.chart[r] != np.uint64(0):
        p = patient_row(m, rows.chart[r], second)
        relate(m, rows, r, p, s.people, s.named)
        if m.patient[p, mem.P_WAITING]:
            k = _look_again(m, s, waits, out, values, k, p, now)
    return k


@part
def _judge_due(m, s, waits, out, values, k, clock, most):  # type: ignore[no-untyped-def]
    """Judge what is due by `clock`, and what is more than `most`. (next k, why it stopped)"""
    while True:
        item = next_due(m)
        if item < 0 or (m.times[item, mem.T_DUE] > clock and m.counts[mem.N_WAITING] <= most):
            return k, DONE
        why = lacks(m, waits.limits, k, out)
        if why != DONE:
            return k, why
        reached = max(clock, m.shares[mem.S_CLOCK]) if clock < np.inf else m.shares[mem.S_CLOCK]
        k = _settle(m, s, waits, out, values, k, item, min(m.times[item, mem.T_DUE], reached))


@nb.njit(cache=True, nogil=True)
def play(m, s, waits, rows, order, first, clock, out, values):  # type: ignore[no-untyped-def]
    """Take rows order[first:] (int64) of one key group in, then judge what is due by `clock`.

    `out` int64[L, OUT_WORDS], zero, and `values` float64[L, fields], NaN, receive what is to be done (`fields`).
    Gives (row of `order` to go on with, why, how many outputs); it can be called again as soon as there is room.
    """
    k = 0
    for i in range(first, len(order)):
        r = order[i]
        reached = max(m.shares[mem.S_CLOCK], rows.numbers[col.TS, r])
        k, why = _judge_due(m, s, waits, out, values, k, reached, waits.waiting - 1)
        if why == DONE:
            why = lacks(m, waits.limits, k, out)
        if why != DONE:
            return i, why, k
        m.shares[mem.S_CLOCK] = reached
        if rows.kind[r] == col.IS_ACCESS:
            k = _access(m, s, waits, rows, r, out, values, k, reached)
        elif rows.kind[r] == col.IS_CLAIM or rows.kind[r] == col.IS_BENEFIT:
            k = _claim(m, s, waits, rows, r, out, values, k, reached)
        else:
            k = _context(m, s, waits, rows, r, out, values, k, reached)
    k, why = _judge_due(m, s, waits, out, values, k, clock, waits.waiting)
    if why == DONE and clock < np.inf:
        m.shares[mem.S_CLOCK] = max(m.shares[mem.S_CLOCK], clock)
    return len(order), why, k
