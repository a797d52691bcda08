"""Relations and accesses of a patient: chains of cells of one cache line each, taken from a pool."""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.part import part

MAX_RELATIONS = 24
"""Relations kept of one patient: of more, those that ended first give way. Orders of one kind share one."""
MAX_ACCESS_CELLS = 8
"""Three people each: 24 people whose accesses to one chart are counted; the one longest away gives way."""
MAX_NAMED = mem.PEOPLE + 4 * mem.MORE_PEOPLE
"""People of one relation: a team beyond 57 is a department."""
_LOW, _HIGH = np.uint32(0xFFFF), np.uint32(16)


@part
def new_cell(m):  # type: ignore[no-untyped-def]
    """A cell from the pool, all zero; the pool must have one."""
    at = m.counts[mem.N_FREE_CELL] - 1
    if at >= 0:
        m.counts[mem.N_FREE_CELL] = np.int64(m.cells[at, mem.C_NEXT])
    else:
        at = m.counts[mem.N_CELLS]
        m.counts[mem.N_CELLS] += 1
    for w in range(mem.CELL_WORDS):
        m.cells[at, w] = 0
    return at


@part
def drop_cell(m, at):  # type: ignore[no-untyped-def]
    """Give a cell back."""
    m.cells[at, mem.C_TYPE] = mem.FREE
    m.cells[at, mem.C_NEXT] = m.counts[mem.N_FREE_CELL]
    m.counts[mem.N_FREE_CELL] = at + 1


@part
def relation_count(m, p):  # type: ignore[no-untyped-def]
    """Relations of patient `p`."""
    return np.int64(m.patient[p, mem.P_COUNTS] & _LOW)


@part
def add_relation(m, p):  # type: ignore[no-untyped-def]
    """A new first relation of patient `p`, without content."""
    at = new_cell(m)
    m.cells[at, mem.C_NEXT] = m.patient[p, mem.P_RELATIONS]
    m.patient[p, mem.P_RELATIONS] = at + 1
    m.patient[p, mem.P_COUNTS] += 1
    return at


@part
def drop_relation(m, p, victim):  # type: ignore[no-untyped-def]
    """Take a relation and its further people out of the chain of patient `p`."""
    before, at = np.int64(-1), np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    while at >= 0 and at != victim:
        before, at = at, np.int64(m.cells[at, mem.C_NEXT]) - 1
    if at < 0:
        return
    while True:
        after = np.int64(m.cells[at, mem.C_NEXT]) - 1
        drop_cell(m, at)
        at = after
        if at < 0 or m.cells[at, mem.C_TYPE] & 0xFF != mem.MORE:
            break
    if before < 0:
        m.patient[p, mem.P_RELATIONS] = at + 1
    else:
        m.cells[before, mem.C_NEXT] = at + 1
    m.patient[p, mem.P_COUNTS] -= 1


@part
def find_relation(m, p, kind, ident):  # type: ignore[no-untyped-def]
    """The relation of this kind and short identifier, or -1."""
    at = np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    while at >= 0:
        if m.cells[at, mem.C_ID] == ident and m.cells[at, mem.C_TYPE] & 0xFF == kind:
            return at
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    return -1


@part
def make_room(m, p):  # type: ignore[no-untyped-def]
    """Drop the relation of patient `p` that ended first, where there are too many; the longest unheard of open one."""
    if relation_count(m, p) < MAX_RELATIONS:
        return
    worst, worst_end = np.int64(-1), np.int64(1) << 62
    at = np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    while at >= 0:
        if m.cells[at, mem.C_TYPE] & 0xFF != mem.MORE:
            end = np.int64(m.cells[at, mem.C_END])
            end = end if end != mem.OPEN else end + np.int64(m.cells[at, mem.C_UPDATED])
            if end < worst_end:
                worst, worst_end = at, end
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    drop_relation(m, p, worst)


@part
def add_people(m, relation, people, count):  # type: ignore[no-untyped-def]
    """Name people (uint32[count]) in a relation, those it does not name already; beyond MAX_NAMED none."""
    for k in range(count):
        at, last, done, cells = relation, relation, False, 0
        while not done:
            first = mem.C_PEOPLE if at == relation else mem.C_ID
            size = mem.PEOPLE if at == relation else mem.MORE_PEOPLE
            for w in range(first, first + size):
                if m.cells[at, w] == people[k]:
                    done = True
                elif m.cells[at, w] == 0:
                    m.cells[at, w] = people[k]
                    done = True
                if done:
                    break
            last, at, cells = at, np.int64(m.cells[at, mem.C_NEXT]) - 1, cells + 1
            if done or (at >= 0 and m.cells[at, mem.C_TYPE] & 0xFF == mem.MORE):
                continue
            if cells > (MAX_NAMED - mem.PEOPLE) // mem.MORE_PEOPLE:
                return
            at = new_cell(m)
            m.cells[at, mem.C_TYPE] = mem.MORE
            m.cells[at, mem.C_NEXT] = m.cells[last, mem.C_NEXT]
            m.cells[last, mem.C_NEXT] = at + 1


@part
def names_one(m, relation, people, count):  # type: ignore[no-untyped-def]
    """Whether a relation names one of `people` (uint32[count], none of them 0)."""
    at = relation
    while True:
        first = mem.C_PEOPLE if at == relation else mem.C_ID
        size = mem.PEOPLE if at == relation else mem.MORE_PEOPLE
        for w in range(first, first + size):
            someone = m.cells[at, w]
            if someone == 0:
                break
            for k in range(count):
                if people[k] == someone:
                    return True
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
        if at < 0 or m.cells[at, mem.C_TYPE] & 0xFF != mem.MORE:
            return False


@part
def find_access(m, p, user):  # type: ignore[no-untyped-def]
    """(cell, place) of a user's accesses to the chart of patient `p`; (-1, 0) where none is remembered."""
    at = np.int64(m.patient[p, mem.P_ACCESSES]) - 1
    while at >= 0:
        for k in range(3):
            if m.cells[at, 2 + 4 * k + mem.A_USER] == user:
                return at, k
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    return -1, 0


@part
def explained_lately(m, p, department, since):  # type: ignore[no-untyped-def]
    """Whether an access by this department to the chart of patient `p` was explained at or after `since`."""
    at = np.int64(m.patient[p, mem.P_ACCESSES]) - 1
    while at >= 0:
        for k in range(3):
            w = 2 + 4 * k
            if m.cells[at, w + mem.A_DEPARTMENT] == department and m.cells[at, w + mem.A_EXPLAINED] >= since:
                return True
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    return False


@part
def others_since(m, p, user, since):  # type: ignore[no-untyped-def]
    """How many other users opened the chart of patient `p` at or after `since`, of the 24 who did last."""
    others = 0
    at = np.int64(m.patient[p, mem.P_ACCESSES]) - 1
    while at >= 0:
        for k in range(3):
            w = 2 + 4 * k
            someone = m.cells[at, w + mem.A_USER]
            others += someone != 0 and someone != user and m.cells[at, w + mem.A_LAST] >= since
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    return others


@part
def _tag(role):  # type: ignore[no-untyped-def]
    """16 bits of a role (uint32), not 0."""
    return np.uint32(max((role ^ (role >> np.uint32(16))) & np.uint32(0xFFFF), np.uint32(1)))


@part
def _role(m, at, place):  # type: ignore[no-untyped-def]
    """`_tag` of the role in which the one at this place of a cell of accesses opened the chart; 0 where unknown."""
    return (m.cells[at, mem.A_ROLES + place // 2] >> np.uint32(16 * (place % 2))) & np.uint32(0xFFFF)


@part
def access_place(m, p, user, department, role):  # type: ignore[no-untyped-def]
    """(cell, place 0..2, times that the user opened the chart before, times that the department did, when anybody of
    this role in it last did: 0.0 for never), of the 24 people who did last.

    The place is made where the user has none; `user` is a short identifier, not 0.
    """
    mine, theirs, cells = 0, 0, 0
    met, tag = np.uint32(0), _tag(role)
    none = np.int64(-1)
    cell, place, oldest, old_cell, old_place = none, 0, np.int64(1) << 62, none, 0
    at = np.int64(m.patient[p, mem.P_ACCESSES]) - 1
    while at >= 0:
        cells += 1
        for k in range(3):
            w = 2 + 4 * k
            count = np.int64((m.cells[at, mem.C_TYPE] >> np.uint32(8 * (k + 1))) & np.uint32(0xFF))
            if m.cells[at, w + mem.A_USER] == user:
                cell, place, mine = at, k, int(count)
            if department != 0 and m.cells[at, w + mem.A_DEPARTMENT] == department:
                theirs += int(count)
            if m.cells[at, w + mem.A_DEPARTMENT] == department and _role(m, at, k) == tag:
                met = max(met, m.cells[at, w + mem.A_LAST])
            last = np.int64(m.cells[at, w + mem.A_LAST]) if m.cells[at, w + mem.A_USER] else none
            if last < oldest:
                oldest, old_cell, old_place = last, at, k
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    if cell >= 0:
        return cell, place, mine, theirs, float(met)
    if old_cell < 0 or (oldest >= 0 and cells < MAX_ACCESS_CELLS):
        old_cell, old_place = new_cell(m), 0
        m.cells[old_cell, mem.C_TYPE] = mem.ACCESSES
        m.cells[old_cell, mem.C_NEXT] = m.patient[p, mem.P_ACCESSES]
        m.patient[p, mem.P_ACCESSES] = old_cell + 1
    w = 2 + 4 * old_place
    shift = np.uint32(8 * (old_place + 1))
    m.cells[old_cell, mem.C_TYPE] &= ~(np.uint32(0xFF) << shift)
    m.cells[old_cell, w + mem.A_USER] = user
    m.cells[old_cell, w + mem.A_EXPLAINED] = 0
    return old_cell, old_place, 0, theirs, float(met)


@part
def count_access(m, cell, place, department, role, now):  # type: ignore[no-untyped-def]
    """One more access of the one who has this place."""
    w = 2 + 4 * place
    shift = np.uint32(8 * (place + 1))
    if (m.cells[cell, mem.C_TYPE] >> shift) & np.uint32(0xFF) < np.uint32(255):
        m.cells[cell, mem.C_TYPE] += np.uint32(1) << shift
    m.cells[cell, w + mem.A_DEPARTMENT] = department
    half = np.uint32(16 * (place % 2))
    m.cells[cell, mem.A_ROLES + place // 2] &= ~(np.uint32(0xFFFF) << half)
    m.cells[cell, mem.A_ROLES + place // 2] |= _tag(role) << half
    m.cells[cell, w + mem.A_LAST] = max(m.cells[cell, w + mem.A_LAST], np.uint32(now))
