"""Several keys of each row for one table, a row after the other."""

from collections.abc import Sequence

import numpy as np


def in_turn(
    keys: Sequence[np.ndarray], ts: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """uint64[m * k] keys with their ts and groups [m * k]: all k keys of a row before those of the next.

    Noted column by column, whom a full table forgets would depend on where a batch ends.
    """
    k = len(keys)
    return np.stack(list(keys), axis=1).ravel(), np.repeat(ts, k), np.repeat(groups, k)
