"""A child process: readiness, last words, an ordered end, and death with its parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipeline.errors import LocalServiceError
from pipeline.local.managed_process import ManagedProcess

FOREVER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def gone(pid: int, patience_s: float = 10.0) -> bool:
    """Whether the process is gone, or becomes so."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_output_goes_to_the_log_and_env_is_given(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    code = f"import os; print(os.environ['COLOUR'], flush=True); {FOREVER}"
    child = ManagedProcess("child", python(code), {"COLOUR": "teal"}, log, ready=lambda: b"teal" in log.read_bytes())
    child.start()
    assert child.alive()
    child.stop()
    assert not child.alive()
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_ends_while_starting_tells_why(tmp_path: Path) -> None:
    child = ManagedProcess(
        "child", python("raise SystemExit('ERROR disk on fire')"), None, tmp_path / "log", ready=lambda: False
    )
    with pytest.raises(LocalServiceError, match="child ended while starting: ERROR disk on fire"):
        child.start()


def test_a_mute_child_is_ended_after_the_time(tmp_path: Path) -> None:
    child = ManagedProcess("child", python(FOREVER), None, tmp_path / "log", ready=lambda: False)
    with pytest.raises(LocalServiceError, match="gave no answer"):
        child.start(timeout_s=0.3)
    assert not child.alive()


def test_a_missing_command_is_said(tmp_path: Path) -> None:
    child = ManagedProcess("child", ["/no/such/command"], None, tmp_path / "log", ready=lambda: False)
    with pytest.raises(LocalServiceError, match="cannot run /no/such/command"):
        child.start()


def test_one_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    code += f"print('child', c.pid, flush=True); {STUBBORN}"
    child = ManagedProcess("child", python(code), None, log, ready=lambda: b"up" in log.read_bytes())
    child.start()
    grandchild = int(log.read_text().split()[1])
    child.stop(timeout_s=0.3)
    assert child.returncode == -signal.SIGKILL
    assert gone(grandchild)


def test_kill_9_of_the_parent_leaves_no_orphan(tmp_path: Path) -> None:
    code = f"""
import sys, threading, time
from pathlib import Path
from pipeline.local.managed_process import ManagedProcess
def start():  # in a thread that ends at once: the child must outlive the thread, not the process
    child = ManagedProcess("child", [sys.executable, "-c", {FOREVER!r}], None, Path({str(tmp_path / "log")!r}))
    child.start()
    print(child.pid, flush=True)
thread = threading.Thread(target=start); thread.start(); thread.join()
time.sleep(0.3)
print("still", flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.stdout.readline()
    assert not gone(pid, patience_s=0.1)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(pid)
