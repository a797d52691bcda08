"""Checkpoints: what was saved comes back; what is damaged or foreign does not."""

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CheckpointError
from pipeline.runtime.checkpoint.name import KEEP
from pipeline.runtime.checkpoint.snapshot import PAGE_BYTES
from pipeline.runtime.checkpoint.store import DIFFERENCES, CheckpointStore
from runtime.checkpoint.checkpoint_parts import KEY, WHERE, files, loaded, marked, saved, small_state, taken


@pytest.mark.parametrize("times", [1, 2], ids=["whole", "difference without a page"])
def test_round_trip(tmp_path: Path, times: int) -> None:
    store = CheckpointStore(tmp_path, KEY)
    for n in range(times):
        assert saved(store, 7 + n, small_state()).whole is (n == 0)
    found = CheckpointStore(tmp_path, KEY).load(*WHERE, "abc")
    assert found is not None
    assert (found.topic, found.partition, found.next_offset, found.identity) == ("network", 1, 6 + times, "abc")
    assert {g: set(parts) for g, parts in found.state.items()} == {"0": {"x", "y"}, "4": set()}
    for name, array in small_state()["0"]["x"].items():
        back = found.state["0"]["x"][name]
        assert np.array_equal(back, array)
        assert (back.dtype, back.shape) == (array.dtype, array.shape)
        assert back.flags.writeable


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 3 * PAGE_BYTES), st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)))),
        min_size=1,
        max_size=12,
    )
)
def test_any_course_of_changes_comes_back(steps: list[tuple[int, list[tuple[int, int]]]]) -> None:
    """Arrays that grow, shrink and change anywhere: a difference to whatever base restores the very bytes."""
    store = CheckpointStore("memory://laws", KEY)
    state = np.zeros(0, np.uint8)
    for next_offset, (size, changes) in enumerate(steps, 1):
        state = np.resize(state, size) if len(state) else np.zeros(size, np.uint8)
        for at, value in changes:
            if size:
                state[at % size] = value
        saved(store, next_offset, {"0": {"x": {"s": state}}})
        found = CheckpointStore("memory://laws", KEY).load(*WHERE, "abc")
        assert found is not None
        assert (found.next_offset, found.state["0"]["x"]["s"].tobytes()) == (next_offset, state.tobytes())
    store._folder._fs.rm("/laws", recursive=True)  # type: ignore[attr-defined]


def test_a_difference_holds_what_changed(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, KEY)
    whole, difference = saved(store, 1), saved(store, 2)
    assert whole.whole
    assert not difference.whole
    assert difference.size < whole.size / 6
    assert loaded(tmp_path) == 2


def test_a_new_base_when_half_has_changed_and_after_many_differences(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, KEY)
    assert saved(store, 1).whole
    other = {"0": {"x": {"words": marked(2)["0"]["x"]["words"] + 1}}}
    assert not saved(store, 2, other).whole  # already copied, so it is kept as what it is
    assert [saved(store, n).whole for n in range(3, 4 + DIFFERENCES)] == [True] + [False] * DIFFERENCES
    assert saved(store, 4 + DIFFERENCES).whole


def test_equal_pages_are_stored_once(tmp_path: Path) -> None:
    empty = {"0": {"x": {"table": np.full(100 * PAGE_BYTES, 255, np.uint8)}}}
    snapshot = taken(CheckpointStore(tmp_path, KEY), 1, empty)
    assert snapshot.stored_bytes == PAGE_BYTES


@pytest.mark.parametrize("damaged", [-1, -2, -3], ids=["newest", "the one before", "both"])
def test_damaged_ones_are_refused_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture, damaged: int) -> None:
    store = CheckpointStore(tmp_path, KEY)
    for n in range(1, 5):
        saved(store, n)
    for path in files(tmp_path)[-2:] if damaged == -3 else [files(tmp_path)[damaged]]:
        path.write_bytes(path.read_bytes()[:-3])
    with caplog.at_level(logging.WARNING):
        assert loaded(tmp_path) == {-1: 3, -2: 4, -3: 2}[damaged]
    assert len(caplog.records) == {-1: 1, -2: 0, -3: 2}[damaged]


@pytest.mark.parametrize("at", [0, 4, 5, 36, 37, 60, -1])
def test_one_altered_byte_is_noticed(tmp_path: Path, at: int) -> None:
    saved(CheckpointStore(tmp_path, KEY), 1)
    path = files(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert loaded(tmp_path) is None


@pytest.mark.parametrize("size", [0, 3, 5, 36, 37, 39, 60, 1000])
def test_truncated_is_noticed(tmp_path: Path, size: int) -> None:
    saved(CheckpointStore(tmp_path, KEY), 1)
    path = files(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:size])
    assert loaded(tmp_path) is None


@pytest.mark.parametrize("what", ["key", "identity", "partition", "version", "renamed"])
def test_foreign_ones_are_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str) -> None:
    store = CheckpointStore(tmp_path, b"another key" if what == "key" else KEY)
    store.save(taken(store, 1, identity="other settings" if what == "identity" else "abc"))
    path = files(tmp_path)[0]
    if what == "partition":
        (tmp_path / "network" / "2").mkdir()
        path = path.rename(tmp_path / "network" / "2" / path.name)
    if what == "version":
        path.write_bytes(b"WWCP\x01" + path.read_bytes()[5:])
    if what == "renamed":  # an old state under a new offset
        path.rename(path.with_name(path.name.replace(f"{1:020d}", f"{9:020d}")))
    with caplog.at_level(logging.WARNING):
        assert CheckpointStore(tmp_path, KEY).load("network", 2 if what == "partition" else 1, "abc") is None
    said = {"key": "another key", "identity": "other detectors", "partition": "another partition"}
    assert said.get(what, what) in caplog.text


@pytest.mark.parametrize("how", ["damaged", "missing", "another"])
def test_without_its_base_a_difference_is_refused_and_older_ones_are_tried(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    store = CheckpointStore(tmp_path, KEY)
    saved(store, 1)
    saved(store, 2)
    again = CheckpointStore(tmp_path, KEY)  # a worker that was started again writes a base of its own
    base = saved(again, 3)
    saved(again, 4)
    path = next(p for p in files(tmp_path) if p.name == base.name)
    if how == "damaged":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    if how == "another":
        path.write_bytes(files(tmp_path)[0].read_bytes())
    with caplog.at_level(logging.WARNING):
        assert loaded(tmp_path) == 2
    assert "its base" in caplog.text


def test_kept_are_five_and_one_more_that_rests_on_another_base(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, KEY)
    for n in (1, 2, 3):
        saved(store, n)
    store = CheckpointStore(tmp_path, KEY)
    names = [saved(store, n).name for n in range(10, 20)]
    offsets = [int(p.name.split(".")[0]) for p in files(tmp_path)]
    assert offsets == [1, 3, 10, *range(15, 20)]  # 3 with its base 1; 10 as the base of the newest five
    assert [p.name for p in files(tmp_path)][-KEEP:] == names[-KEEP:]
    newest = files(tmp_path)
    for path in newest[2:]:
        path.write_bytes(b"")
    assert loaded(tmp_path) == 3


def test_forged_names_do_not_push_out_the_good_ones(tmp_path: Path) -> None:
    saved(CheckpointStore(tmp_path, KEY), 1)
    for n in range(2 * KEEP):
        (tmp_path / "network" / "1" / f"{10**19 + n:020d}.{n:016x}.ckpt").write_bytes(b"forged")
    store = CheckpointStore(tmp_path, KEY)
    assert store.load(*WHERE, "abc") is not None
    for n in range(2, 9):
        saved(store, n)
    assert loaded(tmp_path) == 8
    assert len(files(tmp_path)) <= 2 * KEEP + 2


def test_a_wrong_key_does_not_cost_the_good_ones(tmp_path: Path) -> None:
    """Started once with another key, the worker begins afresh; with the right one again it finds its state."""
    store = CheckpointStore(tmp_path, KEY)
    for n in range(1, 4):
        saved(store, n)
    wrong = CheckpointStore(tmp_path, b"another key")
    assert wrong.load(*WHERE, "abc") is None
    for n in range(4, 12):
        saved(wrong, n)
    assert loaded(tmp_path) == 3


def test_a_topic_cannot_leave_the_folder(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, KEY)
    for topic in ("../elsewhere", "..", "a/b", ""):
        with pytest.raises(CheckpointError):
            store.load(topic, 0, "abc")
