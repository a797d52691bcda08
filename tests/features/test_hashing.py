"""Keys go where Kafka's own clients send them."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2

from pipeline.features.hashing import hash_slices, hash_text, key_groups, murmur2_slice


def _columns(keys: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = np.frombuffer(b"".join(keys) + b"\x00", np.uint8)
    length = np.array([len(k) for k in keys], np.int32)
    return data, np.concatenate([[0], np.cumsum(length)[:-1]]).astype(np.int64), length


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
@example(b"")
@example(b"\xff" * 7)
def test_murmur2_is_kafkas(key: bytes) -> None:
    data = np.frombuffer(key + b"\x00", np.uint8)
    assert int(murmur2_slice(data, 0, len(key))) == murmur2(key) & 0xFFFFFFFF


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=30))
def test_a_partition_holds_whole_groups(keys: list[bytes]) -> None:
    groups = key_groups(*_columns(keys), 8)
    for partitions in (1, 2, 4, 8):
        sent_to = np.array([(murmur2(k) & 0x7FFFFFFF) % partitions for k in keys])
        assert np.array_equal(groups % partitions, sent_to)


def test_unknown_is_not_a_hash() -> None:
    data = np.frombuffer(b"abc\x00", np.uint8)
    hashes = hash_slices(data, np.zeros(2, np.int64), np.array([3, -1], np.int32))
    assert hashes.tolist() == [hash_text("abc"), 0]


@pytest.mark.parametrize("text", ["", "a", "é病院"])
def test_one_hash_in_kernels_and_python(text: str) -> None:
    raw = text.encode()
    data = np.frombuffer(raw + b"\x00", np.uint8)
    assert int(hash_slices(data, np.zeros(1, np.int64), np.array([len(raw)], np.int32))[0]) == hash_text(text)
