"""Small compiled helpers that more than one model needs.

Beware when editing a kernel that another module's kernel calls: numba's cache looks at the caller's file only, so
delete the `__pycache__` folders of the room, or the old code keeps running. An installation starts without them.
"""

from __future__ import annotations

from numba import njit

from pipeline.models.base import Array

leaf = njit(cache=True, nogil=True, _nrt=False)
"""Decorator for a kernel that makes no array and gives none back: without references to count it takes half as long
(`pipeline.features.leaf` says more; models know nothing of the other rooms)."""
fast_leaf = njit(cache=True, nogil=True, fastmath=True, _nrt=False)
"""The same for sums whose order does not matter, so that they compile to vector code."""


@njit(cache=True, nogil=True)  # pragma: no cover
def ascending(values: Array, n: int) -> Array:
    """The first n values of float[>= n], sorted, copied; by Shell's steps: numpy's sort compiles for seconds."""
    order = values[:n].copy()
    gap = n // 2
    while gap > 0:
        for i in range(gap, n):
            y, j = order[i], i
            while j >= gap and order[j - gap] > y:
                order[j] = order[j - gap]
                j -= gap
            order[j] = y
        gap = 1 if gap == 2 else int(gap / 2.2)
    return order
