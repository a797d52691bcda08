"""How treated a patient seems whose chart was opened without a reason, and how usual that is of such accesses.

Where the house does not tell of much of its care, most of what nothing explains is work with patients whom many treat:
others open the chart within the same days. The curious, and those who click on a wrong name, meet anybody.
"""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.cells import others_since
from pipeline.charts.part import part
from pipeline.charts.reasons import DAY

CURIOUS = np.array([0.35, 0.05, 0.05, 0.25, 0.15, 0.15])
"""Shares of such accesses that are taken for granted where all care is told: without any care of the patient and nobody
else at the chart lately, one or two, more; the same with some care. About half of a hospital's index that anybody asks
for is there or was lately."""
LATELY_D = 3.0
"""Who treats somebody comes back within days; who came while the access waited counts, too."""
_MANY = 3
_TIMES = (0.05, 10.0)
"""It weighs no more than that: what is met once in a thousand times says no more than what is met once in fifty."""
_BEFORE = 50.0
"""Accesses for which `CURIOUS` speaks before anything is known."""
_MEMORY = 4000.0
"""Accesses after which half is forgotten."""


@part
def _seems(m, p, user, in_care, ts):  # type: ignore[no-untyped-def]
    """Place in `CURIOUS` of patient `p`; others than `user` count who opened the chart since LATELY_D before `ts`."""
    others = others_since(m, p, user, np.uint32(max(ts - LATELY_D * DAY, 1.0)))
    row = 3 if in_care else 0
    if others >= _MANY:
        return row + 2
    return row + 1 if others > 0 else row


@part
def treated_times(m, p, user, in_care, ts):  # type: ignore[no-untyped-def]
    """How many times as often as `CURIOUS` says, accesses without a reason are of patients who seem treated as much as
    patient `p`; then this one counts. 1 in the first LATELY_D: who opened the chart before they began is not known."""
    if m.shares[mem.S_WATCHED] == 0.0:
        m.shares[mem.S_WATCHED] = ts
    if ts - m.shares[mem.S_WATCHED] < LATELY_D * DAY:
        return 1.0
    seems = _seems(m, p, user, in_care, ts)
    total = _BEFORE
    for k in range(mem.TREATED):
        total += m.shares[mem.S_TREATED + k]
    such = _BEFORE * CURIOUS[seems] + m.shares[mem.S_TREATED + seems]
    if total > _MEMORY:
        for k in range(mem.TREATED):
            m.shares[mem.S_TREATED + k] *= 0.5
    m.shares[mem.S_TREATED + seems] += 1.0
    return min(max(such / (total * CURIOUS[seems]), _TIMES[0]), _TIMES[1])
