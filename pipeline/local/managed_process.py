"""A child process with a log file, a readiness probe and an ordered end: what Kafka, ClickHouse and workers share.

The child is its own process group, so Ctrl-C in the terminal reaches only us and we stop things in order. It is
killed by the kernel when we die (see launcher.py); since that promise is tied to the thread that forked, all
children are forked by one thread that lives as long as the program.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pipeline.errors import LocalServiceError

_FORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wardwatch-forker")
_LAUNCHER = str(Path(__file__).with_name("launcher.py"))
_POLL_S = 0.02
_TAIL_BYTES = 65536
_LOG_BYTES = 16 << 20
_TROUBLE = ("ERROR", "FATAL", "Exception", "Error:")


class ManagedProcess:
    """One child process.

    `argv` and `env` are what to run (env replaces the inherited one when given); output is appended to `log_path`
    (which a start moves aside beyond 16 MB).
    `ready` is asked every 20 ms until it answers True, without one the process counts as ready once it runs.
    `keep_fds` stay open in the child: a lock held through them lasts as long as the child does.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str] | None,
        log_path: Path,
        *,
        ready: Callable[[], bool] | None = None,
        keep_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log_path = log_path
        self._argv = list(argv)
        self._env = dict(env) if env is not None else None
        self._ready = ready
        self._keep_fds = tuple(keep_fds)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout_s: float = 60.0) -> None:
        """Start the child and wait until it is ready; raises LocalServiceError when it ends or stays mute."""
        if self.alive():
            return
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            if self.log_path.exists() and self.log_path.stat().st_size > _LOG_BYTES:
                self.log_path.replace(self.log_path.with_suffix(".old.log"))
            with self.log_path.open("ab") as log:
                self._process = _FORKER.submit(self._fork, log.fileno()).result()
        except OSError as error:
            raise LocalServiceError(
                f"{self.name}: cannot write {self.log_path}: {error.strerror}; free space or choose another folder"
            ) from error
        try:
            self._wait_ready(timeout_s)
        except BaseException:
            self.stop(timeout_s=2.0)
            raise

    def _fork(self, log_fd: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-I", "-S", _LAUNCHER, str(os.getpid()), *self._argv]
        return subprocess.Popen(  # noqa: S603 - argv comes from the program, never from a request
            command,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=log_fd,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self._keep_fds,
        )

    def _wait_ready(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while self._ready is not None and not self._ready():
            if not self.alive():
                raise LocalServiceError(f"{self.name} ended while starting: {self.last_words()}")
            if time.monotonic() > deadline:
                raise LocalServiceError(
                    f"{self.name} gave no answer in {timeout_s:.0f} s: {self.last_words()}; see {self.log_path}"
                )
            time.sleep(_POLL_S)

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process is not None and self.alive() else None

    @property
    def returncode(self) -> int | None:
        """Exit status once it ended (negative: the signal), else None."""
        return self._process.poll() if self._process is not None else None

    def alive(self) -> bool:
        """Whether the child runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, timeout_s: float = 15.0) -> None:
        """SIGTERM, wait at most `timeout_s`, then SIGKILL to whatever is left of its process group."""
        process = self._process
        if process is None:
            return
        try:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole process group, at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):  # nothing of the group is left
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        """The last log line that tells of trouble, else the last line; at most 300 characters."""
        try:
            with self.log_path.open("rb") as log:
                log.seek(max(0, self.log_path.stat().st_size - _TAIL_BYTES))
                lines = [line.strip() for line in log.read().decode("utf-8", "replace").splitlines()]
        except OSError:
            lines = []
        told = [line for line in lines if line]
        trouble = [line for line in told if any(word in line for word in _TROUBLE) and not line.startswith("at ")]
        return (trouble or told or ["it wrote nothing to its log"])[-1][:300]
