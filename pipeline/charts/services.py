"""Which units work on which kinds of order: many exports name neither who is to do it nor the department it goes to.

Taught by first looks into a chart that no relation of care explains, within a day of such an order. A unit that comes
after a third of the orders of a kind works on them; few who are curious make no third of a house's orders. Units
without a department are none of these: all nurses of a house come after all of its orders.
"""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.part import part
from pipeline.charts.reasons import DAY, ENOUGH
from pipeline.charts.usual import COLLEAGUE_MOST, bump_pair, pair_count
from pipeline.features.hashing import combine, mix64

SOON_S = DAY
WORKS_USUAL = 0.3
WORKS_ORDERS, WORKS_USERS = 8.0, 3
"""Orders and people of the unit before anything follows."""
_KIND, _ASKED = np.uint64(5), np.uint64(7)


@part
def _key(service, unit):  # type: ignore[no-untyped-def]
    """uint64 of a kind of order (uint32) and whoever works on it (uint64)."""
    return combine(mix64(np.uint64(service) ^ _KIND), unit)


@part
def note_asked(m, service, ts):  # type: ignore[no-untyped-def]
    """Something of a kind (uint32, 0 for unknown) is asked for."""
    if service != 0:
        bump_pair(m, _key(service, _ASKED), np.uint32(1), ts)


@part
def _lately(m, at, ts):  # type: ignore[no-untyped-def]
    """Whether a relation is an order of a known kind that somebody works on at `ts`."""
    if m.cells[at, mem.C_TYPE] & 0xFF != mem.ORDER or m.cells[at, mem.C_SERVICE] == 0:
        return False
    return float(m.cells[at, mem.C_START]) - SOON_S <= ts <= float(m.cells[at, mem.C_END]) + SOON_S


@part
def teach_services(m, p, unit, user, ts):  # type: ignore[no-untyped-def]
    """A person (uint32) of a unit (row) looks for the first time at patient `p`, whose care does not say why."""
    at = np.int64(m.patient[p, mem.P_RELATIONS]) - 1
    while at >= 0:
        if _lately(m, at, ts):
            bump_pair(m, _key(m.cells[at, mem.C_SERVICE], m.units[unit]), user, ts)
        at = np.int64(m.cells[at, mem.C_NEXT]) - 1


@part
def works_on(m, at, unit, ts):  # type: ignore[no-untyped-def]
    """How strongly it explains an access of a unit (row, -1 for unknown) that it works on orders like relation `at`."""
    if unit < 0 or not _lately(m, at, ts):
        return 0.0
    count, people = pair_count(m, _key(m.cells[at, mem.C_SERVICE], m.units[unit]), ts)
    if count < WORKS_ORDERS or people < WORKS_USERS:
        return 0.0
    whole, _ = pair_count(m, _key(m.cells[at, mem.C_SERVICE], _ASKED), ts)
    share = min(count / max(whole, count), 1.0)
    if share < WORKS_USUAL:
        return 0.0
    return ENOUGH + (COLLEAGUE_MOST - ENOUGH) * min((share - WORKS_USUAL) / (0.5 - WORKS_USUAL), 1.0)
