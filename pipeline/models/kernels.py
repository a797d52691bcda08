"""Small compiled helpers that more than one model needs.

Beware when editing a kernel that another module's kernel calls: numba's cache looks at the caller's file only, so
delete the `__pycache__` folders of the room, or the old code keeps running. An installation starts without them.
"""

from __future__ import annotations

from numba import njit

from pipeline.models.base import Array


@njit(cache=True, nogil=True)  # pragma: no cover
def ascending(values: Array, n: int) -> Array:
    """The first n values of float[>= n], sorted, copied; by insertion: numpy's sort compiles for seconds."""
    order = values[:n].copy()
    for i in range(1, n):
        y, j = order[i], i
        while j > 0 and order[j - 1] > y:
            order[j] = order[j - 1]
            j -= 1
        order[j] = y
    return order
