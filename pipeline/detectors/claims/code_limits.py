"""For whom a code can be meant: the sex and the age that its definition asks for.

Sources: CMS, Definitions of Medicare Code Edits (MCE), age conflict (maternity 9 to 64 years) and sex conflict;
ICD-10-CM chapter 15 (O00-O9A, for the maternal record only) and the categories of diseases of male (C60-C63,
N40-N53) and female (C51-C58, N70-N77, N80-N98) genital organs; CPT section headings male genital (54000-55899),
female genital (56405-58999), maternity (59000-59899) and preventive visits by age (99381-99397). Codes only.
"""

import re

from pipeline.detectors.claims.chart_claims import FEMALE, MALE

MOTHERHOOD = (9, 64)
_ANY = (0, 150)
# First and last CPT code, sex (0: any), youngest and oldest age in years.
_CPT: tuple[tuple[int, int, int, tuple[int, int]], ...] = (
    (54000, 55899, MALE, _ANY), (56405, 58999, FEMALE, _ANY), (59000, 59899, FEMALE, MOTHERHOOD),
    (99381, 99381, 0, (0, 0)), (99382, 99382, 0, (1, 4)), (99383, 99383, 0, (5, 11)), (99384, 99384, 0, (12, 17)),
    (99385, 99385, 0, (18, 39)), (99386, 99386, 0, (40, 64)), (99387, 99387, 0, (65, 150)),
    (99391, 99391, 0, (0, 0)), (99392, 99392, 0, (1, 4)), (99393, 99393, 0, (5, 11)), (99394, 99394, 0, (12, 17)),
    (99395, 99395, 0, (18, 39)), (99396, 99396, 0, (40, 64)), (99397, 99397, 0, (65, 150)),
)  # fmt: skip
# First and last ICD-10-CM category (three characters), sex, ages. Newborns (chapter 16) are left out: in their first
# weeks they are billed under their mothers' number.
_ICD: tuple[tuple[str, str, int, tuple[int, int]], ...] = (
    ("O00", "O9A", FEMALE, MOTHERHOOD), ("C60", "C63", MALE, _ANY), ("N40", "N53", MALE, _ANY),
    ("C51", "C58", FEMALE, _ANY), ("N70", "N77", FEMALE, _ANY), ("N80", "N98", FEMALE, _ANY),
)  # fmt: skip
_NUMBER = re.compile(r"\d{5}")
_DIAGNOSIS = re.compile(r"[A-TV-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?")
_NOT_BY_SEX = frozenset({"55920", "55970", "55980"})  # either sex by definition


def limits_of(code: str, diagnosis: bool) -> tuple[int, int, int]:
    """(sex, youngest, oldest) that a code in upper case asks for; sex 0 and 0 to 150 years where it asks nothing."""
    if diagnosis:
        if _DIAGNOSIS.fullmatch(code):
            for low, high, sex, (young, old) in _ICD:
                if low <= code[:3] <= high:
                    return sex, young, old
    elif _NUMBER.fullmatch(code) and code not in _NOT_BY_SEX:
        for first, last, sex, (young, old) in _CPT:
            if first <= int(code) <= last:
                return sex, young, old
    return 0, *_ANY
