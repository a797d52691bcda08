"""`kill -9` at any moment: while starting, restoring, scoring, inserting, saving, committing."""

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_STARTING = 0.2
"""Part of the kills that come at any time from the start of the process on; the others meet events under way."""
_START_S = 8.0
_SEND_S = 1.5


class KillRandom(Scenario):
    """Each worker continues from its predecessor's checkpoints."""

    name = "kill-random"
    title = "kill -9 at random moments"
    faults = 100
    short = 2
    controls = (
        Control("restart without checkpoints", "different", ("checkpoints",)),
        Control(
            "checkpoint and commit do not wait for rows", "lost", ("order",), {"WARDWATCH_INSERT_EVERY_S": "5"}
        ),
    )  # fmt: skip

    def play(self, act: Act) -> int:
        """A worker, a part of the events, a kill; again."""
        for number, part in enumerate(parts(act.records, act.faults)):
            early, late = part[: len(part) // 2], part[len(part) // 2 :]
            worker = act.worker(*PATIENCE)
            starting = bool(number) and act.control is None and act.rng.random() < _STARTING
            if not starting:
                act.send(early)
            with act.sending(early + late if starting else late, _SEND_S):
                act.pause(0, _START_S if starting else _SEND_S)
                act.kill(worker)
        act.finish(*PATIENCE)
        return act.faults
