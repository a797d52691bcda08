"""Whether kernels have been compiled: what importing compiles does not count, or nobody would compile the rest."""

import os
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import pipeline.cli.warm_up, pipeline.runtime.line
from pipeline import kernel_cache
print(kernel_cache.is_empty())
"""


def _asked(folder: Path) -> str:
    env = os.environ | {"NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_leaves_it_empty_and_work_does_not(tmp_path: Path) -> None:
    assert _asked(tmp_path) == "True"
    compiled = tmp_path / "network_0"
    compiled.mkdir()
    for number in range(100):
        (compiled / f"kernel{number}.nbi").touch()
    assert _asked(tmp_path) == "False"
