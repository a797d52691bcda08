"""`kill -9` between two steps of the durability order, from within the worker, so that no window is missed."""

from collections import deque

from benchmarks.faults.crash_windows import WINDOWS
from benchmarks.faults.records import Record, hospital_records, parts
from benchmarks.faults.scenario import PATIENCE, Act, Control, Scenario

_NTH = {"restoring": 20, "told-no-rows": 2}
_USUAL_NTH = 6
_SEND_S = 1.0
_DIES_WITHIN_S = 90.0
_MORE = 1.25
"""Tries for each fault: a window that needs an alert is not met when there is none among the events."""


class KillWindows(Scenario):
    """Each window in turn, at a random time of its coming: the first, the second …"""

    name = "kill-windows"
    title = f"kill -9 at each of {len(WINDOWS)} crash windows"
    faults = 10 * len(WINDOWS)
    short = 3
    controls = (
        Control("restart without checkpoints", "different", ("checkpoints",), faults=8),
        Control("rows read without FINAL, inserts without tokens", "doubled", ("tokens",), final=False, faults=8),
    )

    def records(self, faults: int) -> list[Record]:
        """Some for every try."""
        return hospital_records(min(self.events_a_fault * (faults + 1), 40_000))

    def play(self, act: Act) -> int:
        """A worker that will die there, a part of the events; again."""
        windows = deque(w for i in range(act.faults) for w in [list(WINDOWS)[i % len(WINDOWS)]])
        waiting = deque(parts(act.records, round(act.faults * _MORE) + 1))
        done = 0
        while windows and len(waiting) > 1:
            window = windows.popleft()
            nth = act.rng.randint(1, _NTH.get(window, _USUAL_NTH))
            worker = act.worker(*PATIENCE, "--at", window, "--nth", str(nth))
            act.bench.trickle(waiting.popleft(), _SEND_S)
            if act.bench.drained(_DIES_WITHIN_S):
                act.bench.stop(worker)  # what was to be its end did not come
                windows.append(window)
            else:
                assert not act.bench.alive(), f"{window}, {nth}: {act.bench.last_words()}"
                done += 1
        for part in waiting:
            act.bench.send(part)
        act.finish(*PATIENCE)
        return done
