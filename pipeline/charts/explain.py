"""Why an access was made: the strongest of all reasons that care, habit and work give for it."""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts import reasons as why
from pipeline.charts import usual
from pipeline.charts.cells import names_one
from pipeline.charts.columns import among
from pipeline.charts.part import part
from pipeline.charts.people import lies_in, same_department, ward_of
from pipeline.charts.rounds import comes_to
from pipeline.charts.services import works_on
from pipeline.charts.table import find

# `found` float64: strength, reason, relation that gives it (-1: none), department or person that it is named by, from
# when it was known, whether care by this user was documented after, whether the user is named, whether the patient
# is in care at all, how many departments and physicians treat (these follow, uint32 each), and since when the newest.
F_STRENGTH, F_REASON, F_CELL, F_NAME, F_KNOWN, F_CARE, F_NAMED, F_IN_CARE, F_DEPARTMENTS, F_CHIEFS, F_SINCE = range(11)
FOUND = F_SINCE + 1
TREATING = 6
"""Departments and physicians remembered as treating at one time."""


@part
def ends(m, at, open_s):  # type: ignore[no-untyped-def]
    """When a relation is over; what nobody ended, some time after it was last heard of."""
    end = float(m.cells[at, mem.C_END])
    return float(m.cells[at, mem.C_UPDATED]) + open_s if m.cells[at, mem.C_END] == mem.OPEN else end


@part
def _better(found, strength, reason, cell, name, known, named):  # type: ignore[no-untyped-def]
    """Keep the stronger reason; of two as strong the one known first."""
    if strength > found[F_STRENGTH] or (strength == found[F_STRENGTH] and strength > 0 and known < found[F_KNOWN]):
        found[F_STRENGTH], found[F_REASON], found[F_CELL], found[F_NAME] = strength, reason, cell, name
        found[F_KNOWN], found[F_NAMED] = known, named


@part
def _of_relation(m, at, ts, start, end, named, near, mine, role):  # type: ignore[no-untyped-def]
    """(strength, reason) that one relation of care gives."""
    kind = m.cells[at, mem.C_TYPE] & 0xFF
    if kind == mem.APPOINTMENT:
        whole = why.around(1.0, ts, start, end, why.NAMED) if named else 0.0
        return max(whole, why.around(0.8, ts, start, end, why.OF_DEPARTMENT) if near else 0.0), why.BY_APPOINTMENT
    if kind == mem.ORDER:
        service = m.cells[at, mem.C_SERVICE]
        whole = why.around(0.9, ts, start, end, why.NAMED) if named else 0.0
        near = near or (service != 0 and (service in (mine, role)))
        return max(whole, why.around(0.9, ts, start, end, why.OF_SERVICE) if near else 0.0), why.BY_ORDER
    if kind == mem.ENCOUNTER or kind == mem.CARE_TEAM:
        whole = why.around(0.95, ts, start, end, why.NAMED) if named else 0.0
        whole = max(whole, why.around(0.8, ts, start, end, why.OF_DEPARTMENT) if near else 0.0)
        return whole, why.BY_ENCOUNTER if kind == mem.ENCOUNTER else why.BY_TEAM
    return 0.0, why.NONE


@part
def _of_payment(kind, ts, end):  # type: ignore[no-untyped-def]
    """How strongly something to be paid explains billing work: what is claimed or over, before what is going on."""
    if kind == mem.CLAIM or (kind == mem.ENCOUNTER and end <= ts + why.DAY):
        return 0.8
    return 0.7 if kind == mem.ENCOUNTER or kind == mem.APPOINTMENT else 0.0


@part
def _note(around_it, found, place, key):  # type: ignore[no-untyped-def]
    """Remember a treating department (place F_DEPARTMENTS) or physician (F_CHIEFS), once."""
    row = place - F_DEPARTMENTS
    count = np.int64(found[place])
    if key == 0 or count >= TREATING:
        return
    for k in range(count):
        if around_it[row, k] == key:
            return
    around_it[row, count] = key
    found[place] += 1.0


@part
def _of_own_doctor(m, doctor, me, mine, found):  # type: ignore[no-untyped-def]
    """The patient's own physician (uint32, 0 for unknown), and whoever works in the same practice."""
    if doctor == 0:
        return
    if among(doctor, me):
        _better(found, why.OWN_DOCTOR, why.BY_TEAM, -1, 0.0, 0.0, True)
    elif mine != 0 and found[F_IN_CARE] > 0:
        slot = find(m.users, np.uint64(doctor))
        if slot >= 0 and same_department(m, m.user[slot, mem.U_DEPARTMENT]) == mine:
            _better(found, why.OWN_PRACTICE, why.BY_TEAM, -1, 0.0, 0.0, False)


@part
def look_at_care(m, p, me, count, mine, role, unit, flags, ts, spans, found, around_it):  # type: ignore[no-untyped-def]
    """Fill `found` with the strongest relation of care of patient `p` to a user known as me (uint32[count]), and
    `around_it` (uint32[2, TREATING]) with who treats. `spans`: seconds that what is open lasts, relations are kept,
    and care may be documented after."""
    open_s, keep_s, after_s = spans
    at = np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    while at >= 0:
        kind = m.cells[at, mem.C_TYPE] & 0xFF
        end = ends(m, at, open_s)
        if kind != mem.MORE and end + keep_s >= ts:
            known = float(m.cells[at, mem.C_KNOWN])
            start = float(m.cells[at, mem.C_START])
            named = names_one(m, at, me, count)
            near = lies_in(m, m.cells[at, mem.C_DEPARTMENT], mine)
            if (named or near) and ts < known <= ts + after_s:
                found[F_CARE] = 1.0
            strength, reason = _of_relation(m, at, ts, start, end, named, near, mine, role)
            _better(found, strength, reason, at, 0.0, known, named)
            if found[F_STRENGTH] < usual.COLLEAGUE_MOST:
                asked = why.BY_APPOINTMENT if kind == mem.APPOINTMENT else why.BY_ORDER
                _better(found, works_on(m, at, unit, ts), asked, at, 0.0, known, False)
            if flags & mem.PAYMENT:
                _better(found, _of_payment(kind, ts, end), why.BY_PAYMENT, at, 0.0, known, False)
            if kind != mem.CLAIM and start - why.NAMED[0] * why.DAY <= ts <= end + why.NAMED[1] * why.DAY:
                found[F_IN_CARE] = 1.0
            if kind == mem.ENCOUNTER and start - why.DAY <= ts <= end + why.TREATING_D * why.DAY:
                if found[F_DEPARTMENTS] == 0:
                    found[F_SINCE] = start
                _note(around_it, found, F_DEPARTMENTS, ward_of(m, m.cells[at, mem.C_DEPARTMENT]))
                _note(around_it, found, F_CHIEFS, m.cells[at, mem.C_PEOPLE])
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    _of_own_doctor(m, m.patient[p, mem.P_DOCTOR], me[:count], mine, found)


@part
def look_at_habit(m, cell, place, user, mine, unit, ts, found, around_it):  # type: ignore[no-untyped-def]
    """Add what is usual: a repeat of an explained access, work with the treating team, a role that serves all."""
    if cell >= 0 and m.cells[cell, 2 + 4 * place + mem.A_EXPLAINED]:
        explained = float(m.cells[cell, 2 + 4 * place + mem.A_EXPLAINED])
        if explained <= ts:
            strength = why.faded(0.75, (ts - explained) / why.DAY, why.REPEATED[1], why.REPEATED[2])
            _better(found, strength, why.BY_REPEAT, -1, 0.0, explained, False)
    if found[F_STRENGTH] >= usual.COLLEAGUE_MOST:
        return
    for k in range(np.int64(found[F_DEPARTMENTS])):
        if unit >= 0 and around_it[0, k] != mine:
            strength = usual.works_with(m, around_it[0, k], m.units[unit], 2, usual.COLLEAGUE_USUAL, ts)
            _better(found, strength, why.BY_COLLEAGUE, -1, float(around_it[0, k]), ts, False)
    for k in range(np.int64(found[F_CHIEFS])):
        if around_it[1, k] != user:
            strength = usual.works_with(m, around_it[1, k], np.uint64(user), 1, usual.PARTNER_USUAL, ts)
            _better(found, strength, why.BY_COLLEAGUE, -2, float(around_it[1, k]), ts, False)
    if found[F_STRENGTH] < usual.SERVES_MOST:
        _better(found, usual.serves_all(m, unit, found[F_IN_CARE] > 0), why.BY_ROLE, -1, 0.0, ts, False)
        for k in range(np.int64(found[F_DEPARTMENTS]) if unit >= 0 and mine != 0 else 0):
            if around_it[0, k] != mine:
                strength = comes_to(m, around_it[0, k], unit, ts)
                _better(found, strength, why.BY_ROLE, -1, float(around_it[0, k]), ts, False)


def open_for(keep_s: float) -> float:
    """Seconds after which what nobody ended is taken for ended."""
    return min(why.OPEN_D * why.DAY, keep_s)
