"""State per key group, so that it can follow its partition: saved, moved and loaded one group at a time."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import CheckpointError, UsageError

Array = npt.NDArray[Any]

# A state that claims more columns than this is damaged or foreign; building for it could exhaust memory.
MAX_COLUMNS = 4096


def mixed_columns(X: npt.ArrayLike, C: npt.ArrayLike | None) -> tuple[Array, Array]:
    """Contiguous float64[n, d] and uint64[n, m] of a batch, m = 0 without C. Raises UsageError for other shapes."""
    x: Array = np.require(X, np.float64, ["C", "W"])
    if x.ndim != 2:
        raise UsageError(f"X must be rows by features, not of shape {x.shape}")
    c: Array = np.zeros((len(x), 0), np.uint64) if C is None else np.require(C, np.uint64, ["C", "W"])
    if c.ndim != 2 or len(c) != len(x):
        raise UsageError(f"C must be {len(x)} rows by categorical columns, not of shape {c.shape}")
    return x, c


class GroupState:
    """State of many independent key groups: numpy arrays whose leading axis is the group.

    A subclass sets `groups`, and lists its arrays once in `_fresh`, as one group's state before its first
    event; saving, loading, resetting and pickling follow from that. Column counts may be known only with the
    first batch: until then the model is unbuilt, and a group's state is the empty dict.
    """

    groups: int
    _dims: tuple[int, ...] | None = None
    _template: dict[str, Array]
    _state: dict[str, Array]

    @abstractmethod
    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        """One group's arrays before its first event, for these column counts."""

    @abstractmethod
    def _identity(self) -> tuple[Any, ...]:
        """What two models must share for their states to be exchangeable: parameters, seeds, fixed trees."""

    def _build(self, dims: tuple[int, ...]) -> None:
        """Allocate every group for these column counts, once."""
        if self._dims is not None:
            if dims != self._dims:
                raise UsageError(f"the model was built for {self._dims} columns, not {dims}: keep the columns")
            return
        self._template = self._fresh(dims)
        self._state = {name: self._of_all_groups(np.asarray(a)) for name, a in self._template.items()}
        self._dims = dims

    def _of_all_groups(self, fresh: Array) -> Array:
        # Memory of zeros is taken page by page, when it is first written: most of a small hospital's never is.
        out = np.zeros((self.groups, *fresh.shape), fresh.dtype)
        if fresh.any():
            out[:] = fresh
        return out

    def _fingerprint(self) -> Array:
        text = repr((type(self).__name__, self._identity())).encode()
        return np.array([int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")], dtype=np.uint64)

    def state(self, group: int) -> dict[str, Array]:
        """Copies of one group's arrays; empty when the model has seen no event and has no columns yet."""
        return {name: array.copy() for name, array in self.views(group).items()}

    def views(self, group: int) -> dict[str, Array]:
        """As `state`, but the arrays as they lie: good until the next event."""
        self._check_group(group)
        if self._dims is None:
            return {}
        out = {name: array[group] for name, array in self._state.items()}
        out["dims"] = np.array(self._dims, dtype=np.int64)
        out["fingerprint"] = self._fingerprint()
        return out

    def load(self, group: int, state: Mapping[str, Array]) -> None:
        """Put one group's saved arrays in place; an empty state resets the group.

        Nothing changes unless all of it fits: other parameters, names, shapes or dtypes raise CheckpointError.
        """
        self._check_group(group)
        if not state:
            if self._dims is not None:
                for name, array in self._state.items():
                    if array[group].any() or self._template[name].any():  # zeros over zeros would take memory
                        array[group] = self._template[name]
            return
        self._build_for(state)
        self._check(state)
        for name, array in self._state.items():
            array[group] = state[name]

    def _build_for(self, state: Mapping[str, Array]) -> None:
        dims = np.asarray(state.get("dims", ()))
        if dims.dtype != np.int64 or dims.ndim != 1 or ((dims < 0) | (dims > MAX_COLUMNS)).any() or not dims.size:
            raise CheckpointError("model state names no valid column counts: start from an older checkpoint")
        wanted = tuple(int(x) for x in dims)
        if self._dims is not None and wanted != self._dims:
            raise CheckpointError(f"model state is for {wanted} columns, not {self._dims}: start afresh")
        self._build(wanted)

    def _check(self, state: Mapping[str, Array]) -> None:
        names = {*self._state, "dims", "fingerprint"}
        if set(state) != names:
            raise CheckpointError(f"model state differs in {sorted(set(state) ^ names)}: it is of another version")
        if not np.array_equal(state["fingerprint"], self._fingerprint()):
            raise CheckpointError(f"state of a {type(self).__name__} with other parameters: restore the settings")
        for name, template in self._template.items():
            found, want = np.asarray(state[name]), np.asarray(template)
            if found.dtype != want.dtype or found.shape != want.shape:
                raise CheckpointError(
                    f"model state {name!r} is {found.dtype}{list(found.shape)},"
                    f" not {want.dtype}{list(want.shape)}: it is of another version"
                )

    def _check_group(self, group: int) -> None:
        if not 0 <= group < self.groups:
            raise UsageError(f"group {group} is not in 0..{self.groups - 1}")

    def state_bytes(self) -> int:
        """Bytes of one group's state (0 before the first batch)."""
        return 0 if self._dims is None else sum(np.asarray(a).nbytes for a in self._template.values())

    def _group_column(self, groups: npt.ArrayLike | None, n: int) -> Array:
        """The group of each row, int32[n], checked: a wrong index would write into another group's memory."""
        if groups is None:
            return np.zeros(n, dtype=np.int32)
        column: Array = np.require(groups, dtype=np.int32, requirements=["C", "W"])
        if column.shape != (n,):
            raise UsageError(f"groups has shape {column.shape}, not ({n},)")
        if n and (int(column.min()) < 0 or int(column.max()) >= self.groups):
            raise UsageError(f"groups must lie in 0..{self.groups - 1}")
        return column
