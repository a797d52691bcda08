"""A classifier learned from a whole labelled file, and how good it was on the way, with labels that came late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.errors import UsageError
from pipeline.evaluation.dataset import Dataset
from pipeline.models.feedback_forest import FeedbackForest
from pipeline.models.frozen_forest import FrozenForest
from pipeline.models.metrics import average_precision, roc_auc
from pipeline.tables.frame import Frame

LATE_ROWS = 1_000
"""Labels of neighbours tell much in recorded attacks: only those at least so old may help. A tenth of short files."""
MEMORY = 4_096
LEAST_OF_EACH = 10
UNUSED = {
    "address": "an address tells who attacked then, not what attacks are like",
    "hardware address": "a hardware address tells who attacked then, not what attacks are like",
    "text": "its length and make-up are no field of an event",
}


@dataclass(frozen=True)
class Learned:
    """The trees, the columns they know, and the figures."""

    forest: FrozenForest
    frame: Frame
    auc: float
    ap: float
    judged: int
    late_rows: int


def usable(frame: Frame) -> Frame:
    """Without columns that would only be learned by heart, which are told as left out."""
    dropped = dict(frame.dropped) | {n: UNUSED[kind] for n, kind in frame.kinds.items() if kind in UNUSED}
    kinds = {n: kind for n, kind in frame.kinds.items() if n not in dropped}
    numbers = [j for j, name in enumerate(frame.numeric) if name in kinds]
    codes = [j for j, name in enumerate(frame.categorical) if name in kinds]
    if not kinds:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(dropped.items())[:3])
        raise UsageError(f"no column is left to learn from ({why})")
    return Frame(
        frame.X[:, numbers], frame.C[:, codes], tuple(frame.numeric[j] for j in numbers),
        tuple(frame.categorical[j] for j in codes), kinds, dropped,
    )  # fmt: skip


def late_rows(rows: int) -> int:
    """How old labels must be to help, in a file of so many rows."""
    return max(min(LATE_ROWS, rows // 10), 1)


def learn(data: Dataset, seed: int, tick: Callable[[int], None] = lambda _: None) -> Learned:
    """Learn every labelled row, in order; each is judged before, without the labels of the rows just before it."""
    frame = usable(data.frame)
    known, y = data.labels.known, data.labels.attack
    attacks, benign = int((y & known).sum()), int((~y & known).sum())
    if min(attacks, benign) < LEAST_OF_EACH:
        raise UsageError(
            f"{attacks:,} attacks and {benign:,} benign rows are too few: at least {LEAST_OF_EACH} of each are needed"
        )
    model = FeedbackForest(memory=MEMORY, forget=False, renewal=1.0, seed=seed)
    late = late_rows(frame.rows)
    votes, learned = np.full(frame.rows, np.nan), 0
    for start in range(0, frame.rows, late):
        stop = min(start + late, frame.rows)
        votes[start:stop] = model.vote_many(frame.X[start:stop], frame.C[start:stop])
        old = max(start - late, 0)
        _take(model, frame, y, known, slice(learned, old))
        learned = max(learned, old)
        tick(stop - start)
    _take(model, frame, y, known, slice(learned, frame.rows))
    judged = known & ~np.isnan(votes)
    return Learned(
        model.frozen(), frame, roc_auc(y[judged], votes[judged]), average_precision(y[judged], votes[judged]),
        int(judged.sum()), late,
    )  # fmt: skip


def _take(model: FeedbackForest, frame: Frame, y: np.ndarray, known: np.ndarray, part: slice) -> None:
    rows = np.arange(part.start, part.stop)
    rows = rows[known[rows]] if len(rows) else rows
    if len(rows):
        model.learn_many(frame.X[rows], y[rows], frame.C[rows])
