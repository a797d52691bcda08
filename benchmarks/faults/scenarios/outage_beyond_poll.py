"""ClickHouse is away for longer than Kafka's clients usually may go without a fetch."""

from benchmarks.faults.outage import outage
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_USUAL_POLL_S = 300.0
"""Kafka's default for max.poll.interval.ms. The product asks for a week, as an outage may take days."""
_DOWN_S, _SHORT_S = 1.1 * _USUAL_POLL_S, 30.0
_CONTROL_POLL_S = 10.0
_CONTROL_WAITS_S = 60.0


class OutageBeyondPoll(Scenario):
    """Workers that fetch nothing keep their place in the group, and go on by themselves."""

    name = "outage-beyond-poll"
    title = f"ClickHouse away for {_DOWN_S:.0f} s, longer than Kafka's usual poll interval"
    faults = 1
    short = 1
    settings = {"insert_rows": 200}
    controls = (Control(f"a poll interval of {_CONTROL_POLL_S:.0f} s, exceeded by the outage", "lost", faults=1),)

    def play(self, act: Act) -> int:
        """Two workers, events, an outage while more of them come, its end."""
        flags = PATIENCE if act.control is None else (*PATIENCE, "--poll-s", str(_CONTROL_POLL_S))
        workers = [act.worker(*flags), act.worker(*flags)]
        half = len(act.records) // 2
        act.bench.send(act.records[:half])
        act.bench.wait(lambda: act.bench.count() > 0, "rows")
        outage(act, act.records[half:], _SHORT_S if act.short or act.control else _DOWN_S, frozen=False)
        if act.control is not None:
            act.bench.drained(_CONTROL_WAITS_S)
            for worker in act.bench.alive():
                act.kill(worker)
            return 1
        act.finish()
        assert len(act.bench.workers) == len(workers)
        return 1
