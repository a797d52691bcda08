"""Columns as models take them: numbers, and hashed categories; what was left out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Frame:
    """`X` float64[n, d] and `C` uint64[n, m] (0 is unknown), with the names of their columns."""

    X: np.ndarray
    C: np.ndarray
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Column of the table → what it is taken for: number, category, address, hardware address, port, text."""
    dropped: Mapping[str, str] = field(default_factory=dict)
    """Column of the table → why no feature comes from it."""

    @property
    def rows(self) -> int:
        """Rows of both."""
        return len(self.X)

    def take(self, rows: np.ndarray | slice) -> Frame:
        """These rows only."""
        return Frame(self.X[rows], self.C[rows], self.numeric, self.categorical, self.kinds, self.dropped)
