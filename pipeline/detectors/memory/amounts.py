"""What `UsualAmount` says of a window's sum, with the norms it was held against."""

from dataclasses import dataclass

import numpy as np

NORMS = 6


@dataclass(frozen=True, slots=True)
class Amounts:
    """A window's sum, row included, beside what was usual before; float64[m] each."""

    deviations: np.ndarray
    """Standard deviations above what is usual, in log1p."""
    usual: np.ndarray
    amount: np.ndarray
    norms: np.ndarray
    """float64[m, NORMS]: windows seen, mean and variance of the key, then of its peers; see `UsualRange`."""
