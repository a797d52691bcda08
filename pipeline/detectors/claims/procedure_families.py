"""Which family a procedure belongs to: what a provider mostly does tells who its peers are, where no list does."""

import re
from collections.abc import Iterable

# Sections of CPT by their number ranges (AMA, CPT, table of contents), evaluation and management by its subsections;
# letters are the sections of HCPCS level II (CMS, HCPCS Level II index). Ranges only, no wording.
_RANGES = (
    (100, 1999, "anaesthesia"), (10004, 19499, "skin and breast"), (20100, 29999, "musculoskeletal"),
    (30000, 32999, "respiratory"), (33016, 37799, "cardiovascular"), (38100, 39599, "blood and lymph"),
    (40490, 49999, "digestive"), (50010, 53899, "urinary"), (54000, 55980, "male genital"),
    (56405, 58999, "female genital"), (59000, 59899, "maternity"), (60000, 64999, "nervous and endocrine"),
    (65091, 69990, "eye and ear"), (70010, 76499, "radiology"), (76506, 76999, "ultrasound"),
    (77001, 79999, "radiation and nuclear"), (80047, 89398, "laboratory"), (90281, 90756, "vaccines"),
    (90785, 90899, "psychiatry"), (90935, 90999, "dialysis"), (91010, 91299, "gastroenterology"),
    (92002, 92499, "ophthalmology"), (92502, 92700, "hearing"), (92920, 93998, "cardiology"),
    (94002, 94799, "pulmonary"), (95004, 95199, "allergy"), (95700, 96020, "neurology"), (96105, 96171, "testing"),
    (96360, 96549, "infusion"), (97010, 97799, "therapy"), (98925, 98943, "manipulation"),
    (99202, 99215, "office visits"), (99217, 99239, "hospital visits"), (99242, 99245, "office visits"),
    (99252, 99255, "hospital visits"), (99281, 99288, "emergency visits"), (99291, 99292, "critical care"),
    (99304, 99350, "nursing home and home visits"), (99381, 99429, "prevention"), (99460, 99486, "newborn care"),
)  # fmt: skip
_LETTERS = {
    "A": "transport and supplies",
    "D": "dental",
    "E": "equipment",
    "J": "drugs",
    "K": "equipment",
    "L": "orthotics",
}
OTHER = "other services"
FAMILIES = (OTHER, *sorted({name for *_, name in _RANGES} | set(_LETTERS.values())))
_NUMBER = {name: i for i, name in enumerate(FAMILIES)}
_CODE = re.compile(r"\d{5}")
_HCPCS = re.compile(r"[A-Z]\d{4}")


def family_of(code: str) -> int:
    """Number of a procedure's family in FAMILIES; 0 for codes of other systems."""
    if _CODE.fullmatch(code):
        number = int(code)
        return next((_NUMBER[name] for low, high, name in _RANGES if low <= number <= high), 0)
    return _NUMBER[_LETTERS.get(code[0], OTHER)] if _HCPCS.fullmatch(code) else 0


def families_of(codes: Iterable[str]) -> list[int]:
    """The family of each code, each distinct code looked up once."""
    known: dict[str, int] = {}
    return [known[c] if c in known else known.setdefault(c, family_of(c)) for c in codes]
