"""A detector's per-entity state: a bounded table with columns, saved and moved by key group."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.features.entity_table import table
from pipeline.models.base import GroupState


class EntityState(GroupState):
    """`capacity` entities per key group, each with the columns asked for.

    `arrays()` are the live arrays: `keys` uint64[G, capacity], `seen` float64[G, capacity] and every column
    [G, capacity, *shape].
    """

    def __init__(self, groups: int, capacity: int, columns: Mapping[str, tuple[tuple[int, ...], Any]]) -> None:
        """`columns`: name → (shape behind the slot, numpy dtype)."""
        self.groups = groups
        self.capacity = capacity
        self.columns = dict(columns)
        self._build((1,))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, np.ndarray]:
        arrays = table(self.capacity)
        slots = len(arrays["keys"])
        for name, (shape, dtype) in self.columns.items():
            arrays[name] = np.zeros((slots, *shape), dtype)
        return arrays

    def _identity(self) -> tuple[Any, ...]:
        return (self.capacity, *((n, s, np.dtype(d).str) for n, (s, d) in self.columns.items()))

    def arrays(self) -> dict[str, np.ndarray]:
        """The live arrays by name; kernels write into them."""
        return self._state
