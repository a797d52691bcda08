"""Unknown numbers as another number, and values among a few: what a chunk of twenty events is asked a hundred times.

numpy's own `nan_to_num` and `isin` prepare for every kind of input, which takes longer than a small chunk.
"""

from functools import lru_cache

import numpy as np

PORTS = 65_536


def filled(values: np.ndarray, otherwise: float = 0.0) -> np.ndarray:
    """`values` (floats of any shape) with `otherwise` for NaN."""
    return np.where(values == values, values, otherwise)


@lru_cache(maxsize=256)
def _is_port(ports: tuple[int, ...]) -> np.ndarray:
    marks = np.zeros(PORTS + 1, np.bool_)
    marks[list(ports)] = True
    return marks


def is_port(port: np.ndarray, ports: tuple[int, ...]) -> np.ndarray:
    """bool[n]: which of the numbers of ports (float64[n], 0 to 65,535 or NaN) are among `ports`."""
    marks = _is_port(ports)
    found: np.ndarray = marks[filled(port, float(PORTS)).astype(np.int64)]
    return found


def among(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """bool[n]: which of `values` are in `ascending` (sorted, of the same type)."""
    if not len(ascending):
        return np.zeros(len(values), np.bool_)
    at = np.searchsorted(ascending, values)
    found: np.ndarray = ascending[np.minimum(at, len(ascending) - 1)] == values
    return found
