"""What several detectors need of the claims among the events of a patient, which come without their lines."""

import numpy as np
import orjson

from pipeline.detectors.claims.procedure_families import FAMILIES, families_of
from pipeline.features.batch import Batch

MALE, FEMALE = 1, 2
_SEXES = {MALE: ("male", "Male", "M", "m"), FEMALE: ("female", "Female", "F", "f")}
# Work on what was sent in, which nobody sees the patient for: no chart is opened, and the day may be another.
APART = frozenset(
    ("laboratory", "radiology", "ultrasound", "equipment", "orthotics", "transport and supplies", "drugs")
)


def code_lists(batch: Batch, field: str) -> list[list[str]]:
    """Codes in upper case of each claim of the batch in a list field (`procedures`, `diagnoses`), none for others."""
    return batch.shared(f"claim {field}", lambda b: listed_codes(b, field, b.kind("claim")))


def sexes(batch: Batch) -> np.ndarray:
    """int64[n]: MALE, FEMALE, or 0 where another or none is told."""
    out = np.zeros(batch.n, np.int64)
    for sex, words in _SEXES.items():
        out[batch.is_in("sex", words)] = sex
    return out


def is_apart(codes: list[str]) -> bool:
    """Whether a claim has codes, and all of them are of services that need no patient on the spot."""
    return bool(codes) and all(FAMILIES[f] in APART for f in families_of(codes))


def treats(batch: Batch) -> np.ndarray:
    """bool[n]: claims of somebody who saw the patient: not of the house, a pharmacy, a laboratory or for images."""
    found: np.ndarray = batch.shared("claim treats", _treats)
    return found


def _treats(batch: Batch) -> np.ndarray:
    told = batch.kind("claim") & ~batch.is_in("claim_type", ("institutional", "pharmacy"))
    codes = code_lists(batch, "procedures")
    told[[row for row in np.flatnonzero(told).tolist() if is_apart(codes[row])]] = False
    return told


def listed_codes(batch: Batch, field: str, wanted: np.ndarray) -> list[list[str]]:
    """Codes in upper case of each `wanted` row (bool[n]) in a list field, none for others."""
    out: list[list[str]] = [[]] * batch.n  # one for all who have none: nobody writes into them
    start, length = batch.spans(field)
    for row in np.flatnonzero(wanted & (length > 2)):
        text = batch.data[start[row] : start[row] + length[row]].tobytes()
        out[row] = [str(code).strip().upper() for code in orjson.loads(text) or ()]
    return out
