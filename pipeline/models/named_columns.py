"""River's events, dicts of named values, as one row of numbers and one of category codes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from pipeline.models.base import Array


class NamedColumns:
    """Columns are the names in `features` and `categorical`; where these are None they are taken once from the first
    event: numbers and None are numeric, text is categorical, each in sorted order. Later, a missing, None or unusable
    value is unknown, and an unknown name is ignored."""

    features: Sequence[str] | None = None
    categorical: Sequence[str] | None = None
    _names: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def _row(self, x: Mapping[str, Any]) -> tuple[Array, Array]:
        """(float64[1, d], uint64[1, m]) of an event."""
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
