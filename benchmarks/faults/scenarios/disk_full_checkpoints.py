"""The disk under the checkpoints is full, and the worker is killed while it is."""

from benchmarks.faults.records import parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario
from benchmarks.faults.small_disk import Ballast

_DISK = "checkpoints"
_STILL_FULL_S = (5.0, 15.0)


class DiskFullCheckpoints(Scenario):
    """Nothing is committed that has no checkpoint; the older ones stay whole, and the next worker begins there."""

    name = "disk-full-checkpoints"
    title = "disk of the checkpoints full, kill -9 meanwhile"
    faults = 6
    short = 1
    small_disks = {_DISK: 128}
    controls = (Control("restart without checkpoints", "different", ("checkpoints",), faults=2),)

    def play(self, act: Act) -> int:
        """Events, a full disk while more of them come, a kill, a worker that still finds it full, room; again."""
        disk = act.folder / _DISK
        place = {"WARDWATCH_CHECKPOINTS": str(disk / act.bench.settings.topic_prefix)}
        ballast = Ballast(disk)
        worker = act.worker(*PATIENCE, **place)
        for part in parts(act.records, act.faults):
            third = len(part) // 3
            act.send(part[:third])
            before = act.bench.said("cannot be written")
            ballast.fill()
            act.bench.send(part[third : 2 * third])
            act.bench.wait_until_said("cannot be written", before + 1)
            act.kill(worker)
            worker = act.worker(*PATIENCE, **place)
            act.bench.send(part[2 * third :])
            act.pause(*_STILL_FULL_S)
            ballast.empty()
        act.finish(**place)
        return act.faults
