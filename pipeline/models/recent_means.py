"""What a key group did lately, as further columns: attacks come in runs, and one row alone may look like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from numba import njit

from pipeline.errors import CheckpointError, UsageError
from pipeline.models.base import Array


@njit(cache=True, nogil=True)  # pragma: no cover
def _follow(X: Array, groups: Array, keep: Array, mean: Array, out: Array) -> None:
    """X float64[n, d]; groups int32[n]; keep float64[h]; mean float64[groups, h, d]; out float64[n, h * d]."""
    n, d = X.shape
    for i in range(n):
        g = groups[i]
        for h in range(len(keep)):
            for j in range(d):
                value, before = X[i, j], mean[g, h, j]
                if value == value:
                    mean[g, h, j] = value if before != before else before * keep[h] + value * (1.0 - keep[h])
                out[i, h * d + j] = mean[g, h, j]


class RecentMeans:
    """Exponentially fading means of each column over the last rows of the same key group, the row itself included.

    Expects numbers of moderate spread (signed log1p of counts) and gives one column more for each and each half-life
    (in rows); unknown values change nothing, and NaN stays until a first value is known. 5 ns a value.

    >>> RecentMeans((1.0,)).transform_many([[0.0], [8.0], [8.0]]).tolist()
    [[0.0, 0.0], [8.0, 4.0], [8.0, 6.0]]
    """

    def __init__(self, half_lives: Sequence[float] = (5.0, 40.0), groups: int = 1) -> None:
        if not half_lives or min(half_lives) <= 0 or groups < 1:
            raise UsageError("half-lives are positive numbers of rows, groups from 1")
        self.half_lives = tuple(half_lives)
        self.groups = groups
        self._mean: Array | None = None

    def transform_many(self, X: npt.ArrayLike, groups: npt.ArrayLike | None = None, learn: bool = True) -> Array:
        """float64[n, d * (1 + half-lives)] of rows in order; every call goes on where the last one ended that was to
        `learn`."""
        x: Array = np.require(X, np.float64, ["C"])
        if x.ndim != 2:
            raise UsageError(f"X must be rows by features, not of shape {x.shape}")
        at: Array = np.zeros(len(x), np.int32) if groups is None else np.require(groups, np.int32, ["C"])
        if at.shape != (len(x),) or (len(at) and not (at.min() >= 0 and at.max() < self.groups)):
            raise UsageError(f"groups must be {len(x)} numbers in 0..{self.groups - 1}")
        if self._mean is None:
            self._mean = np.full((self.groups, len(self.half_lives), x.shape[1]), np.nan)
        if self._mean.shape[2] != x.shape[1]:
            raise UsageError(f"rows have {x.shape[1]} columns, the ones before had {self._mean.shape[2]}")
        out = np.empty((len(x), len(self.half_lives) * x.shape[1]))
        mean = self._mean if learn else self._mean.copy()
        _follow(x, at, 0.5 ** (1.0 / np.array(self.half_lives)), mean, out)
        return np.column_stack([x, out])

    def state(self) -> dict[str, Array]:
        """Copies of all arrays; empty before the first row."""
        return {} if self._mean is None else {"mean": self._mean.copy()}

    def load(self, state: Mapping[str, Array]) -> None:
        """Put back what `state` gave. Raises CheckpointError, and changes nothing, when it does not fit."""
        mean = np.asarray(state["mean"]) if set(state) == {"mean"} else None
        held = (self.groups, len(self.half_lives))
        if state and (mean is None or mean.dtype != np.float64 or mean.ndim != 3 or mean.shape[:2] != held):
            raise CheckpointError("state of recent means is of other half-lives or another version")
        self._mean = None if mean is None else mean.copy()
