"""The catalogue as people and programs read it."""

import json
import re
from html.parser import HTMLParser
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


class Tags(HTMLParser):
    """Tags that are opened and not closed, and links."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "html", "body", "img"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("html", "body") and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def test_every_detector_has_a_card(command: Command, tmp_path: Path) -> None:
    """Its page and what it did here, from a scan of one story; as Markdown and as pages that link each other."""
    scan = "network.port_scan"
    example = next(e for e in catalogue()[scan].examples() if e.fires)
    lines = [json.dumps({"format": "test", "event_id": f"e{i}", **d}) for i, d in enumerate(example.documents)]
    (tmp_path / "events.jsonl").write_text("\n".join(lines) + "\n")
    assert command("scan", tmp_path / "events.jsonl", "--db", tmp_path / "db").status == 0
    folder = tmp_path / "cards"
    ran = command("detectors", "--cards", folder, "--db", tmp_path / "db")
    assert ran.status == 0, ran.err
    written = {path.name for path in folder.iterdir()}
    assert {f"{name}.{kind}" for name in catalogue() for kind in ("md", "html")} <= written
    text = (folder / f"{scan}.md").read_text()
    for part in (
        "## What it misses", "## What it has seen", "of format test; model version", "| New | 1 | 7 | 1 |",
        "Nobody has judged one of its alerts yet", "## Drift", "## Limits", "| `ports` | `15` | `15` |",
        "It raised alerts from", "T1046 Network Service Discovery",
    ):  # fmt: skip
        assert part in text, part
    for path in folder.glob("*.html"):
        tags = Tags()
        tags.feed(path.read_text())
        assert not tags.open and not tags.wrong, path
        assert all(link in written or link.startswith("https://") for link in tags.links), path


def test_cards_without_a_database_say_so(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_URL", "http://127.0.0.1:1")
    ran = command("detectors", "--cards", tmp_path / "cards")
    assert ran.status == 0 and "cards without a record" in ran.err
    assert "No database was asked" in (tmp_path / "cards" / "ehr.vip.md").read_text()


@pytest.mark.parametrize("arguments", [["--db", "x"], ["--cards", "cards", "--db", "no-such-folder"]])
def test_cards_of_what_is_not_there(command: Command, arguments: list[str]) -> None:
    assert command("detectors", *arguments).status == 2
