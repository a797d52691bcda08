"""Documents of a chunk end to end in one buffer, so that reading them takes no Python object each."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import overload

import numba as nb
import numpy as np

from pipeline.features.words import SLACK, copy_onward


@nb.njit(cache=True, nogil=True)
def _gather(data, begin, end, out, bounds):  # type: ignore[no-untyped-def]
    """Lay data[begin[j]:end[j]] (uint8) end to end into `out`; bounds int64[m + 1] from 0."""
    at = 0
    for j in range(len(begin)):
        size = end[j] - begin[j]
        copy_onward(data, begin[j], size, out, at)
        at += size
        bounds[j + 1] = at


class Documents(Sequence[bytes]):
    """n documents as bytes: document i is `data[bounds[i]:bounds[i + 1]]`."""

    def __init__(self, data: np.ndarray, bounds: np.ndarray) -> None:
        """`data` uint8, `bounds` int64[n + 1] ascending from 0."""
        self.data = data
        self.bounds = bounds

    @classmethod
    def of(cls, documents: Sequence[bytes]) -> "Documents":
        """The same documents in this form; they are copied unless they have it already."""
        if isinstance(documents, Documents):
            return documents
        bounds = np.zeros(len(documents) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, documents), np.int64, len(documents)), out=bounds[1:])
        return cls(np.frombuffer(b"".join(documents), np.uint8), bounds)

    @classmethod
    def cut(cls, data: np.ndarray, begin: np.ndarray, end: np.ndarray) -> "Documents":
        """A copy of data[begin[j]:end[j]] (uint8, int64[m] each) as m documents."""
        out = np.empty(int((end - begin).sum()) + SLACK, np.uint8)
        bounds = np.zeros(len(begin) + 1, np.int64)
        _gather(data, begin, end, out, bounds)
        return cls(out[: bounds[-1]], bounds)

    @classmethod
    def joined(cls, parts: Sequence["Documents"]) -> "Documents":
        """Several, one after the other."""
        if len(parts) == 1:
            return parts[0]
        sizes = [np.diff(p.bounds) for p in parts]
        bounds = np.concatenate([[0], *sizes]).astype(np.int64).cumsum()
        return cls(np.concatenate([np.zeros(0, np.uint8), *(p.data[: p.bounds[-1]] for p in parts)]), bounds)

    def picked(self, rows: np.ndarray) -> "Documents":
        """A copy of some of them, in the order of `rows` (int64[m])."""
        return Documents.cut(self.data, self.bounds[rows], self.bounds[rows + 1])

    def replaced(self, rows: np.ndarray, others: "Documents") -> "Documents":
        """A copy in which `others` stand for the documents at `rows` (int64[m], ascending)."""
        both = np.concatenate([self.data[: self.bounds[-1]], others.data[: others.bounds[-1]]])
        begin, end = self.bounds[:-1].copy(), self.bounds[1:].copy()
        begin[rows], end[rows] = others.bounds[:-1] + self.bounds[-1], others.bounds[1:] + self.bounds[-1]
        return Documents.cut(both, begin, end)

    @property
    def sizes(self) -> np.ndarray:
        """int64[n], bytes of each."""
        return np.diff(self.bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> "Documents": ...
    def __getitem__(self, index: int | slice) -> "bytes | Documents":
        if isinstance(index, slice):
            first, last, step = index.indices(len(self))
            if step != 1:
                raise ValueError("documents are sliced without steps only")
            last = max(first, last)
            begin = int(self.bounds[first])
            return Documents(self.data[begin : int(self.bounds[last])], self.bounds[first : last + 1] - begin)
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        return self.data[self.bounds[index] : self.bounds[index + 1]].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        data, bounds = self.data.tobytes(), self.bounds.tolist()
        for begin, end in pairwise(bounds):
            yield data[begin:end]
