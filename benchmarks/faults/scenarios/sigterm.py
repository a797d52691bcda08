"""SIGTERM, as every update and every restart of a machine sends it."""

import signal

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_SEND_S = 1.0


class Sigterm(Scenario):
    """A worker that is asked to end saves, commits and ends with 0."""

    name = "sigterm"
    title = "SIGTERM while events are processed"
    faults = 50
    short = 1
    controls = (Control("restart without checkpoints", "different", ("checkpoints",), faults=2),)

    def play(self, act: Act) -> int:
        """A worker, a part of the events, a SIGTERM in the middle of it; again."""
        for part in parts(act.records, act.faults + 1)[:-1]:
            worker = act.worker(*PATIENCE)
            act.send(part[: len(part) // 2])
            with act.sending(part[len(part) // 2 :], _SEND_S):
                act.pause(0, _SEND_S)
                status = act.bench.stop(worker, signal.SIGTERM)
            assert status == 0, f"a worker ended with {status}: {act.bench.last_words()}"
        act.bench.send(parts(act.records, act.faults + 1)[-1])
        act.finish(*PATIENCE)
        return act.faults
