"""Families of visits that are billed by level, from the least to the most demanding.

Source: AMA, CPT Evaluation and Management (E/M) code and guideline changes, 2021 and 2023. Codes only, no wording.
"""

from collections.abc import Iterable
from types import MappingProxyType

import numpy as np

LADDERS = MappingProxyType({
    "office visits of new patients": ("99202", "99203", "99204", "99205"),
    "office visits": ("99211", "99212", "99213", "99214", "99215"),
    "office consultations": ("99242", "99243", "99244", "99245"),
    "first hospital visits": ("99221", "99222", "99223"),
    "hospital visits": ("99231", "99232", "99233"),
    "hospital consultations": ("99252", "99253", "99254", "99255"),
    "emergency visits": ("99281", "99282", "99283", "99284", "99285"),
    "first nursing home visits": ("99304", "99305", "99306"),
    "nursing home visits": ("99307", "99308", "99309", "99310"),
    "home visits of new patients": ("99341", "99342", "99344", "99345"),
    "home visits": ("99347", "99348", "99349", "99350"),
})  # fmt: skip
NAMES = tuple(LADDERS)
_PLACE = {
    code: (family, level / (len(codes) - 1))
    for family, codes in enumerate(LADDERS.values())
    for level, code in enumerate(codes)
}


def visits_of(codes: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """(family int64[m], level float64[m] from 0 to 1) of procedure codes; family -1 and NaN for what is no visit."""
    found = [_PLACE.get(code, (-1, float("nan"))) for code in codes]
    return np.array([f for f, _ in found], np.int64), np.array([level for _, level in found], np.float64)
