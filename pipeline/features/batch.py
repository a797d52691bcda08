"""A chunk of events of one source, as columns. Detectors see this and nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.features.documents import Documents
from pipeline.features.hashing import hash_slices, hash_text, key_groups
from pipeline.features.layout import TEXT, Layout
from pipeline.features.text_columns import gather_columns, hash_columns

# Fields of each source that anything asked the hash of: those of later batches are computed together.
_HASHED: dict[str, dict[str, None]] = {}


@lru_cache(maxsize=4096)
def _hash_of(value: str) -> np.uint64:
    return np.uint64(hash_text(value))


class Batch:
    """n accepted events in topic order.

    Numbers are float64 with NaN for unknown; booleans are 0 and 1; texts are seen as 64-bit hashes (0 for unknown),
    and as text only for single rows, so that no detector pays for strings it does not print.
    """

    def __init__(
        self,
        layout: Layout,
        data: np.ndarray,
        offsets: np.ndarray,
        numbers: np.ndarray,
        start: np.ndarray,
        length: np.ndarray,
        key_groups: int,
    ) -> None:
        """`data` uint8 holds the documents (document i at offsets[i]:offsets[i + 1], int64[n + 1]) and the unescaped
        strings; numbers float64[Cn, n], start int64[Ct, n] and length int32[Ct, n] are the kernel's columns."""
        self.layout = layout
        self.source = layout.source.name
        self.n = numbers.shape[1]
        self.data = data
        self.offsets = offsets
        self._numbers = numbers
        self._start = start
        self._length = length
        self._groups = key_groups
        self._hashes: dict[str, np.ndarray] = {}
        self._marked: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}
        self._shared: dict[str, Any] = {}

    @property
    def ts(self) -> np.ndarray:
        """float64[n], event time in seconds since the epoch."""
        return self.number("ts")

    @cached_property
    def key_column(self) -> tuple[np.ndarray, np.ndarray]:
        """(start, length) of each row's owning entity: the first of the source's key fields that is set."""
        start = np.zeros(self.n, np.int64)
        length = np.full(self.n, -1, np.int32)
        for name in self.key_fields:
            c = self._slot(name)
            missing = length <= 0
            start = np.where(missing, self._start[c], start)
            length = np.where(missing, self._length[c], length)
        return start, length

    @cached_property
    def groups(self) -> np.ndarray:
        """int32[n], key group of each row."""
        return key_groups(self.data, *self.key_column, self._groups)

    def keep_in(self, partition: int, partitions: int) -> int:
        """Move rows to key groups that `partition` owns, of `partitions` that divide them; how many had to move.

        None has, where the producer's key and partitioner are Kafka's own. Otherwise (no key, another hash) their
        state still has to stay with the partition that is saved and moved with it.
        """
        owned = self.groups - self.groups % partitions + np.int32(partition)
        moved = int(np.count_nonzero(owned != self.groups))
        self.groups = owned
        return moved

    @cached_property
    def key_hash(self) -> np.ndarray:
        """uint64[n], hash of the owning entity."""
        return hash_slices(self.data, *self.key_column)

    def _slot(self, name: str) -> int:
        return self.layout.slot_of[name]

    def number(self, name: str) -> np.ndarray:
        """float64[n], NaN where unknown. KeyError for a field the source does not have."""
        return self._numbers[self._slot(name)]

    def hash(self, name: str) -> np.ndarray:
        """uint64[n], hash of a text field, 0 where unknown."""
        if name not in self._hashes:
            wanted = _HASHED.setdefault(self.source, {})
            wanted.setdefault(name)
            names = [other for other in wanted if other not in self._hashes]
            slots = np.array([self._slot(other) for other in names], np.int64)
            self._hashes.update(zip(names, hash_columns(self.data, self._start, self._length, slots), strict=True))
        return self._hashes[name]

    def shared(self, name: str, compute: Callable[["Batch"], Any]) -> Any:
        """What several detectors need of this batch, computed once; it must depend on the batch alone."""
        if name not in self._shared:
            self._shared[name] = compute(self)
        return self._shared[name]

    @cached_property
    def _bytes(self) -> memoryview:
        return self.data.data  # slices of it cost half of what slices of an array cost

    def spans(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(start, length) of a text field in `data`, for kernels that look at characters; length -1 for unknown."""
        c = self._slot(name)
        return self._start[c], self._length[c]

    def equals(self, name: str, value: str) -> np.ndarray:
        """bool[n]: the text field has this value."""
        return self.is_in(name, (value,))

    def is_in(self, name: str, values: Iterable[str]) -> np.ndarray:
        """bool[n]: the text field is one of `values`. Several detectors ask the same: it is compared once."""
        asked = (name, tuple(values))
        found = self._marked.get(asked)
        if found is None:
            hashes = self.hash(name)
            found = np.zeros(self.n, np.bool_)
            for value in asked[1]:
                found |= hashes == _hash_of(value)
            self._marked[asked] = found
        return found.copy()  # cheaper than finding out who writes into what he was given

    def kind(self, *kinds: str) -> np.ndarray:
        """bool[n]: the event is of one of these kinds."""
        return self.is_in("kind", kinds)

    def text(self, name: str, row: int) -> str | None:
        """One row's text, None where unknown; lists and objects as their JSON text."""
        c = self._slot(name)
        size = self._length.item(c, row)
        if size < 0:
            return None
        begin = self._start.item(c, row)
        return str(self._bytes[begin : begin + size], "utf-8")

    def known_texts(self, names: tuple[str, ...], row: int) -> dict[str, str]:
        """Those of several text fields that one row has and that are not empty, in their order."""
        slots = self.layout.text_slots(names)
        size, begin = self._length[slots, row].tolist(), self._start[slots, row].tolist()
        known = self._bytes
        return {name: str(known[b : b + n], "utf-8") for name, b, n in zip(names, begin, size, strict=True) if n > 0}

    def key(self, row: int) -> str:
        """The owning entity of one row."""
        start, length = self.key_column
        return self.data[start[row] : start[row] + max(length[row], 0)].tobytes().decode()

    def value(self, name: str, row: int) -> float | None:
        """One row's number, None where unknown."""
        number: float = self._numbers.item(self._slot(name), row)
        return None if number != number else number

    def has(self, name: str) -> bool:
        """Whether the source has this field at all."""
        return name in self.layout.index

    def is_text(self, name: str) -> bool:
        """Whether the source has this field, and it is text."""
        return self.has(name) and self.layout.columns[self.layout.index[name]].type == TEXT

    @property
    def key_fields(self) -> tuple[str, ...]:
        """Fields that name the owning entity; the first that is set does."""
        return (*self.layout.source.key_fields, "format")

    def arrow_raw(self, rows: np.ndarray | None = None) -> pa.StringArray:
        """The documents themselves, without a copy; those of some rows (int64[m]) with one."""
        texts = Documents(self.data, self.offsets)
        texts = texts if rows is None else texts.picked(rows)
        return pa.StringArray.from_buffers(
            len(texts), pa.py_buffer(texts.bounds.astype(np.int32)), pa.py_buffer(texts.data[: texts.bounds[-1]])
        )

    def document(self, row: int) -> bytes:
        """One row's JSON document."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def arrow_texts(
        self, columns: Mapping[str, Sequence[str]], rows: np.ndarray | None = None
    ) -> dict[str, pa.StringArray]:
        """Arrow columns of text, each from the first of its fields that is set, empty where none is; of all rows or
        some (int64[m]).

        Fields that the source does not have, or that are not text, count as not set.
        """
        slots = [[self._slot(name) for name in fields if self.is_text(name)] for fields in columns.values()]
        ends = np.cumsum([0, *map(len, slots)])
        flat = np.array([c for some in slots for c in some], np.int64)
        start, length, n = self._start, self._length, self.n
        if rows is not None:
            start, length, n = start[np.ix_(flat, rows)], length[np.ix_(flat, rows)], len(rows)
            flat = np.arange(len(flat))
        offsets, base, out = gather_columns(self.data, start, length, flat, ends)
        found = {}
        for name, places, begin in zip(columns, offsets, base.tolist(), strict=True):
            text = out[begin : begin + int(places[-1])]
            found[name] = pa.StringArray.from_buffers(n, pa.py_buffer(places), pa.py_buffer(text))
        return found
