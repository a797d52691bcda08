"""Minutes that a billed unit takes: only codes whose definition names a time.

Sources, each as published for public use: AMA, CPT Evaluation and Management guidelines 2023 (time "must be met or
exceeded"); CPT psychotherapy codes (30, 45 and 60 minutes); CMS Medicare Claims Processing Manual, chapter 5,
section 20.2 (therapy: 15 minutes a unit) and chapter 12, section 30.6.12 (critical care). Codes only, no wording.
"""

from types import MappingProxyType

_BY_MINUTES = {
    # Therapy, adaptive behaviour, further time; one patient at a time: a group (97150) has no time of its own.
    15.0: (
        "97032 97033 97034 97035 97036 97110 97112 97113 97116 97124 97129 97130 97140 97530 97533 97535 97537"
        " 97542 97750 97755 97760 97761 97763 97151 97152 97153 97155 97156 96159 99417 99418 99202"
    ),
    10.0: "99212",
    20.0: "99213 99242",
    25.0: "99231",
    30.0: "99203 99214 99243 90832 90833 90840 96158 99291 99292",
    35.0: "99232",
    40.0: "99215 99221 99244",
    45.0: "99204 90834 90836",
    50.0: "99233 90846 90847",
    55.0: "99222 99245",
    60.0: "99205 90837 90838 90839",
    75.0: "99223",
}

MINUTES = MappingProxyType({code: minutes for minutes, codes in _BY_MINUTES.items() for code in codes.split()})
"""Minutes a unit by procedure code, as the definition has them."""
BY_COMPLEXITY = 0.5
"""Share of its minutes that an evaluation and management visit counts with: since 2021 (2023 in hospitals) its level
may be chosen by the complexity of decisions instead, and a day of complex patients is long but possible."""
