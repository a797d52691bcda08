"""Runs the real command in a child process, as a user would."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """The user's environment without settings of ours, but with its own data folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WARDWATCH_")}
    return kept | {"WARDWATCH_DATA_DIR": str(data_dir)} | more


def wardwatch(*arguments: str, env: dict[str, str], stdin: bytes = b"", cwd: Path | None = None) -> Ran:
    """Run `wardwatch …` to its end, within two minutes."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments],
        env=env, input=stdin, capture_output=True, timeout=120, cwd=cwd, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def one_line(ran: Ran) -> bool:
    """Whether stderr is a single line that names the program: no traceback."""
    return ran.err.startswith("wardwatch: ") and len(ran.err.strip().splitlines()) == 1
