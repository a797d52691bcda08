"""Which of some words stand in a text field of some rows."""

import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.multi_pattern import Automaton, find_terms


def terms_in(batch: Batch, rows: np.ndarray, field: str, machine: Automaton, *, escaped: bool = False) -> np.ndarray:
    """uint64[m, W]: bits of the machine's terms found in `field` of each row; `escaped`: the text is JSON."""
    start, length = batch.spans(field)
    words = 1 + (int(machine.bits.max()) >> 6 if len(machine.bits) else 0)
    found = np.zeros((len(rows), words), np.uint64)
    find_terms(
        batch.data, start[rows], length[rows], machine.columns, machine.goto, machine.quiet, machine.first,
        machine.bits, escaped, found,
    )  # fmt: skip
    return found
