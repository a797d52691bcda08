"""Context and claims of a patient become relations."""

import numpy as np

from pipeline.charts import columns as col
from pipeline.charts import memory as mem
from pipeline.charts.cells import MAX_NAMED, add_people, add_relation, drop_relation, find_relation, make_room
from pipeline.charts.part import part
from pipeline.charts.people import keep_ref, name_post, ward_of
from pipeline.charts.reasons import CALLED_OFF, OVER, VOID
from pipeline.charts.services import note_asked
from pipeline.charts.table import claim
from pipeline.charts.usual import count_family, has_patient
from pipeline.features.hashing import combine

_MONTH = 30 * 86_400


@part
def patient_row(m, chart, now):  # type: ignore[no-untyped-def]
    """Row of a patient (uint64 hash, not 0), made where there is none."""
    p, new = claim(m.patients, chart)
    m.counts[mem.N_PATIENTS] += new
    m.patient[p, mem.P_USED] = max(m.patient[p, mem.P_USED], np.uint32(now))
    return p


@part
def learn_patient(m, rows, r, p):  # type: ignore[no-untyped-def]
    """What relations need of a patient."""
    family, address = col.short(col.text_key(rows, col.FAMILY, r)), col.short(col.text_key(rows, col.ADDRESS, r))
    if family != 0 and family != m.patient[p, mem.P_FAMILY]:
        count_family(m, m.patient[p, mem.P_FAMILY], -1)
        count_family(m, family, 1)
        m.patient[p, mem.P_FAMILY] = family
    if address != 0:
        m.patient[p, mem.P_ADDRESS] = address
    doctor = col.short(col.person_key(rows, col.PRACTITIONER, r))
    if doctor != 0:
        m.patient[p, mem.P_DOCTOR] = doctor
    died = rows.numbers[col.DIED, r]
    if died == died:
        m.patient[p, mem.P_DIED] = max(np.uint32(died), np.uint32(1))


@part
def _type_of(kind):  # type: ignore[no-untyped-def]
    if kind == col.IS_ENCOUNTER:
        return mem.ENCOUNTER
    if kind == col.IS_APPOINTMENT:
        return mem.APPOINTMENT
    if kind == col.IS_ORDER:
        return mem.ORDER
    if kind == col.IS_CARE_TEAM:
        return mem.CARE_TEAM
    return mem.CLAIM


@part
def _times(rows, r, kind, ts):  # type: ignore[no-untyped-def]
    """(start, end) of what a row tells of; mem.OPEN where it has not ended. What has a moment only ends with it."""
    start, end = rows.numbers[col.START, r], rows.numbers[col.END, r]
    if kind == mem.CLAIM:
        start, end = rows.numbers[col.FROM, r], rows.numbers[col.THROUGH, r]
        start = start if start == start else ts
        return np.uint32(start), np.uint32(end if end == end else start)
    start = start if start == start else ts
    if end == end:
        return np.uint32(start), np.uint32(max(end, start))
    if kind == mem.ORDER or kind == mem.APPOINTMENT:
        return np.uint32(start), np.uint32(max(start, ts))
    return np.uint32(start), np.uint32(mem.OPEN)


@part
def _end_all(m, p, kind, ident, now):  # type: ignore[no-untyped-def]
    """What is open under this identifier ends now."""
    at = np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    found = False
    while at >= 0:
        if m.cells[at, mem.C_ID] == ident and m.cells[at, mem.C_TYPE] & 0xFF == kind:
            found = True
            if m.cells[at, mem.C_END] > now:
                m.cells[at, mem.C_END] = max(now, m.cells[at, mem.C_START])
            m.cells[at, mem.C_UPDATED] = max(m.cells[at, mem.C_UPDATED], now)
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    return found


@part
def _find_place(m, p, kind, ident, department):  # type: ignore[no-untyped-def]
    """The relation under this identifier in this department; and whether there is one in another."""
    at = np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    other = False
    while at >= 0:
        if m.cells[at, mem.C_ID] == ident and m.cells[at, mem.C_TYPE] & 0xFF == kind:
            if department == 0 or m.cells[at, mem.C_DEPARTMENT] == department or m.cells[at, mem.C_DEPARTMENT] == 0:
                return at, other
            other = True
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1
    return -1, other


@part
def _identity(rows, r, kind, department, chief, service, start):  # type: ignore[no-untyped-def]
    """Short identifier. Orders by one person to one service in a month are one relation, however many there are."""
    if kind == mem.ORDER:
        what = combine(np.uint64(department) + np.uint64(1), service + np.uint64(start // _MONTH))
        return col.short(combine(np.uint64(chief) + np.uint64(1), what))
    key = col.text_key(rows, col.CLAIM_ID if kind == mem.CLAIM else col.RESOURCE_ID, r)
    if key == np.uint64(0):
        key = col.text_key(rows, col.VISIT, r)
    if key == np.uint64(0):
        key = combine(np.uint64(department) + np.uint64(1), np.uint64(chief) + np.uint64(1))
    return col.short(key)


@part
def relate(m, rows, r, p, people, named):  # type: ignore[no-untyped-def]
    """Take in a row that tells of care or a claim of patient `p`.

    `people` uint64[>= MAX_NAMED] and `named` uint32 of that size are scratch.
    """
    kind, ts = _type_of(rows.kind[r]), rows.numbers[col.TS, r]
    now = np.uint32(ts)
    status = col.text_key(rows, col.STATUS, r) if kind != mem.CLAIM else np.uint64(0)
    department = name_post(m, rows, col.DEPARTMENT, r, now) if kind != mem.CLAIM else np.uint32(0)
    count = col.read_people(rows, r, people[:MAX_NAMED])
    for k in range(count):
        named[k] = col.short(people[k])
    service = col.text_key(rows, col.SERVICE, r)
    chief = named[0] if count else np.uint32(0)
    start, end = _times(rows, r, kind, ts)
    ident = _identity(rows, r, kind, department, chief, service + np.uint64(1), start)
    if col.among(status, VOID):
        found = find_relation(m, p, kind, ident)
        while found >= 0:
            drop_relation(m, p, found)
            found = find_relation(m, p, kind, ident)
        return
    if col.among(status, CALLED_OFF) and _end_all(m, p, kind, ident, now):
        return
    at, moved = _find_place(m, p, kind, ident, department)
    if end == mem.OPEN and (col.among(status, OVER) or col.among(status, CALLED_OFF)):
        end = max(now, start)
    if moved and kind == mem.ENCOUNTER and at < 0:
        _end_all(m, p, kind, ident, max(now, start))
        start = max(now, start)
        end = max(end, start)
    if at < 0:
        make_room(m, p)
        at = add_relation(m, p)
        m.cells[at, mem.C_TYPE], m.cells[at, mem.C_ID], m.cells[at, mem.C_KNOWN] = kind, ident, now
        m.cells[at, mem.C_START], m.cells[at, mem.C_END] = start, end
        m.cells[at, mem.C_SERVICE] = col.short(service)
        field = col.CLAIM_ID if kind == mem.CLAIM else col.RESOURCE_ID
        place, size = keep_ref(m, rows.data, rows.start[field, r], rows.length[field, r])
        m.cells[at, mem.C_REF], m.cells[at, mem.C_SIZE] = place, size
        note_asked(m, kind, m.cells[at, mem.C_SERVICE], ts)
        if kind == mem.ENCOUNTER:
            has_patient(m, ward_of(m, department), chief, ts)
    else:
        _update(m, at, kind, start, end, now)
    if department != 0:
        m.cells[at, mem.C_DEPARTMENT] = department
    m.cells[at, mem.C_UPDATED] = max(m.cells[at, mem.C_UPDATED], now)
    add_people(m, at, named, count)


@part
def _update(m, at, kind, start, end, now):  # type: ignore[no-untyped-def]
    """A relation is told of again: orders go on, and what was open may have ended (or been opened again)."""
    if kind == mem.ORDER or kind == mem.CLAIM:
        m.cells[at, mem.C_START] = min(m.cells[at, mem.C_START], start)
        m.cells[at, mem.C_END] = max(m.cells[at, mem.C_END], end)
        m.cells[at, mem.C_KNOWN] = min(m.cells[at, mem.C_KNOWN], now)
    elif now >= m.cells[at, mem.C_UPDATED]:
        m.cells[at, mem.C_END] = max(end, m.cells[at, mem.C_START])
    else:  # an older telling that comes late: it only shows that this was known before
        m.cells[at, mem.C_KNOWN] = min(m.cells[at, mem.C_KNOWN], now)


@part
def is_relation(kind):  # type: ignore[no-untyped-def]
    """Whether rows of this kind become relations."""
    return (
        kind == col.IS_ENCOUNTER
        or kind == col.IS_APPOINTMENT
        or kind == col.IS_ORDER
        or kind == col.IS_CARE_TEAM
        or kind == col.IS_CLAIM
        or kind == col.IS_BENEFIT
    )
