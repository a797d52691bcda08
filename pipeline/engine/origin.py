"""Where the events of a batch stand in the log."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Origin:
    """Topic, partition and offsets (int64[n], ascending) of a batch's events."""

    topic: str
    partition: int
    offsets: np.ndarray
