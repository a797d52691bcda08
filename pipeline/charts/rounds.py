"""Which units come to the patients of which departments: hospital services beside many clinics serve wards, not all.

Taught by the first look that anybody of a unit takes into the chart of a patient since another department treats them,
whatever explains it: that a pharmacist was there says nothing of the technicians of the same department. A unit that
comes to a third of a department's patients works there; few who are curious open no third of a ward. Registrars,
pharmacy technicians and case managers are found in every ward and in no clinic, so that they serve nobody by how evenly
they are spread (`usual.serves_all`).
"""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.part import part
from pipeline.charts.reasons import ENOUGH
from pipeline.charts.usual import (
    FEW_USERS,
    SEEN_USERS,
    SERVES_MOST,
    bump_pair,
    pair_count,
    pair_key,
    seen_enough,
    share_of,
)
from pipeline.features.hashing import combine, mix64

COMES_USUAL, COMES_ALWAYS = 0.3, 0.5
"""Shares of a department's patients: from the first on a unit works there, at the second it says most."""
ROUNDS_PATIENTS, ROUNDS_MORE = 24.0, 4.0
"""Of a unit that is known to come to patients of others, so many in all: in each department then fewer do."""
_COMES = np.uint64(11)


@part
def _key(department, unit):  # type: ignore[no-untyped-def]
    """uint64 of a department (uint32) and a unit that comes to its patients (uint64)."""
    return combine(mix64(np.uint64(department) ^ _COMES), unit)


@part
def teach_rounds(m, unit, mine, department, user, now):  # type: ignore[no-untyped-def]
    """Somebody (uint32) of a unit (row) in department `mine` is the first of it at a patient of `department`."""
    if unit >= 0 and mine != 0 and department != 0 and department != mine:
        bump_pair(m, _key(department, m.units[unit]), user, now)
        bump_pair(m, _key(np.uint32(0), m.units[unit]), user, now)


@part
def _known(m, unit, count, people, now):  # type: ignore[no-untyped-def]
    """Whether so many patients of a department, to whom so many of a unit came, tell anything yet."""
    if seen_enough(count, people):
        return True
    if count < ROUNDS_MORE or people < FEW_USERS:
        return False
    all_count, all_people = pair_count(m, _key(np.uint32(0), m.units[unit]), now)
    return all_count >= ROUNDS_PATIENTS and all_people >= SEEN_USERS


@part
def comes_to(m, department, unit, now):  # type: ignore[no-untyped-def]
    """How strongly it explains an access of a unit (row) that it comes to a department's patients; 0 if it does not."""
    count, people = pair_count(m, _key(department, m.units[unit]), now)
    if not _known(m, unit, count, people, now):
        return 0.0
    share = share_of(m, pair_key(department, np.uint64(department)), count, now)
    if share < COMES_USUAL:
        return 0.0
    usual = m.unit_n[unit, mem.QN_DIRECTLESS] / max(m.unit_n[unit, mem.QN_JUDGED], 1.0)
    often = min((share - COMES_USUAL) / (COMES_ALWAYS - COMES_USUAL), 1.0)
    return ENOUGH + (SERVES_MOST - ENOUGH) * usual * often
