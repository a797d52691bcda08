"""ClickHouse away for a while: its process killed, or frozen so that connections hang."""

import os
import signal
import time

from benchmarks.faults.records import Record
from benchmarks.faults.scenario import Act


def outage(act: Act, meanwhile: list[Record], seconds: float, *, frozen: bool) -> None:
    """ClickHouse away for so long, with records sent meanwhile."""
    pid = act.stage.clickhouse.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP if frozen else signal.SIGKILL)
    if not frozen:
        act.stage.clickhouse.stop()
    try:
        began = time.monotonic()
        act.bench.trickle(meanwhile, min(seconds / 2, 5.0))
        time.sleep(max(seconds - (time.monotonic() - began), 0))
    finally:
        if frozen:
            os.kill(pid, signal.SIGCONT)
        else:
            act.stage.clickhouse.start()
