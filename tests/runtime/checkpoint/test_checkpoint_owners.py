"""Two workers that both take themselves for the owner: one was stopped by a signal and goes on later."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CheckpointError
from pipeline.runtime.checkpoint.name import KEEP, CheckpointName, surplus
from pipeline.runtime.checkpoint.store import CheckpointStore
from runtime.checkpoint.checkpoint_parts import KEY, WHERE, files, loaded, saved, taken

PLACES = ["local", "memory"]


def place(kind: str, folder: Path) -> Path | str:
    """A local folder or one in memory, empty."""
    return folder if kind == "local" else f"memory://{folder.name}"


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("whole", [True, False], ids=["base", "difference"])
def test_what_a_stopped_worker_writes_late_is_no_newer(tmp_path: Path, kind: str, whole: bool) -> None:
    """Its snapshot was taken before it was stopped; the new owner has gone on since, and writes still."""
    url = place(kind, tmp_path)
    old, new = CheckpointStore(url, KEY), CheckpointStore(url, KEY)
    if not whole:
        saved(old, 10)
    late = taken(old, 20)
    assert (late.base is None) is whole
    new.load(*WHERE, "abc")
    saved(new, 30)
    saved(new, 40)
    old.save(late)
    assert loaded(url) == 40
    saved(new, 50)
    assert loaded(url) == 50


@pytest.mark.parametrize("kind", PLACES)
def test_both_write_the_same_offset(tmp_path: Path, kind: str) -> None:
    """Each has its own file, so neither takes the base away that the other's differences need."""
    url = place(kind, tmp_path)
    one, two = CheckpointStore(url, KEY), CheckpointStore(url, KEY)
    saved(one, 10)
    saved(two, 9)
    for n in range(11, 30):
        saved(one, n)
        saved(two, n)
        assert loaded(url) == n


def test_a_late_difference_whose_base_is_gone_is_told_and_not_used(tmp_path: Path) -> None:
    old, new = CheckpointStore(tmp_path, KEY), CheckpointStore(tmp_path, KEY)
    saved(old, 10)
    late = taken(old, 11)
    for n in range(20, 30):
        saved(new, n)
        new._bases.clear()  # a new base each time: nothing holds the old one
    with pytest.raises(CheckpointError, match="removed by another"):
        old.save(late)
    assert loaded(tmp_path) == 29
    assert saved(old, 12).whole
    assert loaded(tmp_path) == 29


def test_a_part_of_another_writer_stays(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, KEY)
    saved(store, 1)
    part = files(tmp_path)[0].parent / "other.part"
    part.write_bytes(b"half")
    saved(store, 2)
    assert part.exists()


_uids = st.text("0123456789abcdef", min_size=16, max_size=16)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_what_is_kept_can_be_used(data: st.DataObject) -> None:
    """Whatever lies there: the newest five usable ones stay with their bases, and so does what was written now."""
    bases = [CheckpointName(data.draw(st.integers(0, 50)), uid) for uid in data.draw(st.sets(_uids, min_size=1))]
    rests = data.draw(
        st.lists(st.tuples(st.integers(0, 60), _uids, st.sampled_from([b.uid for b in bases] + ["f" * 16])))
    )
    names = {n.uid: n for n in [*bases, *(CheckpointName(*r) for r in rests)]}.values()
    refused = set(data.draw(st.lists(st.sampled_from(list(names)))))
    written = data.draw(st.sampled_from([n for n in names if not n.base] or [bases[0]]))
    left = set(names) - set(surplus(names, refused, written))
    whole = {n.uid for n in names if not n.base and n not in refused}
    usable = sorted((n for n in names if n not in refused and (n.base or n.uid) in whole), reverse=True)
    assert set(usable[:KEEP]) | {written} <= left
    here = {n.uid for n in left}
    assert all(n.base in here for n in left & set(usable) if n.base)
    spread = {n.base or n.uid for n in usable}
    if len(usable) and len(spread) > 1:
        assert len({n.base or n.uid for n in left & set(usable)}) > 1, "all would go with one base"
    assert len(left) <= 4 * KEEP + 4
    assert all(CheckpointName.parse(str(n)) == n for n in names)
