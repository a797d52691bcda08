"""The benchmark runs and says what it promises; how fast is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.servers
def test_a_tiny_run_gives_the_three_figures(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.bench", "--events", "5000", "--warmup", "2000", "--rounds", "1",
            "--only", "worker", "engine", "plain_faust", "--json", str(file),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=220, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout)
    assert result == json.loads(file.read_text())
    assert set(result["candidates"]) == {"worker", "engine", "plain_faust"}
    assert all(c["events_per_s"] > 0 and c["events_per_cpu_s"] > 0 for c in result["candidates"].values())
    assert result["ratios"]["worker_over_plain_faust"] > 0
