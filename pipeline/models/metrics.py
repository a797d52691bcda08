"""Figures of a ranking: one place, so that `evaluate`, `learn` and the benchmarks count alike.

Scores are float64[n], high is suspicious; NaN (no opinion yet) counts as lower than every other score. Labels are
bool[n]. Equal scores are one step: ties earn nothing, whatever order the rows have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.models.base import Array


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows from the highest score down, one entry a distinct score: how many rows and attacks are at or above it."""

    level: Array
    """float64[k], descending distinct scores."""
    shown: Array
    """int64[k], rows with this score or a higher one."""
    hits: Array
    """int64[k], attacks among them."""

    @classmethod
    def of(cls, y: npt.ArrayLike, score: npt.ArrayLike) -> Ranking:
        """The ranking of scores [n] with labels [n]."""
        truth = np.asarray(y, bool)
        down = -np.nan_to_num(np.asarray(score, np.float64), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        order = np.argsort(down, kind="stable")
        ordered = down[order]
        last = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], np.ones(min(len(ordered), 1), bool)])
        hits = np.cumsum(truth[order])[last] if len(last) else np.zeros(0, np.int64)
        return cls(-ordered[last], last + 1, hits)

    @property
    def rows(self) -> int:
        """All rows."""
        return int(self.shown[-1]) if len(self.shown) else 0

    @property
    def attacks(self) -> int:
        """All attacks."""
        return int(self.hits[-1]) if len(self.hits) else 0

    def roc_auc(self) -> float:
        """Area under the ROC curve; NaN where one of the classes is empty."""
        wrong, right = self.roc()
        return float(np.trapezoid(right, wrong)) if 0 < self.attacks < self.rows else float("nan")

    def average_precision(self) -> float:
        """Sum of precision over the steps of recall; NaN without attacks."""
        if not self.attacks:
            return float("nan")
        gained = np.diff(self.hits, prepend=0) / self.attacks
        return float((gained * self.hits / self.shown).sum())

    def roc(self) -> tuple[Array, Array]:
        """(false positive rate, true positive rate) from (0, 0) to (1, 1)."""
        benign = self.shown - self.hits
        return (
            np.r_[0.0, benign / max(self.rows - self.attacks, 1)],
            np.r_[0.0, self.hits / max(self.attacks, 1)],
        )

    def hits_among(self, k: float) -> float:
        """Attacks expected among the k highest scores; within a tie the rows are drawn at random."""
        if not self.rows or k <= 0:
            return 0.0
        return float(np.interp(min(k, self.rows), np.r_[0, self.shown], np.r_[0, self.hits]))


def roc_auc(y: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Area under the ROC curve, ties counted half; NaN where one of the classes is empty.

    >>> roc_auc([False, True, False, True], [0.1, 0.9, 0.4, 0.4])
    0.875
    """
    return Ranking.of(y, score).roc_auc()


def average_precision(y: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Average precision; NaN without attacks.

    >>> round(average_precision([False, True, False, True], [0.1, 0.9, 0.4, 0.4]), 3)
    0.833
    """
    return Ranking.of(y, score).average_precision()
