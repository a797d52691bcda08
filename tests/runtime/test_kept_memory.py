"""Old objects are not searched again and again."""

import subprocess
import sys

import pytest

from pipeline.runtime import kept_memory

_SEARCHES = """
import gc
from pipeline.runtime.kept_memory import keep_memory
keep_memory()
keep_memory()
class Node:
    pass
def cycle():
    node = Node()
    node.self = node
gc.collect()
apart = gc.get_freeze_count()
old = [Node() for _ in range(1000)]
gc.collect()
grown = gc.get_freeze_count() - apart
cycle()
found = gc.collect()
print(int(apart > 0), int(grown >= 1000), int(found >= 1), len(gc.callbacks))
"""


def test_what_is_old_is_set_apart_and_new_garbage_is_found() -> None:
    done = subprocess.run([sys.executable, "-c", _SEARCHES], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:3] == ["1", "1", "1"]


def test_after_an_hour_all_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(kept_memory, "monotonic", lambda: now)
    told: list[str] = []
    monkeypatch.setattr(kept_memory.gc, "freeze", lambda: told.append("freeze"))
    monkeypatch.setattr(kept_memory.gc, "unfreeze", lambda: told.append("unfreeze"))
    apart = kept_memory._SetApart()
    for phase, generation in (("start", 2), ("stop", 2), ("start", 1), ("stop", 1)):
        apart(phase, {"generation": generation})
    now = 4000.0
    for phase, generation in (("start", 1), ("stop", 1), ("start", 2), ("stop", 2), ("start", 2), ("stop", 2)):
        apart(phase, {"generation": generation})
    assert told == ["freeze", "unfreeze", "freeze", "freeze"]
