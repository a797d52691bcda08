"""Where eight in ten flows of a cohort lie, feature by feature: what explanations call usual."""

from typing import Any

import numba as nb
import numpy as np

from pipeline.models.base import GroupState

FEATURES = (
    ("bytes_out", ""), ("bytes_in", ""), ("packets_out", ""), ("packets_in", ""), ("duration", "ms"),
    ("share_of_bytes_out", "%"), ("bytes_per_second", ""),
)  # fmt: skip
"""(name, unit); all are numbers of 0 and more."""
STEP = 0.02  # of a natural logarithm: slow enough that a burst of a hundred flows does not move what is usual


class FlowRanges(GroupState):
    """10 % and 90 % quantiles of log1p of each feature, by stochastic approximation (Robbins and Monro, 1951).

    Arrays: low, high float64[G, cohorts, F], n int64[G, cohorts].
    """

    def __init__(self, groups: int, cohorts: int) -> None:
        self.groups = groups
        self.cohorts = cohorts
        self._build((len(FEATURES),))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, np.ndarray]:
        shape = (self.cohorts, dims[0])
        return {"low": np.zeros(shape), "high": np.zeros(shape), "n": np.zeros(self.cohorts, np.int64)}

    def _identity(self) -> tuple[Any, ...]:
        return (self.cohorts,)

    def arrays(self) -> dict[str, np.ndarray]:
        """The live arrays by name."""
        return self._state


@nb.njit(cache=True, nogil=True)
def note_ranges(x, cohort, groups, low, high, n):  # type: ignore[no-untyped-def]
    """(low, high) float32[m, F] as they were before each row of x float64[m, F]; then learns the row."""
    before_low = np.empty(x.shape, np.float32)
    before_high = np.empty(x.shape, np.float32)
    for i in range(x.shape[0]):
        g, c = groups[i], cohort[i]
        n[g, c] += 1
        # Large steps at first, so that the start does not matter for long.
        step = max(STEP, 1.0 / n[g, c])
        for j in range(x.shape[1]):
            before_low[i, j] = low[g, c, j]
            before_high[i, j] = high[g, c, j]
            if np.isnan(x[i, j]):
                continue
            y = np.log1p(max(x[i, j], 0.0))
            if n[g, c] == 1:
                low[g, c, j] = y
                high[g, c, j] = y
                continue
            low[g, c, j] += step * (0.1 - (y < low[g, c, j])) * 2.0
            high[g, c, j] += step * (0.9 - (y <= high[g, c, j])) * 2.0
            low[g, c, j] = max(low[g, c, j], 0.0)
            high[g, c, j] = max(high[g, c, j], low[g, c, j])
    return before_low, before_high
