"""Rows as they looked when they passed, kept until their labels come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from pipeline.errors import CheckpointError
from pipeline.models.base import Array


@dataclass(frozen=True)
class ObservedRows:
    """What a `SemiSupervisedForest` knew of each of n rows when it passed."""

    row: Array
    """float64[n, d + 1]: its numbers as signed log1p, and its surprise."""
    recent: Array
    """float64[n, d * half-lives]: the recent means of its numbers, itself included; none of a table too wide."""
    codes: Array
    """uint64[n, m]: its categories."""

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, rows: slice | Sequence[int] | npt.NDArray[np.int64]) -> ObservedRows:
        return ObservedRows(self.row[rows], self.recent[rows], self.codes[rows])

    @property
    def surprise(self) -> Array:
        """float64[n]: -log of the share of rows that are as unusual; NaN while the anomaly model warmed up."""
        return self.row[:, -1]


class WaitingRows:
    """The last rows that passed, by a number for their content; of equal ones the last. At most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: dict[int, ObservedRows] = {}

    def keep(self, content: int, row: ObservedRows) -> None:
        """Remember one row, in place of the oldest where there are too many."""
        self._rows.pop(content, None)
        self._rows[content] = row
        if len(self._rows) > self._most:
            del self._rows[next(iter(self._rows))]

    def get(self, content: int) -> ObservedRows | None:
        """None for one that never passed, or long ago."""
        return self._rows.get(content)

    def state(self) -> dict[str, Array]:
        """All of them as arrays; empty where none waits."""
        if not self._rows:
            return {}
        parts = {
            f.name: np.concatenate([getattr(r, f.name) for r in self._rows.values()]) for f in fields(ObservedRows)
        }
        return parts | {"content": np.array(list(self._rows), np.uint64)}

    def load(self, state: Mapping[str, Array]) -> None:
        """Put back what `state` gave. Raises CheckpointError, and changes nothing, when it does not fit together."""
        names = {"content", *(f.name for f in fields(ObservedRows))}
        if state and (set(state) != names or len({len(a) for a in state.values()}) != 1):
            raise CheckpointError("state of waiting rows is incomplete: it is of another version")
        content = [int(c) for c in state["content"][-self._most :]] if state else []
        rows = ObservedRows(*(state[f.name][-self._most :] for f in fields(ObservedRows))) if state else None
        self._rows = {c: rows[i : i + 1] for i, c in enumerate(content)} if rows is not None else {}
