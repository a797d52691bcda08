"""The quality benchmark's frame: parts keep its contract, absent data is said, tables hold what was measured."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import __main__ as quality
from benchmarks.quality.measures import average_precision, roc_auc
from benchmarks.quality.options import Options
from benchmarks.quality.part import Part, find_parts


def _needs_data(options: Options) -> list[dict[str, object]]:
    return [{"rows": len(options.path("some", "set.csv").read_text())}]


def _measured(options: Options) -> list[dict[str, object]]:
    return [{"set": "a|b", "AUC": 0.98765, "seeds": options.seeds}, {"set": "c", "us": 12.0}]


@pytest.fixture
def two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "one": Part("one", "First", "as told", _needs_data, None),
        "two": Part("two", "Second", "as told", _measured, None),
    }
    monkeypatch.setattr(quality, "find_parts", lambda: found)


@pytest.mark.usefixtures("two_parts")
def test_a_part_without_its_data_is_named_and_the_others_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quality.main(["--data", str(tmp_path / "none"), "--out", str(tmp_path / "out"), "--seeds", "2"])
    text = capsys.readouterr().out
    assert "Skipped: some/set.csv is not in the data folder." in text
    assert "| a\\|b | 0.9877 | 2 |  |" in text and "| c |  |  | 12.0 |" in text
    assert (tmp_path / "out" / "quality.md").read_text() in text
    written = json.loads((tmp_path / "out" / "quality.json").read_text())["parts"]
    assert written["one"]["rows"] == [] and written["two"]["rows"][0]["AUC"] == 0.98765


@pytest.mark.usefixtures("two_parts")
def test_only_the_parts_named_are_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [p.name for p, _, _ in quality.main(["two"]).sections] == ["two"]
    with pytest.raises(SystemExit):
        quality.main(["three"])
    assert "no part 'three'" in capsys.readouterr().err


def test_every_part_says_what_it_measures() -> None:
    for name, part in find_parts().items():
        assert part.title and len(part.protocol) > 40, name
        assert callable(part.run)


def test_measures_agree_with_their_definitions() -> None:
    y = np.array([0, 0, 1, 0, 1, 1], dtype=bool)
    assert roc_auc(y, np.array([1, 2, 3, 4, 5, 6.0])) == pytest.approx(8 / 9)
    assert roc_auc(y, np.zeros(6)) == 0.5 and average_precision(y, np.zeros(6)) == 0.5
    assert average_precision(y, np.array([1, 2, 3, 4, 5, 6.0])) == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert roc_auc(y, np.array([1, 2, np.nan, 4, 5, 6.0])) == pytest.approx(6 / 9)
