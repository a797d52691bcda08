"""A program under measurement: its own process on its own core, with its processor time read from outside."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from benchmarks.stage import on_core

_PATIENCE_S = 30.0


class Candidate:
    """Runs `argv` on `core` with `env` on top of ours; what it prints goes to `log`. End it by `stop`."""

    def __init__(self, name: str, argv: Sequence[str], env: Mapping[str, str], core: int, log: Path) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as output, on_core(core):
            self._process = subprocess.Popen(
                list(argv), env={**os.environ, **env}, cwd=log.parent, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._times = psutil.Process(self._process.pid)

    def check(self) -> None:
        """Raise RuntimeError with its last words when it has ended."""
        if self._process.poll() is not None:
            words = self._log.read_text(errors="replace").strip().splitlines()[-15:]
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n" + "\n".join(words))

    def cpu_s(self) -> float:
        """Processor time so far, all threads."""
        times = self._times.cpu_times()
        return float(times.user + times.system)

    def rss_mb(self) -> float:
        """Resident memory now."""
        return float(self._times.memory_info().rss / 1e6)

    def freeze(self) -> None:
        """Hold it still."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def wait(self, timeout_s: float) -> None:
        """Wait for its own end; RuntimeError when it failed."""
        try:
            if self._process.wait(timeout_s) != 0:
                self.check()
        finally:
            self.stop()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL."""
        if self._process.poll() is not None:
            return
        self.thaw()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
