"""What every anomaly model here shares: River's one-by-one form and the batch form over one kernel."""

from __future__ import annotations

import hashlib
import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from river import base as river_base

from pipeline.errors import UsageError
from pipeline.models.base import Array, GroupState


class GroupDetector(GroupState, river_base.AnomalyDetector):
    """An anomaly detector over key groups, in batches and one by one.

    A batch is `X: float64[n, d]` (NaN is unknown, ±Inf allowed), optionally `C: uint64[n, m]` of categorical
    hashes (0 is unknown; numeric models ignore it) and `groups: int32[n]`. Each row is scored before it is
    learned; the score is NaN while its group warms up.

    One by one it is a River estimator on group 0. Columns are the names in `features` and `categorical`; where
    these are None they are taken once from the first event: numbers and None are numeric, text is categorical,
    each in sorted order. Later, a missing, None or unusable value is unknown, and an unknown name is ignored.
    """

    features: Sequence[str] | None = None
    categorical: Sequence[str] | None = None
    _names: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    @abstractmethod
    def _run(self, X: Array, C: Array, groups: Array, learn: bool) -> Array:
        """Score each row, and learn it after scoring when asked; arguments are checked, contiguous columns."""

    def score_learn_many(
        self, X: npt.ArrayLike, groups: npt.ArrayLike | None = None, C: npt.ArrayLike | None = None
    ) -> Array:
        """Scores float64[n] of rows in order, each scored before it is learned; NaN while warming up."""
        x: Array = np.require(X, dtype=np.float64, requirements=["C", "W"])
        if x.ndim != 2:
            raise UsageError(f"X must be rows by features, not of shape {x.shape}")
        n = len(x)
        c: Array = np.zeros((n, 0), np.uint64) if C is None else np.require(C, np.uint64, ["C", "W"])
        if c.ndim != 2 or len(c) != n:
            raise UsageError(f"C must be {n} rows by categorical columns, not of shape {c.shape}")
        return self._run(x, c, self._group_column(groups, n), True)

    def learn_one(self, x: Mapping[str, Any]) -> None:
        """Learn one event of group 0."""
        self._run(*self._row(x), np.zeros(1, np.int32), True)

    def score_one(self, x: Mapping[str, Any]) -> float:
        """Score one event against group 0 without learning it; NaN while warming up."""
        return float(self._run(*self._row(x), np.zeros(1, np.int32), False)[0])

    def _row(self, x: Mapping[str, Any]) -> tuple[Array, Array]:
        if self._names is None:
            self._names = self._columns_of(x)
        numeric, categorical = self._names
        row = np.array([[_number(x.get(name)) for name in numeric]], dtype=np.float64).reshape(1, len(numeric))
        codes = np.array([[_hash64(x.get(name)) for name in categorical]], dtype=np.uint64)
        return row, codes.reshape(1, len(categorical))

    def _columns_of(self, x: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        numeric, categorical = self.features, self.categorical
        if categorical is None:
            chosen = set(numeric or ())
            categorical = sorted(k for k, v in x.items() if isinstance(v, (str, bytes)) and k not in chosen)
        if numeric is None:
            chosen = set(categorical)
            numeric = sorted(k for k, v in x.items() if (v is None or isinstance(v, Real)) and k not in chosen)
        return tuple(numeric), tuple(categorical)


def _number(value: object) -> float:
    """A number as float64 (too large: infinite); anything else is unknown."""
    if not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _hash64(value: object) -> int:
    """A stable 64-bit code of a category, never 0, which means unknown."""
    if value is None:
        return 0
    data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") or 1
