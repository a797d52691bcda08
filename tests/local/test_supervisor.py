"""The supervisor starts in order, notices a death, stops in reverse, and obeys signals."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from pipeline.errors import LocalServiceError
from pipeline.local.managed_process import ManagedProcess
from pipeline.local.supervisor import Supervisor
from tests.local.test_managed_process import FOREVER, STUBBORN, gone, python


def service(name: str, code: str, folder: Path) -> ManagedProcess:
    note = f"open({str(folder / 'order')!r}, 'a').write"
    graceful = f"import signal, sys; signal.signal(signal.SIGTERM, lambda *_: ({note}('-{name} '), sys.exit(0)))\n"
    log = folder / f"{name}.log"
    code = f"{graceful}{note}('+{name} ')\nprint('up', flush=True)\n{code}"
    return ManagedProcess(name, python(code), None, log, ready=lambda: b"up" in log.read_bytes())


def test_order_and_reverse(tmp_path: Path) -> None:
    with Supervisor([service(name, FOREVER, tmp_path) for name in "ab"]) as supervisor:
        supervisor.add(service("c", FOREVER, tmp_path))
        assert supervisor.watch(timeout_s=0.0) is None
    assert (tmp_path / "order").read_text().split() == ["+a", "+b", "+c", "-c", "-b", "-a"]


def test_watch_names_the_dead(tmp_path: Path) -> None:
    services = [service("a", FOREVER, tmp_path), service("b", "import time; time.sleep(0.2)", tmp_path)]
    with Supervisor(services) as supervisor:
        assert supervisor.watch(timeout_s=20) == "b"
    assert not any(part.alive() for part in services)


def test_a_failed_start_stops_the_earlier_ones(tmp_path: Path) -> None:
    first = service("a", FOREVER, tmp_path)
    broken = ManagedProcess("b", python("raise SystemExit('ERROR no')"), None, tmp_path / "b.log", ready=lambda: False)
    with pytest.raises(LocalServiceError, match="b ended"):
        Supervisor([first, broken]).start()
    assert not first.alive()


@pytest.mark.parametrize("signals", [1, 2])
def test_signals_stop_everything(tmp_path: Path, signals: int) -> None:
    """One signal ends what listens; a second one does not wait for what does not."""
    code = f"""
import sys
from pathlib import Path
from pipeline.local.managed_process import ManagedProcess
from pipeline.local.supervisor import Supervisor
log = Path({str(tmp_path / "log")!r})
child = ManagedProcess("child", [sys.executable, "-c", {(FOREVER if signals == 1 else STUBBORN)!r}], None, log)
with Supervisor([child], stop_s=60) as supervisor:
    print(child.pid, flush=True)
    supervisor.watch()
    print("stopping", flush=True)
"""
    parent = subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGINT)
    assert parent.stdout.readline() == "stopping\n"
    if signals == 2:
        os.kill(parent.pid, signal.SIGINT)
    assert parent.wait(timeout=20) == 0
    parent.stdout.close()
    assert gone(pid)
