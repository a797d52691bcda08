"""Checkpoints in a local folder: whole or not at all, also when the disk is full or must not be written."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import CheckpointError, ConfigError
from pipeline.runtime.checkpoint.folder import LocalFolder
from pipeline.runtime.checkpoint.store import CheckpointStore
from runtime.checkpoint.checkpoint_parts import KEY, WHERE, files, loaded, marked, saved, taken

DISK_BYTES = 4 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_recovers_by_itself(disk: Path) -> None:
    store = CheckpointStore(disk / "checkpoints", KEY)
    saved(store, 1)
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    ballast.write_bytes(bytes((free.f_bavail - 4) * free.f_bsize))
    for n in (2, 3):
        with pytest.raises(CheckpointError, match="No space left"):
            saved(store, n)
    assert not list(disk.rglob("*.part"))
    assert loaded(disk / "checkpoints") == 1
    ballast.unlink()
    saved(store, 4)
    assert loaded(disk / "checkpoints") == 4


def test_a_state_larger_than_the_disk_leaves_the_last_one(disk: Path) -> None:
    store = CheckpointStore(disk / "checkpoints", KEY)
    saved(store, 1)
    with pytest.raises(CheckpointError, match="No space left"):
        saved(store, 2, marked(2, pages=2 * DISK_BYTES >> 16))
    saved(store, 3)
    assert loaded(disk / "checkpoints") == 3


def test_a_folder_that_must_not_be_written_is_told_and_recovers(disk: Path) -> None:
    store = CheckpointStore(disk / "checkpoints", KEY)
    saved(store, 1)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(CheckpointError, match="Read-only"):
        saved(store, 2)
    assert loaded(disk / "checkpoints") == 1
    with pytest.raises(ConfigError, match="WARDWATCH_CHECKPOINTS"):
        CheckpointStore(disk / "elsewhere", KEY)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    saved(store, 3)
    assert loaded(disk / "checkpoints") == 3


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "network").write_text("a file is in the way")
    with pytest.raises(CheckpointError, match="cannot be written"):
        saved(CheckpointStore(tmp_path, KEY), 1)
    with pytest.raises(ConfigError, match="cannot be used"):
        CheckpointStore(tmp_path / "network", KEY)


def test_a_folder_that_was_removed_meanwhile(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path / "c", KEY)
    saved(store, 1)
    for path in files(tmp_path / "c"):
        path.unlink()
    (tmp_path / "c" / "network" / "1").rmdir()
    with pytest.raises(CheckpointError, match="next one is whole"):
        saved(store, 2)
    saved(store, 3)
    assert loaded(tmp_path / "c") == 3


def test_owner_only(tmp_path: Path) -> None:
    root = tmp_path / "checkpoints"
    saved(CheckpointStore(root, KEY), 1)
    for path in (root, root / "network", root / "network" / "1"):
        assert path.stat().st_mode & 0o777 == 0o700
    assert files(root)[0].stat().st_mode & 0o777 == 0o600


def test_torn_writes_are_cleared_after_an_hour(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, KEY)
    saved(store, 1)
    torn, young = (files(tmp_path)[0].parent / name for name in ("torn.part", "young.part"))
    for path in (torn, young):
        path.write_bytes(b"half")
    os.utime(torn, (0, 0))
    saved(store, 2)
    assert not torn.exists()
    assert young.exists()


def test_a_missing_file_and_a_missing_folder(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    assert folder.names("network/1") == []
    folder.remove("network/1/none.ckpt")
    with pytest.raises(CheckpointError, match="cannot be read"):
        folder.read("network/1/none.ckpt")
    assert CheckpointStore(tmp_path, KEY).load(*WHERE, "abc") is None


def test_a_snapshot_is_not_touched_by_what_follows(tmp_path: Path) -> None:
    """Arrays may change as soon as they were added; the memory of saved ones is used again."""
    store = CheckpointStore(tmp_path, KEY)
    state = marked(1)
    first = taken(store, 1, state)
    state["0"]["x"]["words"][:] = 0
    second = taken(store, 2)
    store.save(first)
    third = taken(store, 3)
    assert loaded(tmp_path) == 1
    store.save(third)
    assert loaded(tmp_path) == 3
    store.save(second)
    assert loaded(tmp_path) == 3
