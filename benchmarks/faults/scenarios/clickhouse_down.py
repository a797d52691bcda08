"""ClickHouse is away: ended by force, or frozen so that connections hang."""

from benchmarks.faults.outage import outage
from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

DOWN_S = 60.0
SHORT_S = 8.0


class ClickHouseDown(Scenario):
    """The worker holds back, keeps its place in the group, and goes on where it was."""

    name = "clickhouse-down"
    title = f"ClickHouse killed or frozen for {DOWN_S:.0f} s"
    faults = 2
    short = 1
    settings = {"insert_rows": 200}  # so that the queue is full soon and the topic has to wait
    controls = (Control("a failed insert is given up", "lost", ("retries",), faults=1),)

    def play(self, act: Act) -> int:
        """Events, an outage while more of them come, its end; again."""
        act.worker(*PATIENCE)
        for number, part in enumerate(parts(act.records, act.faults)):
            half = len(part) // 2
            act.send(part[:half])
            outage(act, part[half:], SHORT_S if act.short or act.control else DOWN_S, frozen=number % 2 == 1)
        act.finish(*PATIENCE)
        assert len(act.bench.workers) == 1
        return act.faults
