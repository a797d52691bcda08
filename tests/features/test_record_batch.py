"""Record batches as Kafka producers write them, read as columns: the same records as the library reads."""

import numpy as np
import pytest
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.documents import Documents
from pipeline.features.record_batch import Records, joined, read_records
from pipeline.runtime.transport.chunk_records import ChunkRecords, Fetched, KeptBytes

_TP = TopicPartition("t", 0)
_RECORDS = st.lists(
    st.tuples(st.none() | st.binary(max_size=20), st.none() | st.binary(max_size=300), st.integers(0, 2**41)),
    min_size=1,
    max_size=30,
)
_BATCHES = st.lists(st.tuples(_RECORDS, st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=5)


def _batch(records: list, codec: int, first_offset: int) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 1 << 20)
    for i, (key, value, time_ms) in enumerate(records):
        builder.append(i, time_ms, key, value, [("h", b"x")] if i % 2 else [])
    data = bytearray(builder.build())
    data[0:8] = first_offset.to_bytes(8, "big")  # as the broker does; outside the checksum
    return bytes(data)


def _set(batches: list) -> bytes:
    data, offset = b"", 0
    for records, codec, hole in batches:
        data += _batch(records, codec, offset)
        offset += len(records) + hole  # compaction and transaction markers leave holes
    return data


def _library(data: bytes, first: int) -> PartitionRecords:
    return PartitionRecords(_TP, KeptBytes(data), [], first, None, None, True, 0)


def _original(data: bytes, first: int) -> PartitionRecords:
    return PartitionRecords(_TP, MemoryRecords(data), [], first, None, None, True, 0)


@given(_BATCHES, st.data(), st.integers(1, 50))
def test_the_same_as_the_library(batches: list, drawn: st.DataObject, limit: int) -> None:
    data = _set(batches)
    # A broker answers with the batch that holds the wanted offset, and those after it.
    first = drawn.draw(st.integers(0, len(batches[0][0]) - 1))
    original, chunked = _original(data, first), ChunkRecords(_library(data, first), limit)
    expected = [(r.offset, r.timestamp, r.value or b"") for r in original]
    found, at = [], first
    for chunk in chunked:
        assert 0 < len(chunk) <= limit + limit // 4
        assert at <= chunk.offsets[0]
        at = chunked.next_fetch_offset
        assert chunk.offsets[-1] < at
        found += list(zip(chunk.offsets.tolist(), chunk.time_ms.tolist(), chunk.values, strict=True))
    assert found == expected
    assert [r.offset for r in _library(data, first)] == [e[0] for e in expected], "other consumers see no difference"
    assert chunked.next_fetch_offset == original.next_fetch_offset


@given(_RECORDS, st.integers(0, 4), st.data())
def test_damaged_bytes_are_told(records: list, codec: int, data: st.DataObject) -> None:
    good, bad = _batch(records, 0, 0), bytearray(_batch(records, codec, len(records)))
    at = data.draw(st.integers(21, len(bad) - 1))
    bad[at] ^= data.draw(st.integers(1, 255))
    chunked = iter(ChunkRecords(_library(good + bytes(bad), 0), 10_000))
    assert next(chunked).values[0] == (records[0][1] or b"")  # what comes before it is not held back
    with pytest.raises(CorruptRecordException):
        next(chunked)


def test_a_batch_cut_by_the_broker_is_left_for_the_next_fetch() -> None:
    whole, cut = _batch([(None, b"a", 1)], 0, 0), _batch([(None, b"b", 1)], 0, 1)[:-1]
    chunked = ChunkRecords(_library(whole + cut, 0), 10)
    assert [list(c.values) for c in chunked] == [[b"a"]]
    assert chunked.next_fetch_offset == 1


@pytest.mark.parametrize("count", [-1, 2, 1000])
def test_a_wrong_count_is_refused(count: int) -> None:
    one = bytes([12, 0, 0, 0, 1, 0, 0])
    with pytest.raises(ValueError, match="record"):
        read_records(one, count, 0, 0)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_no_bytes_can_make_it_read_outside(data: bytes, count: int) -> None:
    try:
        records = read_records(data, count, 0, 0)
    except ValueError:
        return
    assert len(records) == count
    assert len(b"".join(records.values)) <= len(data)


def test_the_fetchers_store_gives_chunks() -> None:
    store = Fetched(3, {})
    data = _batch([(None, b"%d" % i, i) for i in range(7)], 3, 0)
    store[_TP] = FetchResult(_TP, assignment=None, partition_records=_library(data, 2), backoff=0)
    chunks = list(store[_TP]._partition_records)
    assert [c.offsets.tolist() for c in chunks] == [[2, 3, 4], [5, 6]]


@given(st.lists(st.binary(max_size=20), max_size=20), st.data())
def test_documents_are_a_sequence(values: list[bytes], data: st.DataObject) -> None:
    documents = Documents.of(values)
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(0, len(values)))
    assert list(documents) == [documents[i] for i in range(len(documents))] == values
    assert list(documents[first:last]) == values[first:last]
    with pytest.raises(IndexError):
        documents[len(values)]


@given(st.lists(st.lists(st.binary(max_size=9), max_size=5), min_size=1, max_size=5), st.integers(0, 30))
def test_joined_and_parted(groups: list[list[bytes]], since: int) -> None:
    parts, at = [], 0
    for group in groups:
        offsets = np.arange(at, at + len(group))
        parts.append(Records(Documents.of(group), offsets, offsets))
        at += len(group)
    whole = joined(parts)
    flat = [v for g in groups for v in g]
    assert list(whole.values) == flat
    assert list(whole.since(since).values) == flat[since:]
    assert whole.since(since).offsets.tolist() == list(range(at))[since:]
