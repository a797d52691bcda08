"""Documents of a chunk end to end in one buffer, so that reading them takes no Python object each."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import overload

import numpy as np


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
