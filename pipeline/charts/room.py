"""Whether there is room for one row more, whatever it brings: arrays grow between rows, outside of kernels."""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.memory import Memory
from pipeline.charts.part import part
from pipeline.charts.table import LOAD

(
    DONE, NO_OUT, NO_PATIENTS, NO_USERS, NO_DEPARTMENTS, NO_UNITS, NO_PAIRS, NO_HOMES, NO_CELLS, NO_REFS, NO_ITEMS,
) = range(11)  # fmt: skip
"""Why a kernel stopped: what has to be made larger before it can go on."""
MAX_CHAIN = 256
"""Of the accesses that wait with one patient, so many of the newest are weighed again when context comes."""
_NEEDED_OUT = 2 * MAX_CHAIN + 8
_NEEDED_CELLS, _NEEDED_REFS, _NEEDED_USERS, _NEEDED_FEW = 12, 256, 8, 4
_NEEDED_PAIRS = 32 * MAX_CHAIN


@part
def lacks(m: Memory, limits: np.ndarray, k: int, out: np.ndarray) -> int:
    """What there is too little room of for any next row; DONE where there is enough."""
    c = m.counts
    if k + _NEEDED_OUT > len(out):
        return NO_OUT
    if c[mem.N_PATIENTS] >= limits[NO_PATIENTS] or c[mem.N_PATIENTS] + 1 > LOAD * len(m.patients):
        return NO_PATIENTS
    if c[mem.N_USERS] >= limits[NO_USERS] or c[mem.N_USERS] + _NEEDED_USERS > LOAD * len(m.users):
        return NO_USERS
    if c[mem.N_DEPARTMENTS] >= limits[NO_DEPARTMENTS] or c[mem.N_DEPARTMENTS] + _NEEDED_FEW > LOAD * len(m.departments):
        return NO_DEPARTMENTS
    if c[mem.N_UNITS] >= limits[NO_UNITS] or c[mem.N_UNITS] + _NEEDED_FEW > LOAD * len(m.units):
        return NO_UNITS
    if c[mem.N_PAIRS] >= limits[NO_PAIRS] or c[mem.N_PAIRS] + _NEEDED_PAIRS > LOAD * len(m.pairs):
        return NO_PAIRS
    if c[mem.N_HOMES] >= limits[NO_HOMES] or c[mem.N_HOMES] + _NEEDED_FEW > LOAD * len(m.homes):
        return NO_HOMES
    if c[mem.N_CELLS] + _NEEDED_CELLS > len(m.cells):
        return NO_CELLS
    if c[mem.N_REFS] + _NEEDED_REFS > len(m.refs):
        return NO_REFS
    if c[mem.N_ITEMS] + 1 > len(m.items) or c[mem.N_HEAP] + _NEEDED_FEW + MAX_CHAIN > len(m.heap):
        return NO_ITEMS
    return DONE
