"""The catalogue as people and programs read it."""

import re
from pathlib import Path

import orjson
import pytest
from cli.running import Command

from pipeline.cli.detector_page import COLUMNS, told_story
from pipeline.detectors.catalogue import catalogue


def test_every_detector_has_a_row(command: Command) -> None:
    ran = command("detectors")
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert tuple(rows[0]) == COLUMNS
    assert [row[0] for row in rows[1:]] == list(catalogue())
    assert all(len(row) == len(COLUMNS) and all(row) for row in rows)


def test_json_tells_everything(command: Command) -> None:
    documents = orjson.loads(command("detectors", "--json").out)
    assert [d["id"] for d in documents] == list(catalogue())
    assert all((d["threshold"] is None) != (d["alerts_per_day"] is None) for d in documents)
    one = orjson.loads(command("detectors", "network.port_scan", "--json").out)
    assert one == next(d for d in documents if d["id"] == "network.port_scan")
    assert one["options"]["ports"] == catalogue()["network.port_scan"].defaults["ports"]


@pytest.mark.parametrize("name", catalogue())
def test_one_detector_tells_its_story(command: Command, name: str) -> None:
    cls = catalogue()[name]
    out = command("detectors", name).out
    assert cls.title in out
    assert all(option in out for option in cls.defaults)
    words = out.split()
    for example in cls.examples():
        assert " ".join(example.name.split()) in " ".join(words)
    told = told_story(cls)
    assert told is not None
    assert " ".join(told[1].message.split()[:6]) in " ".join(words)


def test_an_unknown_one_is_one_line(command: Command) -> None:
    ran = command("detectors", "portscan")
    assert ran.status == 2
    assert "did you mean network.port_scan" in ran.error
    assert "wardwatch detectors lists them" in command("detectors", "zzz\x1b").error


def test_every_detector_has_a_page(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    assert command("detectors", "--pages", str(folder)).status == 0
    index = (folder / "index.md").read_text()
    linked = re.findall(r"\]\((.+?)\.md\)", index)
    assert sorted(linked) == sorted(catalogue()) == sorted(p.stem for p in folder.iterdir() if p.stem != "index")
    for name, cls in catalogue().items():
        text = (folder / f"{name}.md").read_text()
        told = told_story(cls)
        assert told is not None
        assert f"> {' '.join(told[1].message.split())}" in text
        assert all(f"`{option}`" in text for option in cls.defaults)
        assert all(a in text for a in cls.attacks)


def test_pages_need_a_folder(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ran = command("detectors", "--pages", str(tmp_path / "file"))
    assert ran.status == 2
    assert "choose a folder" in ran.error
