"""The command `evaluate`, as people and programs run it."""

import contextlib
import signal
import subprocess
from pathlib import Path

import numpy as np
import orjson
import pytest
from cli.running import Command, started

from pipeline.models.metrics import roc_auc

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rng = np.random.default_rng(4)
    bad = rng.random(700) < 0.1
    lines = ["v,w,proto,attack_cat,label"]
    for b in bad:
        numbers = f"{rng.lognormal(3 + 3 * b, 1):.2f},{rng.random():.3f}"
        lines.append(f"{numbers},{rng.choice(['tcp', 'udp'])},{'DoS' if b else ''},{int(b)}")
    path = tmp_path / "flows.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_people_read_a_table(command: Command, labelled: Path) -> None:
    ran = command("evaluate", labelled, "--label", "label")
    assert (ran.status, ran.err) == (0, "")
    assert "'0' taken as benign" in ran.out and "attack_cat: it is a second label" in ran.out
    assert "ROC AUC" in ran.out and "µs an event" in ran.out and "1% of rows" in ran.out


def test_programs_read_json(command: Command, labelled: Path) -> None:
    found = orjson.loads(command("evaluate", labelled, "--label", "LABEL", "--warmup", "300", "--json").out)
    assert (found["rows"], found["rows_counted"], found["warmup"]) == (700, 400, 300)
    assert found["auc"] > 0.8 and set(found["columns"]["numeric"]) == {"v", "w"}
    assert found["columns"]["dropped"].keys() == {"label", "attack_cat"} and found["label"]["benign"] == ["0"]


def test_plots_and_page_are_written(command: Command, labelled: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "new" / "report"
    ran = command("evaluate", labelled, "--label", "label", "--drop", "w,proto", "--budget", "5", "--out", out)
    assert ran.status == 0
    for name in ("roc.png", "precision_recall.png", "score_over_time.png"):
        content = (out / name).read_bytes()
        assert content.startswith(PNG) and len(content) > 8_000
    page = (out / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 3 and "86,400 rows" in page and "asked for" in page
    table = np.genfromtxt(out / "scores.csv", delimiter=",", names=True)
    assert len(table) == 700 and np.nanmin(table["score"]) >= 0 and table["counts"].sum() > 400
    assert orjson.loads((out / "evaluation.json").read_bytes())["columns"]["dropped"]["w"] == "asked for (--drop)"


def test_peers_run_on_the_same_rows(command: Command, labelled: Path) -> None:
    ran = command("evaluate", labelled, "--label", "label", "--compare", "--compare-rows", "350")
    assert ran.status == 0 and "on the same 350 rows" in ran.out
    for model in ("HalfSpaceTrees 10×8", "HalfSpaceTrees 25×10", "LODA", "OneClassSVM", "no model"):
        assert model in ran.out


def test_what_labels_would_bring(command: Command, labelled: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    call = ("evaluate", labelled, "--label", "label", "--labels", "20")
    assert "rows late (SemiSupervisedForest)" in command(*call).out
    ran = command(*call, "--json", "--out", tmp_path / "out")
    found = orjson.loads(ran.out)
    taught = found["with_labels"]
    assert (taught["late_rows"], taught["model"]) == (70, "SemiSupervisedForest")
    assert 80 < taught["benign_labels"] + taught["attack_labels"] < 170 and taught["auc"] > 0.8
    table = np.genfromtxt(tmp_path / "out" / "scores.csv", delimiter=",", names=True)
    counted = table["counts"] == 1
    assert taught["auc"] == roc_auc(table["attack"][counted], table["with_labels"][counted])
    assert "rows late" in (tmp_path / "out" / "report.html").read_text()
    assert orjson.loads(command(*call[:4], "--json").out)["with_labels"] is None
    assert "0<x<=100" in command(*call[:4], "--labels", "0").error


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (b"", ["--label", "x"], "empty"),
        (b"a,b\n1,2\n", ["--label", "c"], "no column is called 'c'"),
        (b"a,label\n" + b"1,0\n" * 9, ["--label", "lable"], "did you mean label"),
        (b"a,label\n" + b"1,0\n" * 9, ["--label", "label"], "benign rows only"),
        (b"a,label\n1,0\n2\n", ["--label", "label"], "line 3 has 1 cells"),
        (b"a,label\n1,x\n2,y\n", ["--label", "label"], "unclear"),
        (b"a,label\n1,x\n2,y\n", ["--label", "label", "--drop", "zz"], "--benign"),
        (b"\x00\x01\x02" * 99, ["--label", "label"], "binary"),
    ],
)
def test_what_cannot_be_is_one_line(
    command: Command, tmp_path: Path, content: bytes, arguments: list[str], said: str
) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    ran = command("evaluate", tmp_path / "f.csv", *arguments)
    assert ran.status == 2 and said in ran.error


def test_a_folder_and_nothing(command: Command, tmp_path: Path) -> None:
    assert "is a folder" in command("evaluate", tmp_path, "--label", "x").error
    assert "cannot read" in command("evaluate", tmp_path / "none", "--label", "x").error


def test_ctrl_c_is_clean(tmp_path: Path) -> None:
    """A stream that never ends: interrupted while reading."""
    process = started("evaluate", "-", "--label", "label")
    assert process.stdin is not None
    # More than a pipe holds: when all is written, the command is reading.
    process.stdin.write(b"a,label\n" + b"1,0\n" * 300_000)
    process.stdin.flush()
    for _ in range(3):  # a library may swallow the first, as a user's Ctrl-C: they press again
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
            break
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"wardwatch: interrupted\n")
