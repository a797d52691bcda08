"""What the explainer remembers of one key group, as arrays that kernels work on."""

from typing import NamedTuple

import numpy as np

# Rows of `patient` (uint32). Times are whole seconds, 0 for never; links are a slot + 1, 0 for none.
(P_USED, P_RELATIONS, P_ACCESSES, P_WAITING, P_FAMILY, P_ADDRESS, P_DIED, P_DOCTOR, P_COUNTS, P_DAY, P_DAYS,
 P_WEEKS) = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12  # fmt: skip
"""Last use, heads of the three chains, tokens, death, their own physician, number of relations and access cells (low
and high half), last day on which the chart was opened, 64 days before it (two words), 64 weeks."""
PATIENT_WORDS = 14

# Rows of `cells` (uint32[16], one cache line): a relation, people of a relation, or three people with their accesses.
C_NEXT, C_TYPE, C_ID, C_DEPARTMENT, C_SERVICE, C_START, C_END, C_KNOWN, C_UPDATED, C_PEOPLE, C_REF, C_SIZE = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 15,
)  # fmt: skip
CELL_WORDS, PEOPLE, MORE_PEOPLE = 16, 5, 13
FREE, ENCOUNTER, APPOINTMENT, ORDER, CARE_TEAM, CLAIM, MORE, ACCESSES = range(8)
A_USER, A_DEPARTMENT, A_LAST, A_EXPLAINED = 0, 1, 2, 3
"""Of each of three people in a cell of accesses, from word 2 on; their counts are bytes 1 to 3 of word 1."""
A_ROLES = 14
"""16 bits of the role of each of the three, in two words."""
OPEN = 0xFFFFFFFF
"""End of what has not ended."""

# Rows of `user`: last use, department, role, family, address, chart of their own (two words), name, other numbers.
U_USED, U_DEPARTMENT, U_ROLE, U_FAMILY, U_ADDRESS, U_CHART, U_REF, U_SIZE, U_ALIASES = 0, 1, 2, 3, 4, 5, 7, 8, 9
ALIASES, USER_WORDS = 5, 14
UN_TAUGHT, UN_WITH, UN_WITHOUT, USER_NUMBERS = range(4)
"""Numbers of `user`: charts opened that told of the whole unit; the last part of a day that counted as one with, and as
one without a reason."""

# Rows of `department`, of roles as well: last use, what it is called otherwise, what it is part of, name, whether
# anybody works there.
D_USED, D_SAME, D_PARENT, D_REF, D_SIZE, D_STAFFED, DEPARTMENT_WORDS = range(7)

# Rows of `unit` (a role in a department): last use, 64 bits of users, kind of role.
Q_USED, Q_USERS, Q_KIND, UNIT_WORDS = 0, 1, 3, 4
# Numbers of `unit`: accesses judged, those without reason, when; charts that taught of it, those without any care,
# sums of w and w log w over departments, which tell how evenly it is spread; accesses without a reason of care.
QN_JUDGED, QN_NONE, QN_TS, QN_TAUGHT, QN_NO_CARE, QN_W, QN_WLOGW, QN_DIRECTLESS = range(8)
UNIT_NUMBERS = 8

# Rows of `pair` (who works with whom): last use, 64 bits of users. Numbers: patients, when.
R_USED, R_USERS, PAIR_WORDS = 0, 1, 3
RN_COUNT, RN_TS = 0, 1

# Rows of `home` (family and address of staff): last use, up to two users and their departments.
H_USED, H_USERS, H_DEPARTMENTS, HOME_WORDS = 0, 1, 3, 5

# Rows of `items` (int64) and `times` (float64): what waits. Rows of tables move, so that they are named by key.
(I_NEXT, I_KIND, I_SEQ, I_PATIENT, I_USER, I_DEPARTMENT, I_ROLE, I_FLAGS, I_OFFSET, I_BEFORE, I_DEPARTMENT_BEFORE,
 ITEM_WORDS) = range(12)  # fmt: skip
T_TS, T_DUE, T_FROM, T_THROUGH, ITEM_TIMES = 0, 1, 2, 3, 4
T_UNIT = T_FROM
"""Of an access: when anybody of the user's unit had opened the chart before, 0 for never."""
NOTHING, ACCESS, JUDGED_ACCESS, CLAIMED = range(4)
# Bits of I_FLAGS.
BREAK_GLASS, PAYMENT, RESEARCH, WRITES, CARE_AFTER, SUCCESS, NO_DEPARTMENT, NO_ROLE = 1, 2, 4, 8, 16, 32, 64, 128

# `counts` int64.
(N_PATIENTS, N_CELLS, N_FREE_CELL, N_REFS, N_USERS, N_DEPARTMENTS, N_UNITS, N_PAIRS, N_HOMES, N_ITEMS, N_FREE_ITEM,
 N_WAITING, N_HEAP, N_SEQ, N_FAMILIES) = range(15)  # fmt: skip
COUNTS = 15
# `shares` float64: event time reached; accesses and explained ones of late; claims, with encounter, with chart opened;
# all departments' w and w log w; the first access without a reason, and these by how treated the patient seems.
S_CLOCK, S_ACCESSES, S_EXPLAINED, S_CLAIMS, S_ENCOUNTERED, S_OPENED, S_W, S_WLOGW, S_WATCHED, S_TREATED = range(10)
TREATED = 6
SHARES = S_TREATED + TREATED
FAMILIES = 1 << 15
"""Counters of family names, by hash: 64 KB. Names that share one seem more common than they are, never rarer."""


class Memory(NamedTuple):
    """One key group. Tables come as keys, words and numbers (`table`)."""

    patients: np.ndarray
    patient: np.ndarray
    patient_n: np.ndarray
    users: np.ndarray
    user: np.ndarray
    user_n: np.ndarray
    departments: np.ndarray
    department: np.ndarray
    department_n: np.ndarray
    units: np.ndarray
    unit: np.ndarray
    unit_n: np.ndarray
    pairs: np.ndarray
    pair: np.ndarray
    pair_n: np.ndarray
    homes: np.ndarray
    home: np.ndarray
    home_n: np.ndarray
    cells: np.ndarray
    """uint32[N, 16]."""
    refs: np.ndarray
    """uint8[A]: texts of identifiers that a reason can be named by."""
    families: np.ndarray
    """uint32[FAMILIES]."""
    items: np.ndarray
    """int64[W, ITEM_WORDS]."""
    times: np.ndarray
    """float64[W, ITEM_TIMES]."""
    heap_due: np.ndarray
    """float64[H]."""
    heap: np.ndarray
    """int64[H, 2]: sequence number and item."""
    counts: np.ndarray
    shares: np.ndarray
