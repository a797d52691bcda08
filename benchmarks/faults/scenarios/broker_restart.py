"""The broker ends, by SIGKILL or in order, and comes back: the worker goes on without being started again."""

import os
import signal

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_SEND_S = 1.0


class BrokerRestart(Scenario):
    """One worker throughout; the broker's data survive, as a restart of its process leaves them."""

    name = "broker-restart"
    title = "broker killed or stopped, and started again 2 to 8 s later"
    faults = 6
    short = 1
    controls = (Control("worker killed meanwhile and restarted without checkpoints", "different", ("checkpoints",)),)

    def play(self, act: Act) -> int:
        """Events, the end of the broker in the middle of them, its return; again."""
        worker = act.worker(*PATIENCE)
        for number, part in enumerate(parts(act.records, act.faults)):
            half = len(part) // 2
            act.send(part[:half])
            _end(act, by_force=number % 2 == 0)
            act.pause(2, 8)
            if act.control is not None:
                act.kill(worker)
            act.stage.kafka.start()
            if act.control is not None:
                worker = act.worker(*PATIENCE)
            act.bench.trickle(part[half:], _SEND_S)
        act.finish(*PATIENCE)
        assert len(act.bench.workers) == 1 or act.control is not None
        return act.faults


def _end(act: Act, *, by_force: bool) -> None:
    pid = act.stage.kafka.pid
    if by_force and pid is not None:
        os.kill(pid, signal.SIGKILL)
    act.stage.kafka.stop()
