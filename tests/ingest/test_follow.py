"""Following real files: appending, rotation, truncation, folders, and lines that are not finished yet."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue

import pytest

from pipeline.errors import UsageError
from pipeline.ingest.follow import FollowOptions, follow
from pipeline.ingest.reader import Parsed, read_path

Next = Callable[[], str]
WAIT_S = 20.0


def row(uid: str) -> str:
    return json.dumps({"_path": "conn", "ts": 1.0, "uid": uid, "id.orig_h": "10.0.0.1"}) + "\n"


@contextmanager
def following(path: Path, field: str = "uid", **options: object) -> Iterator[Next]:
    """Runs `follow` beside the test; the function gives the uid or `field` (or the reason) of the next result."""
    stop, results = threading.Event(), Queue[str]()

    followed = follow(path, stop.is_set, FollowOptions(poll_s=0.01, **options))  # type: ignore[arg-type]

    def run() -> None:
        for result in followed:
            results.put(json.loads(result.value)[field] if isinstance(result, Parsed) else result.reason)

    runner = threading.Thread(target=run)
    runner.start()
    try:
        yield lambda: results.get(timeout=WAIT_S)
    finally:
        stop.set()
        runner.join(WAIT_S)
        assert not runner.is_alive()
        assert results.empty()


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_only_what_is_appended_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    path.write_text(row("old"))
    with following(path) as following_one:
        append(path, row("a") + row("b")[:20])
        assert following_one() == "a"
        append(path, row("b")[20:] + "rubbish\n")
        assert following_one() == "b"
        assert following_one() == "the record is not valid JSON"


def test_from_the_start_and_before_the_file_exists(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    with following(path, from_start=True) as following_one:
        path.write_text(row("a"))
        assert following_one() == "a"


def test_rotation_by_rename(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    path.write_text(row("a"))
    with following(path, from_start=True) as following_one:
        assert following_one() == "a"
        append(path, row("b") + row("c").rstrip("\n"))
        path.rename(tmp_path / "conn.log.1")
        path.write_text(row("d"))
        assert [following_one() for _ in range(3)] == ["b", "c", "d"]


def test_rotation_by_truncation(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    path.write_text(row("a") * 3)
    with following(path, from_start=True) as following_one:
        assert [following_one() for _ in range(3)] == ["a"] * 3
        path.write_text(row("b"))
        assert following_one() == "b"


def test_headers_of_what_was_there_still_count(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    path.write_text("#separator \\x09\n#path\tconn\n#fields\tts\tuid\n#types\ttime\tstring\n1.0\told\n")
    with following(path) as following_one:
        append(path, "2.0\tnew\n")
        assert following_one() == "new"


def test_a_folder_with_new_and_rotated_files(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(row("old"))
    with following(tmp_path) as following_one:
        append(tmp_path / "a.log", row("a"))
        assert following_one() == "a"
        (tmp_path / "b.log").write_text(row("b"))
        assert following_one() == "b"
        (tmp_path / "old.log.gz").write_bytes(b"\x1f\x8b\x08")
        (tmp_path / "a.log").rename(tmp_path / "a.log.1")
        (tmp_path / "a.log").write_text(row("c"))
        assert following_one() == "c"


def test_wrong_options_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        follow(tmp_path, lambda: True, FollowOptions(format="nonsense"))


DROP = "2026-03-27T13:06:{:02d}+00:00 gw kernel: DROP IN=eth0 SRC=10.0.0.9 DST=10.0.0.1\n"


def test_identical_lines_keep_their_ids_when_following_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "gw.log"
    path.write_text(DROP.format(1) * 2)
    with following(path, "event_id", from_start=True) as following_one:
        first = [following_one() for _ in range(2)]
    with following(path, "event_id") as following_one:
        append(path, DROP.format(1) * 2)
        later = [following_one() for _ in range(2)]
    assert len({*first, *later}) == 4
    read = [json.loads(r.value)["event_id"] for r in read_path(path) if isinstance(r, Parsed)]
    assert read == first + later


def test_identical_lines_on_both_sides_of_a_rotation_are_events_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "gw.log"
    path.write_text(DROP.format(1) + DROP.format(2) * 2)
    with following(path, "event_id", from_start=True) as following_one:
        ids = [following_one() for _ in range(3)]
        path.rename(tmp_path / "gw.log.1")
        path.write_text(DROP.format(2) + DROP.format(3))
        ids += [following_one() for _ in range(2)]
    assert len(set(ids)) == 5


def test_times_without_a_year_are_not_ahead_of_the_last_write(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_text("Dec 31 10:00:00 ward-1 a: x\nFeb 28 10:00:00 ward-1 a: y\n")
    written = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
    os.utime(path, (written, written))
    with following(path, "ts", from_start=True) as following_one:
        found = [datetime.fromtimestamp(float(following_one()), UTC) for _ in range(2)]
    assert [(ts.year, ts.month) for ts in found] == [(2024, 12), (2025, 2)]
