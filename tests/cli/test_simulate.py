"""The simulator's events as files, and back through the reader."""

from collections import Counter
from pathlib import Path

import orjson
import pytest
from cli.running import Command, started

from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Parsed
from pipeline.simulator.playbill import story_kinds

SMALL = ("--seconds", "60", "--rate", "20")


def counts(path: Path) -> Counter[str]:
    results = list(read_paths([path]))
    assert all(isinstance(result, Parsed) for result in results)
    return Counter(result.source for result in results if isinstance(result, Parsed))


def test_a_folder_gets_a_file_a_topic_and_labels_tell_the_truth(command: Command, tmp_path: Path) -> None:
    ran = command("simulate", *SMALL, "--out", tmp_path / "sim", "--labels", tmp_path / "labels.jsonl")
    assert (ran.status, ran.out) == (0, "")
    assert {p.stem for p in (tmp_path / "sim").iterdir()} == set(counts(tmp_path / "sim"))
    labels = [orjson.loads(line) for line in (tmp_path / "labels.jsonl").read_bytes().splitlines()]
    assert {label["kind"] for label in labels} >= set(story_kinds())


def test_one_file_and_standard_output_are_the_same_for_a_seed(command: Command, tmp_path: Path) -> None:
    arguments = (*SMALL, "--stories", "port_scan:easy, ransomware")
    assert command("simulate", *arguments, "--out", tmp_path / "all.jsonl").status == 0
    ran = command("simulate", *arguments)
    assert ran.out.encode() == (tmp_path / "all.jsonl").read_bytes()
    assert "2 stories" in ran.err
    assert counts(tmp_path / "all.jsonl").total() == len(ran.out.splitlines())
    assert command("simulate", *arguments, "--seed", 8).out != ran.out


def test_the_stories_are_listed(command: Command) -> None:
    assert [line.split()[0] for line in command("simulate", "--list-stories").out.splitlines()] == sorted(story_kinds())


def test_a_closed_pipe_ends_it_quietly() -> None:
    process = started("simulate", "--seconds", "300", "--stories", "")
    assert process.stdout is not None and process.stderr is not None and process.stdin is not None
    assert process.stdout.readline().startswith(b'{"source":')
    process.stdout.close()
    process.wait(60)
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


def test_a_full_disk_is_one_line(command: Command) -> None:
    ran = command("simulate", "--seconds", "60", "--out", "/dev/full")
    assert ran.status == 1 and ran.error == "wardwatch: No space left on device"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--seconds", "1"),
        ("--seconds", "nan"),
        ("--rate", "0"),
        ("--rate", "nan"),
        ("--rate", "1e12"),
        ("--seed", "-1"),
        ("--start", "yesterday"),
        ("--stories", "picnic"),
        ("--stories", "ransomware:brutal"),
        ("--out", "/proc/nosuch/x.jsonl"),
        ("--out", "/dev/null/x/"),
        ("more",),
    ],
)
def test_wrong_usage_is_one_line(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command("simulate", *arguments)
    assert ran.status == 2
    assert ran.error
