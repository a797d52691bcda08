"""Checkpoints: what was saved comes back; what is damaged or foreign does not."""

import logging
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import CheckpointError
from pipeline.runtime.checkpoint import KEEP, Checkpoint, CheckpointStore, decode, encode

KEY = b"a key of the tests"


def checkpoint(next_offset: int = 7, **changes: object) -> Checkpoint:
    """A small one with arrays of several types and shapes, one empty."""
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([1, 2], np.uint64), "c": np.zeros(0, np.uint8)}
    fields = {"topic": "network", "partition": 1, "identity": "abc", "state": {"0": {"x": arrays, "y": {}}, "4": {}}}
    return Checkpoint(next_offset=next_offset, **(fields | changes))  # type: ignore[arg-type]


def test_round_trip() -> None:
    found = decode(encode(checkpoint(), KEY), KEY)
    assert (found.topic, found.partition, found.next_offset, found.identity) == ("network", 1, 7, "abc")
    assert set(found.state) == {"0", "4"}
    for name, array in checkpoint().state["0"]["x"].items():
        assert np.array_equal(found.state["0"]["x"][name], array)
        assert found.state["0"]["x"][name].dtype == array.dtype


@pytest.mark.parametrize("at", [0, 5, 40, -1])
def test_one_altered_byte_is_noticed(at: int) -> None:
    data = bytearray(encode(checkpoint(), KEY))
    data[at] ^= 1
    with pytest.raises(CheckpointError):
        decode(bytes(data), KEY)


@pytest.mark.parametrize("size", [0, 3, 36, 60])
def test_truncated_is_noticed(size: int) -> None:
    with pytest.raises(CheckpointError):
        decode(encode(checkpoint(), KEY)[:size], KEY)


def test_another_key_is_noticed() -> None:
    with pytest.raises(CheckpointError):
        decode(encode(checkpoint(), KEY), b"another key")


def test_the_newest_usable_one_counts_and_few_are_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = CheckpointStore(tmp_path, KEY)
    paths = [store.save(checkpoint(n)) for n in range(10, 20)]
    kept = sorted(p for p in paths if p.exists())
    assert kept == paths[-KEEP:]
    paths[-1].write_bytes(paths[-1].read_bytes()[:-3])
    paths[-2].write_bytes(encode(checkpoint(18), b"forged"))
    paths[-3].write_bytes(encode(checkpoint(17, identity="other settings"), KEY))
    with caplog.at_level(logging.WARNING):
        found = store.load("network", 1, "abc")
    assert found is not None
    assert found.next_offset == 16
    assert len(caplog.records) == 3
    assert store.load("network", 2, "abc") is None


def test_a_topic_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        CheckpointStore(tmp_path, KEY).save(checkpoint(topic="../elsewhere"))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "network").write_text("a file is in the way")
    with pytest.raises(CheckpointError, match="cannot be written"):
        CheckpointStore(tmp_path, KEY).save(checkpoint())


def test_torn_writes_are_cleared(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, KEY)
    torn = store.save(checkpoint()).parent / "torn.part"
    torn.write_bytes(b"half")
    store.save(checkpoint(8))
    assert not torn.exists()
