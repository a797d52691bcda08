"""Workers come and go: between one and four, by SIGTERM and by SIGKILL, so that partitions change hands."""

import signal

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_MOST = 4
_SEND_S = 2.0
_CHECKPOINTS = "WARDWATCH_CHECKPOINTS"


class Rebalances(Scenario):
    """Each change of the group hands partitions over, with their state, by way of the checkpoints."""

    name = "rebalances"
    title = "changes between 1 and 4 workers"
    faults = 50
    short = 2
    controls = (Control("each worker with checkpoints of its own", "different", faults=4),)

    def play(self, act: Act) -> int:
        """A change of the group while a part of the events comes; again."""
        _start(act)
        for part in parts(act.records, act.faults):
            act.send(part[: len(part) // 2])
            with act.sending(part[len(part) // 2 :], _SEND_S):
                _change(act)
                act.pause(0, 2 * _SEND_S)
        if not act.bench.alive():
            _start(act)
        act.finish()
        return act.faults


def _start(act: Act) -> None:
    own = {} if act.control is None else {_CHECKPOINTS: str(act.folder / f"own-{len(act.bench.workers)}")}
    act.worker(*PATIENCE, **own)


def _change(act: Act) -> None:
    alive = act.bench.alive()
    if len(alive) <= 1 or (len(alive) < _MOST and act.rng.random() < 0.5):
        _start(act)
        return
    act.bench.stop(act.rng.choice(alive), act.rng.choice([signal.SIGTERM, signal.SIGKILL]))
