"""What is said of an access or a claim, and what it teaches."""

import numpy as np

from pipeline.charts import fields
from pipeline.charts import memory as mem
from pipeline.charts.explain import F_CELL, F_KNOWN, F_NAME, F_REASON, F_STRENGTH
from pipeline.charts.part import part
from pipeline.charts.people import chart_key, home_key, ref_of_post, same_department
from pipeline.charts.reasons import BY_ROLE, DAY, ENOUGH
from pipeline.charts.shifts import shift_share
from pipeline.charts.table import find
from pipeline.charts.usual import rare_family, unexplained_share

_RECENT = 1.0 - 1.0 / 4096
"""Shares of late are over about so many accesses or claims of a key group."""
_FEW = 20.0
"""Counted beside them as if unexplained, so that the first few say little."""


@part
def put(out, k, what, row, offset):  # type: ignore[no-untyped-def]
    """Complete output k; gives the next."""
    out[k, fields.O_WHAT], out[k, fields.O_ROW], out[k, fields.O_OFFSET] = what, row, offset
    return k + 1


@part
def say_reason(m, out, values, k, found, ts, now, floor):  # type: ignore[no-untyped-def]
    """The reason as fields of output k; below `floor` there is none. Gives the strength."""
    strength = found[F_STRENGTH]
    values[k, fields.JUDGED_TS] = now
    if strength < floor:
        values[k, fields.REASON] = values[k, fields.STRENGTH] = 0.0
        return 0.0
    values[k, fields.REASON], values[k, fields.STRENGTH] = found[F_REASON], strength
    if found[F_KNOWN] > ts:
        values[k, fields.LATE] = 1.0
    cell = np.int64(found[F_CELL])
    if cell >= 0:
        out[k, fields.O_REF], out[k, fields.O_SIZE] = m.cells[cell, mem.C_REF], m.cells[cell, mem.C_SIZE]
    elif found[F_NAME] > 0 and cell == -1:
        slot = find(m.departments, np.uint64(found[F_NAME]))
        if slot >= 0:
            out[k, fields.O_REF], out[k, fields.O_SIZE] = m.department[slot, mem.D_REF], m.department[slot, mem.D_SIZE]
    elif found[F_NAME] > 0:
        slot = find(m.users, np.uint64(found[F_NAME]))
        if slot >= 0:
            out[k, fields.O_REF], out[k, fields.O_SIZE] = m.user[slot, mem.U_REF], m.user[slot, mem.U_SIZE]
    return strength


@part
def say_post(m, out, k, department, role, flags):  # type: ignore[no-untyped-def]
    """Department and role of output k where the access itself does not say them: what the directory, or an access
    before, said of the user."""
    if flags & mem.NO_DEPARTMENT:
        out[k, fields.O_DEPARTMENT], out[k, fields.O_DEPARTMENT + 1] = ref_of_post(m, department)
    if flags & mem.NO_ROLE:
        out[k, fields.O_ROLE], out[k, fields.O_ROLE + 1] = ref_of_post(m, role)


@part
def _is_me(key, me, count):  # type: ignore[no-untyped-def]
    for k in range(count):  # noqa: SIM110  (compiled: no generators)
        if me[k] == key:
            return True
    return False


@part
def _say_coworker(m, key, me, count, mine, values, k):  # type: ignore[no-untyped-def]
    """Whether staff other than the user belong to this home or chart (uint64)."""
    slot = find(m.homes, key) if key != np.uint64(0) else -1
    if slot < 0:
        return
    for j in range(2):
        other = m.home[slot, mem.H_USERS + j]
        if other != 0 and not _is_me(other, me, count):
            values[k, fields.IS_COWORKER] = 1.0
            if mine != 0 and same_department(m, m.home[slot, mem.H_DEPARTMENTS + j]) == mine:
                values[k, fields.SAME_DEPARTMENT] = 1.0


@part
def say_relations(m, values, k, p, slot, me, count, mine, ts):  # type: ignore[no-untyped-def]
    """How user (row `slot`, known as me[:count]) and patient `p` are related beside care, as fields of output k."""
    chart = m.patients[p]
    family, address = m.patient[p, mem.P_FAMILY], m.patient[p, mem.P_ADDRESS]
    _say_coworker(m, chart_key(chart), me, count, mine, values, k)
    _say_coworker(m, home_key(family, address), me, count, mine, values, k)
    died = m.patient[p, mem.P_DIED]
    if died != 0 and ts >= died:
        values[k, fields.DECEASED_DAYS] = (ts - died) / DAY
    if slot < 0:
        return
    own = np.uint64(m.user[slot, mem.U_CHART]) | (np.uint64(m.user[slot, mem.U_CHART + 1]) << np.uint64(32))
    if own == chart:
        values[k, fields.IS_SELF] = 1.0
    at_home = address != 0 and m.user[slot, mem.U_ADDRESS] == address
    if at_home:
        values[k, fields.SAME_ADDRESS] = 1.0
    # However common a name is, who bears the user's own under the same roof is kin.
    if family != 0 and m.user[slot, mem.U_FAMILY] == family and (at_home or rare_family(m, family)):
        values[k, fields.SAME_FAMILY] = 1.0


@part
def say_usual(m, values, k, unit, role, ts, mine_before, theirs_before):  # type: ignore[no-untyped-def]
    """What was usual before, as fields of output k."""
    values[k, fields.USER_BEFORE], values[k, fields.DEPARTMENT_BEFORE] = mine_before, theirs_before
    values[k, fields.UNEXPLAINED_SHARE] = unexplained_share(m, unit)
    values[k, fields.SHIFT_SHARE] = shift_share(m, role, ts)
    values[k, fields.COVERAGE] = m.shares[mem.S_EXPLAINED] / (m.shares[mem.S_ACCESSES] + _FEW)


@part
def count_judged(m, strength, reason):  # type: ignore[no-untyped-def]
    """One more access has been judged: did care explain it?"""
    m.shares[mem.S_ACCESSES] = m.shares[mem.S_ACCESSES] * _RECENT + 1.0
    m.shares[mem.S_EXPLAINED] = m.shares[mem.S_EXPLAINED] * _RECENT + (strength >= ENOUGH and reason != BY_ROLE)


@part
def say_care_after(values, k, care, asked):  # type: ignore[no-untyped-def]
    """Whether care was documented after; that it was not is said only where it was `asked`."""
    if care or asked:
        values[k, fields.CARE_AFTER] = 1.0 if care else 0.0


@part
def say_claim(m, values, k, now, encounter_days, chart_days):  # type: ignore[no-untyped-def]
    """What the chart says of a claim, as fields of output k; then it counts."""
    values[k, fields.CLAIM_JUDGED_TS] = now
    values[k, fields.ENCOUNTER_DAYS], values[k, fields.CHART_DAYS] = encounter_days, chart_days
    claims = m.shares[mem.S_CLAIMS] + _FEW
    values[k, fields.ENCOUNTER_COVERAGE] = m.shares[mem.S_ENCOUNTERED] / claims
    values[k, fields.CHART_COVERAGE] = m.shares[mem.S_OPENED] / claims
    m.shares[mem.S_CLAIMS] = m.shares[mem.S_CLAIMS] * _RECENT + 1.0
    m.shares[mem.S_ENCOUNTERED] = m.shares[mem.S_ENCOUNTERED] * _RECENT + (encounter_days <= 7.0)
    m.shares[mem.S_OPENED] = m.shares[mem.S_OPENED] * _RECENT + (chart_days <= 7.0)
