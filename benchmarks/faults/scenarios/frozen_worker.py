"""SIGSTOP for longer than the group's patience: the worker wakes up and others own its partitions."""

import signal

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, SESSION_S, Act, Control, Scenario

_SEND_S = 1.0
_SETTLES_S = 60.0


class FrozenWorker(Scenario):
    """Two workers; one is frozen until the other has taken over, and then goes on with what it held."""

    name = "frozen-worker"
    title = "SIGSTOP past the session time-out, then SIGCONT"
    faults = 10
    short = 1
    controls = (Control("partitions are taken over without checkpoints", "different", ("checkpoints",), faults=2),)

    def play(self, act: Act) -> int:
        """Events, one worker frozen in the middle of them, more events, its return; again."""
        workers = [act.worker(*PATIENCE), act.worker(*PATIENCE)]
        for number, part in enumerate(parts(act.records, act.faults)):
            half = len(part) // 2
            act.send(part[: half // 2])
            with act.sending(part[half // 2 : half], _SEND_S):
                act.pause(0, _SEND_S)
                frozen = workers[number % 2]
                frozen.send_signal(signal.SIGSTOP)
            with act.sending(part[half:], _SEND_S):
                act.pause(SESSION_S + 3, SESSION_S + 5)
                frozen.send_signal(signal.SIGCONT)
            act.bench.drained(_SETTLES_S)
        act.finish(*PATIENCE)
        return act.faults
