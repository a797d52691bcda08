"""The disk under ClickHouse's tables is full for a while."""

import time

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario
from benchmarks.faults.small_disk import Ballast

_FULL_S = 6.0


class DiskFullRows(Scenario):
    """Inserts fail, the worker waits and tries again, and goes on when there is room."""

    name = "disk-full-rows"
    title = "disk of the tables full"
    faults = 4
    short = 1
    settings = {"insert_rows": 200}
    small_disks = {"clickhouse": 256}
    # A merge of chDB 26.9 that meets a full disk leaves a part with an empty marks file, and what it merged with it:
    # a fault of the engine, which no client can make good.
    merges = False
    controls = (Control("a failed insert is given up", "lost", ("retries",), faults=1),)

    def play(self, act: Act) -> int:
        """Events, a full disk while more of them come, room again; again."""
        ballast = Ballast(act.folder / "clickhouse")
        said = "given up" if act.control else "trying again"
        act.worker(*PATIENCE)
        for part in parts(act.records, act.faults):
            half = len(part) // 2
            act.send(part[:half])
            before = act.bench.said(said)
            ballast.fill()
            act.bench.send(part[half:])
            act.bench.wait_until_said(said, before + 1)
            time.sleep(_FULL_S)
            ballast.empty()
        act.finish()
        return act.faults
