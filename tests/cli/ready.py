"""A process in which everything is loaded: each command runs in a child that it forks, without the seconds of a start.

    python -m cli.ready

A line of JSON on stdin asks for one (arguments, env, cwd, and files to be its stdin, stdout and stderr); a line on
stdout gives its exit status. The database engine is not loaded before the fork, as its threads would not survive it.
"""

import io
import json
import os
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.cli.entry import main
from pipeline.cli.main import run

_SAMPLES = {
    "auth.log": "2023-11-14T22:10:00+00:00 gw sshd[7]: Failed password for root from 198.18.0.9 port 22 ssh2\n",
    "conn.log": '{"_path": "conn", "ts": 1700000000, "uid": "C1", "id.orig_h": "10.9.9.9", "id.orig_p": 4000,'
    ' "id.resp_h": "10.0.0.1", "id.resp_p": 22, "proto": "tcp", "conn_state": "REJ"}\n',
}


def serve() -> None:
    """Until stdin ends."""
    _load()
    for line in sys.stdin:
        job = json.loads(line)
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _become(job)
            main()
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _load() -> None:
    """Play one scan, so that its modules and kernels are here; what it prints is the tests' own business."""
    kept = dict(os.environ)
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        os.environ["WARDWATCH_DATA_DIR"] = str(Path(folder, "home"))
        logs = Path(folder, "logs")
        logs.mkdir()
        for name, text in _SAMPLES.items():
            (logs / name).write_text(text, "utf-8")
        if run(["scan", str(logs)]):
            raise SystemExit("the command could not be made ready")
    os.environ.clear()
    os.environ.update(kept)


def _become(job: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(job["env"])
    time.tzset()
    if job["cwd"] is not None:
        os.chdir(job["cwd"])
    for number, (path, flags) in enumerate(zip(job["files"], (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  the old one holds what was read ahead
    sys.argv = ["wardwatch", *job["arguments"]]


if __name__ == "__main__":
    serve()
