"""The fields that judging adds to a document, and the rows in which kernels hand them over."""

import numpy as np

# (name, digits after the point; 0 whole, -1 true or false, -2 a reason).
_ADDED = (
    ("judged_ts", 6), ("reason", -2), ("strength", 3), ("late", -1), ("withdrawn", -1), ("care_after", -1),
    ("is_self", -1), ("is_coworker", -1), ("same_family", -1), ("same_address", -1), ("same_department", -1),
    ("deceased_days", 3), ("user_before", 0), ("department_before", 0), ("unexplained_share", 4), ("shift_share", 4),
    ("coverage", 4), ("treated_times", 3), ("claim_judged_ts", 6), ("encounter_days", 3), ("chart_days", 3),
    ("encounter_coverage", 4), ("chart_coverage", 4),
)  # fmt: skip
NAMES = tuple(name for name, _ in _ADDED)
FORMS = np.array([form for _, form in _ADDED], np.int64)
(JUDGED_TS, REASON, STRENGTH, LATE, WITHDRAWN, CARE_AFTER, IS_SELF, IS_COWORKER, SAME_FAMILY, SAME_ADDRESS,
 SAME_DEPARTMENT, DECEASED_DAYS, USER_BEFORE, DEPARTMENT_BEFORE, UNEXPLAINED_SHARE, SHIFT_SHARE, COVERAGE,
 TREATED_TIMES, CLAIM_JUDGED_TS, ENCOUNTER_DAYS, CHART_DAYS, ENCOUNTER_COVERAGE,
 CHART_COVERAGE) = range(len(NAMES))  # fmt: skip

TEXTS = ("reason_ref", "department", "role")
# Rows of `out` int64: what to do, row of the batch or item, log offset, place and size of each of TEXTS in `refs`.
O_WHAT, O_ROW, O_OFFSET, O_REF, O_SIZE, O_DEPARTMENT, _, O_ROLE, _, OUT_WORDS = range(10)
PASS, ADD, WAIT, GIVE, AGAIN, FORGET = range(6)
"""A row as it is; a row with fields; keep a row's document; a kept document with fields; the same, withdrawn;
drop a kept document."""
