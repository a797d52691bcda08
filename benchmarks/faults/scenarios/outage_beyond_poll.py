"""ClickHouse is away for longer than the group waits for a fetch."""

from benchmarks.faults.outage import outage
from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_POLL_S = 10.0
"""Kafka's usual patience is 300 s, the product asks for a week; shortened, so that an outage can exceed it."""
_DOWN_S, _SHORT_S = 45.0, 20.0


class OutageBeyondPoll(Scenario):
    """What happens to a group that loses patience: members go and come back, and nothing is lost by it."""

    name = "outage-beyond-poll"
    title = f"ClickHouse away {_DOWN_S:.0f} s, patience with a worker {_POLL_S:.0f} s"
    faults = 2
    short = 1
    settings = {"insert_rows": 200}
    controls = (Control("a failed insert is given up", "lost", ("retries",), faults=1),)

    def play(self, act: Act) -> int:
        """Two workers, events, an outage while more of them come, its end; again."""
        flags = (*PATIENCE, "--poll-s", str(_POLL_S))
        act.worker(*flags)
        act.worker(*flags)
        for part in parts(act.records, act.faults):
            half = len(part) // 2
            act.bench.send(part[:half])
            act.bench.wait_for_rows()
            outage(act, part[half:], _SHORT_S if act.short or act.control else _DOWN_S, frozen=False)
        act.finish(*flags)
        assert len(act.bench.workers) == 2
        return act.faults
