"""What every anomaly model here shares: River's one-by-one form and the batch form over one kernel."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from river import base as river_base

from pipeline.models.base import Array, GroupState, mixed_columns
from pipeline.models.named_columns import NamedColumns


class GroupDetector(GroupState, NamedColumns, river_base.AnomalyDetector):
    """An anomaly detector over key groups, in batches and one by one.

    A batch is `X: float64[n, d]` (NaN is unknown, ±Inf allowed), optionally `C: uint64[n, m]` of categorical
    hashes (0 is unknown; numeric models ignore it) and `groups: int32[n]`. Each row is scored before it is
    learned; the score is NaN while its group warms up.

    One by one it is a River estimator on group 0, its columns named as in `NamedColumns`.
    """

    @abstractmethod
    def _run(self, X: Array, C: Array, groups: Array, learn: bool) -> Array:
        """Score each row, and learn it after scoring when asked; arguments are checked, contiguous columns."""

    def score_learn_many(
        self, X: npt.ArrayLike, groups: npt.ArrayLike | None = None, C: npt.ArrayLike | None = None
    ) -> Array:
        """Scores float64[n] of rows in order, each scored before it is learned; NaN while warming up."""
        return self._run(*self._checked(X, groups, C), True)

    def score_many(
        self, X: npt.ArrayLike, groups: npt.ArrayLike | None = None, C: npt.ArrayLike | None = None
    ) -> Array:
        """Scores float64[n] of rows that are not learned; NaN while warming up."""
        return self._run(*self._checked(X, groups, C), False)

    def _checked(
        self, X: npt.ArrayLike, groups: npt.ArrayLike | None, C: npt.ArrayLike | None
    ) -> tuple[Array, Array, Array]:
        x, c = mixed_columns(X, C)
        return x, c, self._group_column(groups, len(x))

    def learn_one(self, x: Mapping[str, Any]) -> None:
        """Learn one event of group 0."""
        self._run(*self._row(x), np.zeros(1, np.int32), True)

    def score_one(self, x: Mapping[str, Any]) -> float:
        """Score one event against group 0 without learning it; NaN while warming up."""
        return float(self._run(*self._row(x), np.zeros(1, np.int32), False)[0])
