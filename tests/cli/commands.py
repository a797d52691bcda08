"""Runs the real command in a process of its own, as a user would."""

import atexit
import functools
import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_LIMIT_S = 120.0
_AT_START = ("PYTHON", "LC_", "LANG", "NUMBA_")
"""Settings that an interpreter reads when it starts."""


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
    """Run `wardwatch …` to its end, within two minutes; forked from a process that is loaded (`ready`) where it can."""
    if _of_the_start(env) != _of_the_start(os.environ):
        done = subprocess.run(
            [sys.executable, "-m", "pipeline.cli", *arguments],
            env=env, input=stdin, capture_output=True, timeout=_LIMIT_S, cwd=cwd, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("in", "out", "err")]
        for file, content in zip(files, (stdin, b"", b""), strict=True):
            file.write_bytes(content)
        job = {"arguments": arguments, "env": env, "cwd": cwd and str(cwd), "files": [str(f) for f in files]}
        status = _ask(job)
        return Ran(status, *(f.read_text("utf-8") for f in files[1:]))


def one_line(ran: Ran) -> bool:
    """Whether stderr is a single line that names the program: no traceback."""
    return ran.err.startswith("wardwatch: ") and len(ran.err.strip().splitlines()) == 1


def _of_the_start(env: "os._Environ[str] | dict[str, str]") -> dict[str, str]:
    return {k: v for k, v in env.items() if k.startswith(_AT_START)}


def _ask(job: dict[str, object]) -> int:
    process = _ready()
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(job).encode() + b"\n")
    process.stdin.flush()
    answered, _, _ = select.select([process.stdout], [], [], _LIMIT_S)
    answer = process.stdout.readline() if answered else b""
    if not answer:
        _end(process)
        _ready.cache_clear()
        raise TimeoutError(f"no end of {job['arguments']} within {_LIMIT_S:g} s")
    return int(answer)


@functools.cache
def _ready() -> "subprocess.Popen[bytes]":
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.ready"], env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    atexit.register(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
