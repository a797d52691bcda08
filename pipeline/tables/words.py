"""Cells of a column as words: codes of the distinct ones, and their hashes as events have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.features.hashing import hash_slices
from pipeline.tables.cells import UNKNOWN, trimmed
from pipeline.tables.table import Column


@dataclass(frozen=True)
class Words:
    """`codes` int64[n] into `distinct`, the different texts of a column in order of appearance."""

    codes: np.ndarray
    distinct: list[bytes]

    @property
    def counts(self) -> np.ndarray:
        """int64: how often each word stands there."""
        return np.bincount(self.codes, minlength=len(self.distinct))

    @property
    def known(self) -> int:
        """Distinct words that say something."""
        return sum(word not in UNKNOWN for word in self.distinct)

    def hashed(self, of: Callable[[bytes], bytes] | None = None) -> np.ndarray:
        """uint64[n]: a hash of each cell, or of what `of` makes of it (empty: unknown); 0 where unknown."""
        texts = [b"" if w in UNKNOWN else w for w in self.distinct]
        if of is not None:
            texts = [of(w) if w else b"" for w in texts]
        return hash_words(texts)[self.codes] if texts else np.zeros(len(self.codes), np.uint64)


def hash_words(texts: list[bytes]) -> np.ndarray:
    """uint64: the hash that events' texts have (`features.hashing`); 0 for empty ones."""
    data = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
    length = np.array([len(t) or -1 for t in texts], np.int64)
    start = np.cumsum(np.r_[0, np.maximum(length, 0)])[:-1]
    return hash_slices(data, start, length)


def words(column: Column) -> Words:
    """The words of a text column; of numbers, their shortest text."""
    if isinstance(column, np.ndarray):
        values, codes = np.unique(column, return_inverse=True)
        return Words(codes, [b"" if v != v else repr(float(v)).removesuffix(".0").encode() for v in values])
    encoded = trimmed(column).cast(pa.large_binary()).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Words(codes, encoded.dictionary.to_pylist())
