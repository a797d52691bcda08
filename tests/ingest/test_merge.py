"""Merging files in event time: order, determinism, bounds, and which files of a folder are read."""

import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.ingest import merge
from pipeline.ingest.listing import list_files
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Parsed

times = st.lists(st.integers(0, 1000), max_size=40)


def row(ts: float, uid: str) -> str:
    return json.dumps({"_path": "conn", "ts": float(ts), "uid": uid, "id.orig_h": "10.0.0.1"}) + "\n"


def order(paths: list[Path]) -> list[tuple[float, str]]:
    found = []
    for result in read_paths(paths):
        assert isinstance(result, Parsed), result
        found.append((result.ts, json.loads(result.value)["uid"]))
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(times, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_sorted_files_merge_to_one_sorted_stream(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[int]], shuffler: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    expected = []
    numbers = list(range(len(files)))
    shuffler.shuffle(numbers)  # the order in which the disk holds them
    for number in numbers:
        rows = [(ts, f"{number}-{place}") for place, ts in enumerate(sorted(files[number]))]
        (folder / f"f{number}.log").write_text("".join(row(ts, uid) for ts, uid in rows))
        expected += [(ts, number, place, f"{number}-{place}") for place, (ts, _) in enumerate(rows)]
    assert order([folder]) == [(ts, uid) for ts, _, _, uid in sorted(expected)]
    assert order(sorted(folder.iterdir(), reverse=True)) == order([folder])


def test_nearly_sorted_files_are_put_right_and_a_wild_clock_holds_nobody_back(tmp_path: Path) -> None:
    a = [5, 3, 4, 1, 2, 4_000_000_000, *range(6, 3000, 2)]
    b = list(range(7, 3000, 2))
    (tmp_path / "a.log").write_text("".join(row(ts, "a") for ts in a))
    (tmp_path / "b.log").write_text("".join(row(ts, "b") for ts in b))
    found = [ts for ts, _ in order([tmp_path])]
    assert found == sorted(found)
    assert found[-1] == 4_000_000_000


def test_dead_letters_stand_where_they_stood(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(row(1, "a") + row(5, "a") + "rubbish\n" + row(9, "a"))
    (tmp_path / "b.log").write_text(row(2, "b") + row(6, "b"))
    found = [result.ts if isinstance(result, Parsed) else result.position for result in read_paths([tmp_path])]
    assert found == [1.0, 2.0, 5.0, "line 3", 6.0, 9.0]


def test_many_files_hold_few_descriptors(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.log").write_text(row(number, "first") + row(10_000 + number, "last"))
    held = Path("/proc/self/fd")
    before = len(os.listdir(held)) if held.is_dir() else 0  # other tests of this process may hold some
    most = before
    for count, _ in enumerate(read_paths([tmp_path])):
        if count % 50 == 0 and held.is_dir():
            most = max(most, len(os.listdir(held)))
    assert most - before < 64
    assert count == 599


def test_small_windows_of_many_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(merge, "TOTAL_RECORDS", 1)
    (tmp_path / "a.log").write_text("".join(row(ts, "a") for ts in (3, 1, 2, *range(4, 50))))
    assert [ts for ts, _ in order([tmp_path])] == [1, 2, *range(3, 50)]


def test_what_is_passed_over_in_folders(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for name in ("README.md", "LICENSE", ".hidden", "deep/er/conn.log", "deep/x.npz", ".git/conn.log"):
        (tmp_path / name).write_text(row(1, "x"))
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.log").symlink_to(tmp_path / "deep/er/conn.log")
    os.mkfifo(tmp_path / "pipe")
    listing = list_files([tmp_path])
    assert [path.name for path in listing.files] == ["conn.log", "link.log"]
    assert {path.name for path, _ in listing.skipped} == {
        "README.md",
        "LICENSE",
        ".hidden",
        "x.npz",
        ".git",
        "pipe",
    }
    assert list_files([tmp_path / "README.md"]).files == (tmp_path / "README.md",)


def test_a_missing_path_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_paths([tmp_path, tmp_path / "absent"])


def test_a_file_that_vanishes_is_a_dead_letter(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(row(1, "a"))
    (tmp_path / "b.log").write_text(row(2, "b"))
    results = read_paths([tmp_path])
    (tmp_path / "b.log").unlink()
    assert [isinstance(result, Parsed) for result in results].count(False) == 1
