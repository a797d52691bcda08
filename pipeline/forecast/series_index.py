"""Which series are kept, and where: a bounded number, those that were quiet longest give way."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.forecast.open_hours import Key

STAYS_H = 24
"""A series that had something in the last day gives way to none."""
FORGOTTEN_H = 21 * 24
"""A series of nothing but zeros for three weeks is dropped."""
_ENTITY_PART = 0.7
"""Entities take at most so much: they come and go, departments and classes do not."""
_KINDS = tuple((s, w) for s in ("source", "department", "device_class", "entity") for w in ("events", "risk"))


class SeriesIndex:
    """Rows of a `SeriesBank` by key."""

    def __init__(self, capacity: int) -> None:
        self._most = {True: int(capacity * _ENTITY_PART), False: capacity - int(capacity * _ENTITY_PART)}
        self._free = list(range(capacity - 1, -1, -1))
        self._row: dict[Key, int] = {}
        self._active: dict[Key, int] = {}
        self.refused = 0
        """Series that had to be left out because all places were taken by busy ones."""

    def admit(self, numbers: Mapping[Key, float], hour: int) -> Iterator[tuple[Key, int]]:
        """Make room for what an hour brought; keys and rows that have to be made as new."""
        for key in [k for k, last in self._active.items() if last < hour - FORGOTTEN_H]:
            self._drop(key)
        for key in sorted(k for k, value in numbers.items() if value > 0):
            if key not in self._row:
                row = self._place(key, hour)
                if row is None:
                    self.refused += 1
                    continue
                self._row[key] = row
                yield key, row
            self._active[key] = hour

    def keys(self) -> list[Key]:
        """In the order of `rows`."""
        return list(self._row)

    def rows(self) -> np.ndarray:
        """int64[n]."""
        return np.fromiter(self._row.values(), np.int64, len(self._row))

    def kin(self) -> np.ndarray:
        """int64[n]: the same number for series of the same scope and measure."""
        return np.array([_KINDS.index((scope, what)) for scope, _, what in self._row], np.int64)

    def state(self) -> list[Any]:
        """For JSON."""
        return [[*key, row, self._active[key]] for key, row in self._row.items()]

    def load(self, state: list[Any]) -> None:
        """From what `state` gave. Raises CheckpointError when there are fewer places."""
        for scope, name, what, row, active in state:
            if row not in self._free:
                raise CheckpointError("the checkpoint holds more forecasts than there is room for")
            self._free.remove(row)
            self._row[scope, name, what] = row
            self._active[scope, name, what] = active

    def _place(self, key: Key, hour: int) -> int | None:
        entity = key[0] == "entity"
        mine = [k for k in self._row if (k[0] == "entity") == entity]
        if len(mine) >= self._most[entity]:
            oldest = min(mine, key=lambda k: (self._active[k], k))
            if self._active[oldest] >= hour - STAYS_H:
                return None
            self._drop(oldest)
        return self._free.pop()

    def _drop(self, key: Key) -> None:
        self._free.append(self._row.pop(key))
        del self._active[key]
