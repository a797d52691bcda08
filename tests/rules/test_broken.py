"""Files that are no rules: each is told with its line, and the others run."""

import warnings
from pathlib import Path

import pytest

from pipeline.cli.main import run
from pipeline.errors import UsageError
from pipeline.rules.reading import read_rules
from pipeline.runtime.lists.rule_files import load_rules

GOOD = """title: good
logsource:
  category: process_creation
detection:
  s:
    Image: x.exe
  condition: s
"""
BROKEN = {
    "yaml": (GOOD.replace("  s:\n", "  s: [\n"), 6, "not YAML"),
    "tab": (GOOD.replace("  s:\n", "\ts:\n"), 5, "not YAML"),
    "modifier": (GOOD.replace("Image:", "Image|sideways:"), 6, "sideways"),
    "no detection": ("title: x\nlogsource:\n  category: process_creation\n", 1, "detection"),
    "no condition": (GOOD.replace("  condition: s\n", ""), 4, "condition"),
    "unknown name": (GOOD.replace("condition: s", "condition: s and t"), 7, "'t'"),
    "bad condition": (GOOD.replace("condition: s", "condition: s and and"), 7, ""),
    "no logsource": (GOOD.replace("logsource:\n  category: process_creation\n", ""), 1, ""),
    "level": (GOOD + "level: awful\n", 8, "awful"),
    "regex": (GOOD.replace("Image: x.exe", "Image|re: '('"), 6, ""),
    "repeated": (GOOD.replace("Image: x.exe", "Image|re: 'a{99999999999}'"), 1, "form"),
    "correlation": ("title: c\ncorrelation:\n  type: event_count\n  rules: [a]\n  condition: x\n", 5, "form"),
    "list": ("- a\n- b\n", 1, "mapping"),
    "text": ("hello", 1, "mapping"),
    "empty": ("", 1, "no rule"),
    "comment": ("# nothing\n", 1, "no rule"),
    "second": (GOOD + "---\n" + GOOD.replace("title: good", "title: other").replace("Image:", "Image|no:"), 14, "no"),
    "off": (GOOD.replace("  s:", "  off:").replace("condition: s", "condition: 1 of them"), 1, "form"),
    "scalar detection": (GOOD.replace("detection:\n  s:\n    Image: x.exe\n  condition: s\n", "detection: x\n"), 4, ""),
    "bomb": ("a: &a [x]\n" + "b: [" + ", ".join(["*a"] * 200) + "]\n", 1, "aliases"),
    "deep": ("[" * 5000, 1, ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_text_names_its_line(name: str) -> None:
    text, line, word = BROKEN[name]
    rules = read_rules([("bad.yml", text), ("good.yml", GOOD.replace("title: good", "title: fine"))])
    broken = [p for p in rules.problems if p.broken]
    assert [r.about.title for r in rules.rules][-1] == "fine"
    assert len(broken) == 1 and broken[0].path == "bad.yml" and word in broken[0].reason
    assert abs(broken[0].line - line) <= 1 and str(broken[0]).startswith("bad.yml:")


UNSUPPORTED = {
    "pipe": (GOOD.replace("condition: s", "condition: s | count() > 5"), "pipe"),
    "placeholder": (GOOD.replace("Image: x.exe", "Image|expand: '%servers%'"), "%servers%"),
    "cloud": (GOOD.replace("category: process_creation", "product: aws"), "aws"),
    "look-around": (GOOD.replace("Image: x.exe", "Image|re: '(?!a)b'"), "regular expression"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_unsupported_is_told_with_the_reason(name: str) -> None:
    text, word = UNSUPPORTED[name]
    rules = read_rules([("r.yml", text)])
    assert not rules.rules and not rules.problems[0].broken and word in rules.problems[0].reason


def test_what_an_expression_may_mean_one_day_is_not_told() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rules = read_rules([("r.yml", GOOD.replace("Image: x.exe", "Image|re: 'a[[b]c'"))])
    assert len(rules) == 1 and not rules.problems


def test_duplicates_run_once() -> None:
    rules = read_rules([("a.yml", GOOD), ("b.yml", GOOD)])
    assert len(rules) == 1 and "a.yml" in rules.problems[0].reason


def test_folders_links_and_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yml").mkdir()
    (tmp_path / "a.yml" / "b.yaml").write_text(GOOD)
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "gone.yml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "notes.txt").write_text("no rule")
    rules = load_rules([tmp_path])
    assert len(rules) == 1 and len(rules.problems) == 2
    assert run(["rules", str(tmp_path)]) == 1
    assert "binary.yml:1: not text" in capsys.readouterr().out
    assert run(["rules", "--json", str(tmp_path / "a.yml")]) == 0
    with pytest.raises(UsageError):
        load_rules([tmp_path / "missing"])
