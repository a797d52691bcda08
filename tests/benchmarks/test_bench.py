"""The benchmark runs against real servers and its figures are well formed; how large they are is no test's matter."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EVENTS = 2000


def run_module(name: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.servers
@pytest.mark.long
def test_worker_engine_and_plain_program_in_one_run(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    found = run_module(
        "bench",
        "--events",
        str(EVENTS),
        "--rounds",
        "1",
        "--json",
        str(file),
        "--only",
        "worker",
        "engine",
        "plain_faust",
    )
    assert json.loads(file.read_text()) == found
    assert set(found) == {"machine", "protocol", "candidates", "ratios"}
    for name in ("worker", "engine", "plain_faust"):
        candidate = found["candidates"][name]
        assert candidate["events_per_s"] > 0
        assert candidate["events_per_cpu_s"] > 0
        assert [r["events"] for r in candidate["rounds"]] == [EVENTS]
    assert {"worker_over_plain_faust", "engine_over_plain_faust"} <= set(found["ratios"])
    assert found["machine"]["candidate_on_core"] in os.sched_getaffinity(0)


def test_corpus_survives_its_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from benchmarks.corpus import Corpus, simulate\n"
        "made = simulate(300); made.save(Path(sys.argv[1])); read = Corpus.load(Path(sys.argv[1]))\n"
        "assert read == made and len(set(made.values)) == 300 and made.part(10, 20).values == made.values[10:20]"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "c.npz")], cwd=ROOT, check=True, timeout=60)


def test_medians_and_ratios() -> None:
    code = (
        "from benchmarks.bench import ratios, summary\n"
        "rounds = [{'events': 100, 'wall_s': w, 'cpu_s': 1.0} for w in (1.0, 2.0, 4.0)]\n"
        "mine, plain = summary(rounds), summary([{'events': 10, 'wall_s': 1.0, 'cpu_s': 0.5}])\n"
        "assert (mine['events_per_s'], mine['us_per_event'], plain['events_per_cpu_s']) == (50, 1e4, 20)\n"
        "found = ratios({'worker': mine, 'plain_faust': plain, 'decode': plain})\n"
        "assert found['worker_over_plain_faust'] == 5.0 == found['worker_over_slowest_limit_cpu'] == 5.0\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
