"""The reasons by which an access is explained, how strongly, and how that fades."""

import numpy as np

from pipeline.charts.columns import folded_keys, word_table
from pipeline.charts.part import part

REASONS = (
    "none", "appointment", "care_team", "order", "encounter", "payment", "repeat", "colleague", "serves_all",
)  # fmt: skip
NONE, BY_APPOINTMENT, BY_TEAM, BY_ORDER, BY_ENCOUNTER, BY_PAYMENT, BY_REPEAT, BY_COLLEAGUE, BY_ROLE = range(9)

ENOUGH = 0.5
"""From this strength on an access is explained."""
DIRECT = 0.75
"""From this strength on a relation of care says it, not what is usual: only these teach, and can be repeated."""
SERVING = 0.7
"""Below it, that a role serves everyone is a guess from what is usual."""
BROWSED_S = 300.0
"""So long waits what such a guess alone explains: by then it is known whether the chart was left within seconds."""
OWN_DOCTOR, OWN_PRACTICE = 0.7, 0.55
"""Somebody's own physician at any time, and their practice while the patient is in care or was within the month: they
call who came home from a hospital. Below DIRECT, as it tells nothing of who works with whom."""
DOCUMENTED = 0.8
"""An emergency access with such a reason needs no further care to be documented: it was care already."""

DAY = 86_400.0
# Days before it begins, after it ends, and until nothing is left of it, that a relation explains accesses.
# A visit is prepared a week or two ahead; results, letters and coding take about a month, and those who treated
# somebody see to it longer than their department does. Half a year on, only the named have something to ask.
NAMED = np.array([14.0, 30.0, 180.0])
OF_DEPARTMENT = np.array([7.0, 7.0, 30.0])
OF_SERVICE = np.array([2.0, 14.0, 60.0])
REPEATED = np.array([0.0, 30.0, 90.0])
TREATING_D = 7.0
"""A department counts as treating for a week after it let go: until then others finish what it asked for."""
OPEN_D = 60.0
"""What nobody ended is taken for ended so long after it was last heard of: longer stays are told of again."""

# HL7 v3 PurposeOfUse: payment and what stands below it, research likewise.
PAYING = folded_keys(
    "HPAYMT", "CLMATTCH", "COVAUTH", "COVERAGE", "ELIGDTRM", "ELIGVER", "ENROLLM", "MILDCRG", "REMITADV", "payment",
    "billing",
)  # fmt: skip
RESEARCHING = folded_keys("HRESCH", "BIORCH", "CLINTRCH", "CLINTRCHNPC", "CLINTRCHPC", "PRECLINTRCH", "research")
EMERGING = folded_keys("BTG", "ETREAT")
"""Breaking the glass, and treating in an emergency: `BTG` alone is an emergency access."""
WRITING = folded_keys("create", "update", "C", "U")
BILLING_WORDS = word_table("billing", "biller", "coder", "coding", "claims", "revenue", "reimburse", "patient account")
RESEARCH_WORDS = word_table("research")
VOID = folded_keys("entered-in-error")
CALLED_OFF = folded_keys("cancelled", "canceled", "revoked", "rejected", "stopped", "abandoned", "declined")
OVER = folded_keys("finished", "completed", "discharged", "fulfilled", "ended", "inactive", "noshow")


@part
def faded(base, days, full, gone):  # type: ignore[no-untyped-def]
    """`base` up to `full` days after, then down to ENOUGH at `gone` days, nothing beyond."""
    if days <= full:
        return base
    if days > gone:
        return 0.0
    return base - (base - ENOUGH) * (days - full) / (gone - full)


@part
def around(base, ts, start, end, span):  # type: ignore[no-untyped-def]
    """How strongly something from `start` to `end` explains an access at `ts`; `span` as NAMED."""
    if ts < start:
        return faded(base, (start - ts) / DAY, span[0], 2.0 * span[0])
    return faded(base, max(ts - end, 0.0) / DAY, span[1], span[2])
