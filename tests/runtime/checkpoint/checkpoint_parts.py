"""States for the tests of checkpoints, and a store that is filled with them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.runtime.checkpoint.snapshot import PAGE_BYTES, Arrays, Snapshot
from pipeline.runtime.checkpoint.store import CheckpointStore, Saved

KEY = b"a key of the tests"
WHERE = ("network", 1)


def small_state() -> dict[str, Arrays]:
    """Arrays of several types and shapes: empty ones, a scalar, one that is not contiguous, one with a tail page."""
    arrays = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": np.array([1, 2], np.uint64),
        "c": np.zeros(0, np.uint8),
        "d": np.array(3.5, np.float32),
        "e": np.arange(20, dtype=np.int16)[::2],
        "f": np.arange(PAGE_BYTES + 5, dtype=np.uint8),
        "g": np.array([True, False]),
        "h": np.zeros((0, 4)),
    }
    return {"0": {"x": arrays, "y": {}}, "4": {}}


def marked(n: int, pages: int = 8) -> dict[str, Arrays]:
    """A state of `pages` pages that tells which it is: the first page holds n, the others stay the same."""
    words = np.random.default_rng(0).integers(0, 2**63, pages * PAGE_BYTES // 8)
    words[0] = n
    return {"0": {"x": {"words": words}}}


def taken(
    store: CheckpointStore, next_offset: int, state: Mapping[str, Arrays] | None = None, identity: str = "abc"
) -> Snapshot:
    """A snapshot of `state`, by default one that is marked with the offset."""
    snapshot = store.snapshot(*WHERE, next_offset, identity)
    for group, arrays in (marked(next_offset) if state is None else state).items():
        snapshot.add(group, arrays)
    return snapshot


def saved(store: CheckpointStore, next_offset: int, state: Mapping[str, Arrays] | None = None) -> Saved:
    """The same, made durable."""
    return store.save(taken(store, next_offset, state))


def files(root: Path) -> list[Path]:
    """Checkpoints of the partition, oldest first."""
    return sorted((root / "network" / "1").glob("*.ckpt"))


def loaded(root: Path | str) -> int | None:
    """What a new worker finds: the offset, once its state was seen to be that offset's."""
    found = CheckpointStore(root, KEY).load(*WHERE, "abc")
    if found is None:
        return None
    expected = marked(found.next_offset)["0"]["x"]["words"]
    assert np.array_equal(found.state["0"]["x"]["words"], expected), "state and offset do not belong together"
    return found.next_offset
