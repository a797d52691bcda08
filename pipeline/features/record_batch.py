"""Records of a Kafka record batch (message format v2) as columns, without a Python object each.

The format is Kafka's own (documentation, section "Record Batch"): a batch header of 61 bytes, then records of
zig-zag variable-length integers: length, attributes, timestamp delta, offset delta, key, value, headers.
"""

from dataclasses import dataclass

import numba as nb
import numpy as np

from pipeline.features.documents import Documents
from pipeline.features.words import copy_onward

HEADER_BYTES = 61
LENGTH_END = 12
"""The batch length, big-endian at bytes 8 to 12, counts what comes after it."""


@nb.njit(cache=True, nogil=True, inline="always")
def _varint(data, i, end):  # type: ignore[no-untyped-def]
    """(value, position after it); position -1 for more than ten bytes or beyond the end."""
    result = np.uint64(0)
    shift = np.uint64(0)
    for _ in range(10):
        if i >= end:
            return 0, -1
        b = np.uint64(data[i])
        i += 1
        result |= (b & np.uint64(0x7F)) << shift
        if b < np.uint64(0x80):
            return np.int64(result >> np.uint64(1)) ^ -np.int64(result & np.uint64(1)), i
        shift += np.uint64(7)
    return 0, -1


@nb.njit(cache=True, nogil=True)
def _read(data, offset_delta, time_delta, start, size):  # type: ignore[no-untyped-def]
    """Fill the columns from the record section; the number of whole records found before its end or a fault."""
    end = len(data)
    i = 0
    for row in range(len(start)):
        length, i = _varint(data, i, end)
        if i < 0 or length < 1 or i + length > end:
            return row
        stop = i + length
        i += 1  # attributes: unused in format v2
        time_delta[row], i = _varint(data, i, stop)
        if i < 0:
            return row
        offset_delta[row], i = _varint(data, i, stop)
        if i < 0:
            return row
        key, i = _varint(data, i, stop)
        if i < 0 or key > stop - i:
            return row
        i += max(key, 0)
        value, i = _varint(data, i, stop)
        if i < 0 or value > stop - i:
            return row
        start[row] = i
        size[row] = max(value, 0)
        i = stop  # headers are not looked at
    return len(start)


@nb.njit(cache=True, nogil=True)
def _gather(data, start, size, out):  # type: ignore[no-untyped-def]
    at = 0
    for row in range(len(start)):
        copy_onward(data, start[row], size[row], out, at)
        at += size[row]


@dataclass(frozen=True, slots=True)
class Records:
    """n records of one partition, in log order."""

    values: Documents
    """Without a value: empty."""
    offsets: np.ndarray
    """int64[n], ascending."""
    time_ms: np.ndarray
    """int64[n], the record's timestamp in milliseconds since the epoch."""

    def __len__(self) -> int:
        return len(self.offsets)

    def since(self, offset: int) -> "Records":
        """Those at `offset` and beyond."""
        return self.part(int(np.searchsorted(self.offsets, offset)), len(self))

    def before(self, offset: int) -> "Records":
        """Those below `offset`."""
        return self.part(0, int(np.searchsorted(self.offsets, offset)))

    def part(self, first: int, last: int) -> "Records":
        """Records `first` up to, not including, `last` by position."""
        if first == 0 and last == len(self):
            return self
        return Records(self.values[first:last], self.offsets[first:last], self.time_ms[first:last])


def read_records(
    payload: bytes, count: int, base_offset: int, base_time_ms: int, append_time_ms: int | None = None
) -> Records:
    """The records of a batch's uncompressed record section.

    `append_time_ms` replaces their own times where the topic stamps records itself. Raises ValueError when the
    section is not what its header says.
    """
    if not 0 <= count <= len(payload):
        raise ValueError(f"a record batch claims {count} records in {len(payload)} bytes")
    data = np.frombuffer(payload, np.uint8)
    offset_delta, time_delta, start, size = (np.empty(count, np.int64) for _ in range(4))
    if _read(data, offset_delta, time_delta, start, size) != count:
        raise ValueError("a record batch ends in the middle of a record")
    bounds = np.zeros(count + 1, np.int64)
    np.cumsum(size, out=bounds[1:])
    values = np.empty(int(bounds[-1]), np.uint8)
    _gather(data, start, size, values)
    times = time_delta + base_time_ms if append_time_ms is None else np.full(count, append_time_ms, np.int64)
    return Records(Documents(values, bounds), offset_delta + base_offset, times)


def joined(parts: list[Records]) -> Records:
    """Several, one after the other, as one; at least one is needed."""
    if len(parts) == 1:
        return parts[0]
    sizes = np.concatenate([np.diff(p.values.bounds) for p in parts])
    bounds = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=bounds[1:])
    return Records(
        Documents(np.concatenate([p.values.data for p in parts]), bounds),
        np.concatenate([p.offsets for p in parts]),
        np.concatenate([p.time_ms for p in parts]),
    )
