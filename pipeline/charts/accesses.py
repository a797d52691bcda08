"""One access: weighed when it is made, while it waits, and when it is due."""

from typing import NamedTuple

import numpy as np

from pipeline.charts import explain
from pipeline.charts import memory as mem
from pipeline.charts import reasons as why
from pipeline.charts.cells import explained_lately, find_access
from pipeline.charts.fields import AGAIN, FORGET, GIVE, TREATED_TIMES, WITHDRAWN
from pipeline.charts.judge import count_judged, put, say_care_after, say_post, say_reason, say_relations, say_usual
from pipeline.charts.part import part
from pipeline.charts.people import same_department, who
from pipeline.charts.rounds import teach_rounds
from pipeline.charts.services import teach_services
from pipeline.charts.shifts import explained_part, judged_part
from pipeline.charts.treated import treated_times
from pipeline.charts.usual import (
    bump_pair,
    find_unit,
    judged_unit,
    pair_key,
    teach_spread,
)
from pipeline.charts.waiting import drop_item, push_due

_AGAIN_D = 30.0
"""A unit or a person tells once a month of a patient that they work with the others there."""


class Waits(NamedTuple):
    """Settings of the explainer in seconds, how many may wait, and sizes at which tables forget (by `play.NO_…`)."""

    grace_s: float
    glass_s: float
    claim_s: float
    keep_s: float
    withdraw_s: float
    open_s: float
    waiting: int
    limits: np.ndarray


class Scratch(NamedTuple):
    """Room for what kernels compare, made once."""

    me: np.ndarray
    """uint32: what the user is known by."""
    found: np.ndarray
    """float64[FOUND]."""
    around_it: np.ndarray
    """uint32[2, TREATING]."""
    people: np.ndarray
    """uint64[MAX_NAMED]."""
    named: np.ndarray
    """uint32[MAX_NAMED]."""


@part
def weigh(m, s, waits, p, user, department, role, flags, ts):  # type: ignore[no-untyped-def]
    """Leave in `s` why `user` may have opened the chart of patient `p` at `ts`; (names in s.me, user row, unit)."""
    s.found[:] = 0.0
    s.found[explain.F_CELL] = -1.0
    count, slot = who(m, user, s.me)
    unit = find_unit(m, department, role)
    mine = same_department(m, department)
    spans = (waits.open_s, waits.keep_s, waits.glass_s)
    names, works = count if user != 0 else 0, unit if mine != 0 else -1
    explain.look_at_care(m, p, s.me, names, mine, role, works, flags, ts, spans, s.found, s.around_it)
    cell, place = find_access(m, p, user) if user != 0 else (-1, 0)
    explain.look_at_habit(m, cell, place, user, mine, unit, ts, s.found, s.around_it)
    return count, slot, unit


@part
def must_wait(found, flags):  # type: ignore[no-untyped-def]
    """Whether what was found does not do yet: no reason, or an emergency without care documented."""
    if flags & mem.BREAK_GLASS:
        return (
            found[explain.F_STRENGTH] < why.DOCUMENTED and not (flags & mem.CARE_AFTER) and found[explain.F_CARE] == 0.0
        )
    return found[explain.F_STRENGTH] < why.ENOUGH


@part
def patience(found, flags, waits):  # type: ignore[no-untyped-def]
    """Seconds that an access waits for what may come: care, or that the chart is left for another; 0: not at all."""
    if must_wait(found, flags):
        return waits.glass_s if flags & mem.BREAK_GLASS else waits.grace_s
    guess = found[explain.F_REASON] == why.BY_ROLE and found[explain.F_STRENGTH] < why.SERVING
    return min(why.BROWSED_S, waits.grace_s) if guess else 0.0


@part
def _teach_colleagues(m, s, p, user, mine, unit, first, ts):  # type: ignore[no-untyped-def]
    """Who was asked for by name or service tells with whom the unit works; whoever cares, with which physician."""
    reason = s.found[explain.F_REASON]
    if first:
        for k in range(np.int64(s.found[explain.F_CHIEFS])):
            if s.around_it[1, k] != user:
                bump_pair(m, pair_key(s.around_it[1, k], np.uint64(user)), user, ts)
    asked = reason == why.BY_APPOINTMENT or reason == why.BY_TEAM or reason == why.BY_ORDER
    asked = asked or (reason == why.BY_ENCOUNTER and s.found[explain.F_NAMED] > 0)
    if unit < 0 or mine == 0 or not asked:
        return
    for k in range(np.int64(s.found[explain.F_DEPARTMENTS])):
        if s.around_it[0, k] == mine:
            return
    since = np.uint32(max(ts - _AGAIN_D * why.DAY, 1.0))
    if not explained_lately(m, p, mine, since):
        for k in range(np.int64(s.found[explain.F_DEPARTMENTS])):
            bump_pair(m, pair_key(s.around_it[0, k], m.units[unit]), user, ts)


@part
def teach(m, s, p, user, department, unit, flags, ts):  # type: ignore[no-untyped-def]
    """An access has been judged: a relation of care makes it repeatable, and tells who works together."""
    strength, reason = s.found[explain.F_STRENGTH], s.found[explain.F_REASON]
    if user == 0 or not (flags & mem.SUCCESS) or strength < why.DIRECT or reason > why.BY_PAYMENT:
        return
    cell, place = find_access(m, p, user)
    explained = np.uint32(0) if cell < 0 else m.cells[cell, 2 + 4 * place + mem.A_EXPLAINED]
    if reason != why.BY_PAYMENT:
        first = float(explained) < ts - _AGAIN_D * why.DAY
        _teach_colleagues(m, s, p, user, same_department(m, department), unit, first, ts)
    if cell >= 0:
        m.cells[cell, 2 + 4 * place + mem.A_EXPLAINED] = max(explained, np.uint32(ts))


@part
def teach_unit(m, s, p, unit, slot, user, mine, flags, before, ts):  # type: ignore[no-untyped-def]
    """An access has been judged: where somebody opens a chart for the first time, it tells whom the unit serves and on
    which orders it works; the first of the unit since the patient came, to whose patients it comes. `mine`: its
    department, `before`: how often the user had opened the chart, and when anybody of the unit had."""
    if user == 0 or not flags & mem.SUCCESS:
        return
    # Who treats now: the newest of them. Those before would spread every ward over the whole hospital.
    department = s.around_it[0, 0] if s.found[explain.F_DEPARTMENTS] > 0 else np.uint32(0)
    if before[1] == 0.0 or before[1] < s.found[explain.F_SINCE]:
        teach_rounds(m, unit, same_department(m, mine), department, user, np.uint32(ts))
    if before[0] == 0:
        teach_spread(m, unit, slot, user, department, s.found[explain.F_IN_CARE] > 0)
        if mine != 0 and s.found[explain.F_STRENGTH] < why.DIRECT:
            teach_services(m, p, unit, user, ts)


@part
def say_access(m, s, out, values, k, p, weighed, person, ts, now, before):  # type: ignore[no-untyped-def]
    """All fields of a judged access in output k; `weighed` as `weigh` gave it, `person`: user, department and role,
    `before`: how often user and department had opened the chart."""
    count, slot, unit = weighed
    user, department, role = person
    say_usual(m, values, k, unit, role, ts, before[0], before[1])
    say_relations(m, values, k, p, slot, s.me, count, same_department(m, department), ts)
    strength = say_reason(m, out, values, k, s.found, ts, now, why.ENOUGH)
    count_judged(m, strength, s.found[explain.F_REASON])
    if strength < why.ENOUGH:
        values[k, TREATED_TIMES] = treated_times(m, p, user, s.found[explain.F_IN_CARE] > 0, ts)
    direct = strength >= why.DIRECT and s.found[explain.F_REASON] <= why.BY_PAYMENT
    judged_unit(m, unit, strength, direct, now)
    judged_part(m, role, slot, user, strength, ts, now)


@part
def weigh_item(m, s, waits, item, p):  # type: ignore[no-untyped-def]
    """`weigh` for what waits."""
    user, department = np.uint32(m.items[item, mem.I_USER]), np.uint32(m.items[item, mem.I_DEPARTMENT])
    role = np.uint32(m.items[item, mem.I_ROLE])
    return weigh(m, s, waits, p, user, department, role, m.items[item, mem.I_FLAGS], m.times[item, mem.T_TS])


@part
def judge_item(m, s, waits, out, values, k, item, p, weighed, now):  # type: ignore[no-untyped-def]
    """Judge what waited by what `weigh_item` gave; without a reason it stays, to be withdrawn. Gives the next k."""
    _, slot, unit = weighed
    ts, flags = m.times[item, mem.T_TS], m.items[item, mem.I_FLAGS]
    user, department = np.uint32(m.items[item, mem.I_USER]), np.uint32(m.items[item, mem.I_DEPARTMENT])
    role = np.uint32(m.items[item, mem.I_ROLE])
    before = (m.items[item, mem.I_BEFORE], m.items[item, mem.I_DEPARTMENT_BEFORE])
    say_access(m, s, out, values, k, p, weighed, (user, department, role), ts, now, before)
    say_post(m, out, k, department, role, flags)
    asked = (flags & mem.BREAK_GLASS) != 0 and s.found[explain.F_STRENGTH] < why.DOCUMENTED
    say_care_after(values, k, s.found[explain.F_CARE] > 0 or (flags & mem.CARE_AFTER) != 0, asked)
    met = m.times[item, mem.T_UNIT]
    teach_unit(m, s, p, unit, slot, user, department, flags, (before[0], met), ts)
    teach(m, s, p, user, department, unit, flags, ts)
    k = put(out, k, GIVE, item, m.items[item, mem.I_OFFSET])
    if s.found[explain.F_STRENGTH] < why.ENOUGH:
        m.items[item, mem.I_KIND] = mem.JUDGED_ACCESS
        push_due(m, item, now + waits.withdraw_s)
        return k
    drop_item(m, item)
    return put(out, k, FORGET, item, 0)


@part
def withdraw_item(m, s, out, values, k, item, p, weighed, now):  # type: ignore[no-untyped-def]
    """Give an access again that was judged without a reason, now that there is one. Gives the next k."""
    count, slot, unit = weighed
    ts, flags = m.times[item, mem.T_TS], m.items[item, mem.I_FLAGS]
    user, department = np.uint32(m.items[item, mem.I_USER]), np.uint32(m.items[item, mem.I_DEPARTMENT])
    role = np.uint32(m.items[item, mem.I_ROLE])
    say_usual(m, values, k, unit, role, ts, m.items[item, mem.I_BEFORE], m.items[item, mem.I_DEPARTMENT_BEFORE])
    say_relations(m, values, k, p, slot, s.me, count, same_department(m, department), ts)
    say_reason(m, out, values, k, s.found, ts, now, why.ENOUGH)
    say_post(m, out, k, department, role, flags)
    say_care_after(values, k, s.found[explain.F_CARE] > 0 or (flags & mem.CARE_AFTER) != 0, False)
    values[k, WITHDRAWN] = 1.0
    explained_part(m, role, ts)
    if unit >= 0:
        m.unit_n[unit, mem.QN_NONE] = max(m.unit_n[unit, mem.QN_NONE] - 1.0, 0.0)
    teach(m, s, p, user, department, unit, flags, ts)
    k = put(out, k, AGAIN, item, m.items[item, mem.I_OFFSET])
    drop_item(m, item)
    return put(out, k, FORGET, item, 0)
