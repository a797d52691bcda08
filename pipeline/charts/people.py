"""Members of staff and departments: what they are called, where they work, and which of them are the same."""

import numpy as np

from pipeline.charts import columns as col
from pipeline.charts import memory as mem
from pipeline.charts.part import part
from pipeline.charts.table import claim, find
from pipeline.features.hashing import combine

MAX_REF = 64
"""Bytes of an identifier that a reason is named by; longer ones are not kept (a UUID has 36)."""
_LEVELS = 3
"""A bed is part of a room, a room of a ward, a ward of the hospital: so far up a department is looked for."""


@part
def keep_ref(m, data, start, length):  # type: ignore[no-untyped-def]
    """(place, size) of a copy of a col.short plain text; (0, 0) for one that JSON would have to escape."""
    if length <= 0 or length > MAX_REF:
        return 0, 0
    for i in range(start, start + length):
        if data[i] < 32 or data[i] == 34 or data[i] == 92:
            return 0, 0
    at = m.counts[mem.N_REFS]
    for i in range(length):
        m.refs[at + i] = data[start + i]
    m.counts[mem.N_REFS] += length
    return at, length


@part
def ref_of_post(m, key):  # type: ignore[no-untyped-def]
    """(place, size) of what a department or role (uint32) is called; (0, 0) where that is not known."""
    slot = find(m.departments, np.uint64(key)) if key != 0 else -1
    if slot < 0:
        return np.uint32(0), np.uint32(0)
    return m.department[slot, mem.D_REF], m.department[slot, mem.D_SIZE]


@part
def user_row(m, key, now):  # type: ignore[no-untyped-def]
    """Row of a user (uint32 `key`, not 0), made where there is none."""
    slot, new = claim(m.users, np.uint64(key))
    m.counts[mem.N_USERS] += new
    m.user[slot, mem.U_USED] = max(m.user[slot, mem.U_USED], np.uint32(now))
    return slot


@part
def department_row(m, key, now):  # type: ignore[no-untyped-def]
    """Row of a department (uint32 `key`, not 0), made where there is none."""
    slot, new = claim(m.departments, np.uint64(key))
    m.counts[mem.N_DEPARTMENTS] += new
    m.department[slot, mem.D_USED] = max(m.department[slot, mem.D_USED], np.uint32(now))
    return slot


@part
def name_post(m, rows, field, r, now):  # type: ignore[no-untyped-def]
    """Note a row's department or role (col.DEPARTMENT, col.ROLE) under what it is called there; its uint32 key, 0 where
    there is none."""
    key = col.short(col.text_key(rows, field, r))
    if key != 0:
        slot = department_row(m, key, now)
        if m.department[slot, mem.D_SIZE] == 0:
            at, size = keep_ref(m, rows.data, rows.start[field, r], rows.length[field, r])
            m.department[slot, mem.D_REF], m.department[slot, mem.D_SIZE] = at, size
    return key


@part
def same_department(m, key):  # type: ignore[no-untyped-def]
    """The one name (uint32) of a department that may be called by several."""
    slot = find(m.departments, np.uint64(key))
    return m.department[slot, mem.D_SAME] if slot >= 0 and m.department[slot, mem.D_SAME] else key


@part
def works_in(m, key, now):  # type: ignore[no-untyped-def]
    """Note that somebody works in a department (uint32 `key`, not 0)."""
    m.department[department_row(m, same_department(m, key), now), mem.D_STAFFED] = 1


@part
def ward_of(m, place):  # type: ignore[no-untyped-def]
    """The department (uint32) that a bed or room is part of: the nearest up in which anybody works, else the place."""
    first = same_department(m, place)
    at = first
    for _ in range(_LEVELS + 1):
        slot = find(m.departments, np.uint64(at))
        if slot < 0:
            break
        if m.department[slot, mem.D_STAFFED]:
            return at
        if m.department[slot, mem.D_PARENT] == 0:
            break
        at = same_department(m, m.department[slot, mem.D_PARENT])
    return first


@part
def lies_in(m, place, mine):  # type: ignore[no-untyped-def]
    """Whether `place` (uint32) is `mine` or part of it. The whole hospital, of which there are departments that people
    work in, is nobody's; a ward that is part of nothing is, as nobody works in a bed."""
    if place == 0 or mine == 0:
        return False
    if place == mine:
        return True
    at, staffed_below = same_department(m, place), False
    for level in range(_LEVELS + 1):
        slot = find(m.departments, np.uint64(at))
        parent = m.department[slot, mem.D_PARENT] if slot >= 0 else np.uint32(0)
        if at == mine and (level == 0 or parent != 0 or not staffed_below):
            return True
        if parent == 0:
            return False
        staffed_below = staffed_below or m.department[slot, mem.D_STAFFED] != 0
        at = same_department(m, parent)
    return False


@part
def learn_organization(m, rows, r, now):  # type: ignore[no-untyped-def]
    """Identifier and name of a department mean the same; another department named is what it is part of."""
    key = col.short(col.text_key(rows, col.RESOURCE_ID, r))
    name = col.short(col.text_key(rows, col.NAME, r))
    parent = col.short(col.text_key(rows, col.DEPARTMENT, r))
    if key == 0:
        key = name
    if key == 0:
        return
    slot = department_row(m, key, now)
    m.department[slot, mem.D_SAME] = key
    if name != 0 and name != key:
        other = department_row(m, name, now)
        m.department[other, mem.D_SAME] = key
        m.department[slot, mem.D_STAFFED] |= m.department[other, mem.D_STAFFED]
    if parent != 0 and parent != key and parent != name:
        m.department[slot, mem.D_PARENT] = parent


@part
def _add_alias(m, slot, key, other):  # type: ignore[no-untyped-def]
    if key == other:
        return
    for w in range(mem.U_ALIASES, mem.U_ALIASES + mem.ALIASES):
        if m.user[slot, w] == other:
            return
        if m.user[slot, w] == 0:
            m.user[slot, w] = other
            return


@part
def home_key(family, address):  # type: ignore[no-untyped-def]
    """uint64 that stands for a family at an address; 0 unless both are known."""
    return combine(np.uint64(family), np.uint64(address))


@part
def chart_key(chart):  # type: ignore[no-untyped-def]
    """uint64 that stands for somebody's own chart among the homes; 0 for none."""
    return combine(chart, np.uint64(1))


@part
def _belongs(m, key, user, department, now):  # type: ignore[no-untyped-def]
    """Note that this home or chart (uint64 `key`) is that of a member of staff."""
    if key == np.uint64(0):
        return
    slot, new = claim(m.homes, key)
    m.counts[mem.N_HOMES] += new
    m.home[slot, mem.H_USED] = now
    for k in range(2):
        if m.home[slot, mem.H_USERS + k] == 0 or m.home[slot, mem.H_USERS + k] == user:
            m.home[slot, mem.H_USERS + k] = user
            if department != 0:
                m.home[slot, mem.H_DEPARTMENTS + k] = department
            return


@part
def learn_practitioner(m, rows, r, now, people):  # type: ignore[no-untyped-def]
    """What a row tells of a member of staff, under each number they are known by; number of those (uint64 people)."""
    department = name_post(m, rows, col.DEPARTMENT, r, now)
    role = name_post(m, rows, col.ROLE, r, now)
    family, address = col.short(col.text_key(rows, col.FAMILY, r)), col.short(col.text_key(rows, col.ADDRESS, r))
    count = col.read_people(rows, r, people[: mem.ALIASES + 1])
    for k in range(count):
        key = col.short(people[k])
        slot = user_row(m, key, now)
        for j in range(count):
            _add_alias(m, slot, key, col.short(people[j]))
        if department != 0:
            m.user[slot, mem.U_DEPARTMENT] = department
        if role != 0:
            m.user[slot, mem.U_ROLE] = role
        if family != 0:
            m.user[slot, mem.U_FAMILY] = family
        if address != 0:
            m.user[slot, mem.U_ADDRESS] = address
        if rows.length[col.PATIENT, r] > 0:
            m.user[slot, mem.U_CHART] = np.uint32(rows.chart[r] & np.uint64(0xFFFFFFFF))
            m.user[slot, mem.U_CHART + 1] = np.uint32(rows.chart[r] >> np.uint64(32))
        if m.user[slot, mem.U_SIZE] == 0 and k == 0:
            at, size = keep_ref(m, rows.data, rows.start[col.PRACTITIONER, r], rows.length[col.PRACTITIONER, r])
            m.user[slot, mem.U_REF], m.user[slot, mem.U_SIZE] = at, size
    if count:
        user = col.short(people[0])
        _belongs(m, home_key(family, address), user, department, now)
        _belongs(m, chart_key(rows.chart[r]), user, department, now)
    return count


@part
def who(m, user, me):  # type: ignore[no-untyped-def]
    """Fill `me` (uint32[mem.ALIASES + 1]) with what a user is known by; (how many, row or -1)."""
    me[0] = user
    slot = find(m.users, np.uint64(user))
    count = 1
    if slot >= 0:
        for w in range(mem.U_ALIASES, mem.U_ALIASES + mem.ALIASES):
            if m.user[slot, w] == 0:
                break
            me[count] = m.user[slot, w]
            count += 1
    return count, slot
