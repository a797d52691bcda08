"""Who is stuck and who only waits; a loop that stands still ends its process."""

import subprocess
import sys

import pytest

from pipeline.runtime.progress import Doubt, Progress
from pipeline.runtime.run import EXIT_STUCK

STUCK_S, HELD_S = 5, 20


def doubts(progress: Progress, seconds: int, *, outage: bool = False, held: bool = False) -> set[Doubt]:
    """What is thought of the worker within so many seconds."""
    return {progress.tick(outage=outage, held=held) for _ in range(seconds)} - {Doubt.NONE}


def progress() -> Progress:
    return Progress(STUCK_S, HELD_S)


def test_events_that_nobody_takes() -> None:
    assert not doubts(progress(), STUCK_S - 1)
    assert doubts(progress(), STUCK_S) == {Doubt.IDLE}


def test_an_outage_of_clickhouse_of_any_length_and_its_end() -> None:
    p = progress()
    assert not doubts(p, 100 * HELD_S, outage=True)
    assert not doubts(p, STUCK_S - 1), "the time of the outage does not count afterwards"


def test_moving_counts_anew() -> None:
    p = progress()
    for _ in range(5):
        assert not doubts(p, STUCK_S - 1)
        p.moved()


def test_a_rebalance_takes_its_time_but_not_for_ever() -> None:
    assert not doubts(progress(), HELD_S - 1, held=True)
    assert doubts(progress(), HELD_S, held=True) == {Doubt.HELD}


def test_back_pressure_is_not_ours_for_a_while() -> None:
    p = progress()
    with p.back_pressure():
        assert not doubts(p, HELD_S - 1)
        assert doubts(p, 1) == {Doubt.FULL}
    assert not doubts(p, STUCK_S - 1)


_LOOP = """
import asyncio, logging, sys
import numba
from pipeline.runtime.watchdog import LoopWatchdog

@numba.njit(nogil=True)
def for_ever():
    n = 0
    while n >= 0:
        n = (n + 1) % 7
    return n

async def main():
    watchdog = LoopWatchdog(int(sys.argv[2]), limit_s=2)
    watchdog.start()
    for _ in range(5):
        watchdog.beat()
        await asyncio.sleep(0.5)
    if sys.argv[1] == "kernel":
        for_ever()
    if sys.argv[1] == "python":
        while True:
            pass
    watchdog.stop()

logging.basicConfig()
asyncio.run(main())
"""


def looped(what: str) -> subprocess.CompletedProcess[str]:
    """A process whose loop beats for a while and then does `what`."""
    argv = [sys.executable, "-c", _LOOP, what, str(EXIT_STUCK)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("what", ["kernel", "python"])
def test_a_loop_that_stands_still(what: str) -> None:
    """In a compiled kernel or in Python: the process ends with the status and words of a stuck worker."""
    done = looped(what)
    assert done.returncode == EXIT_STUCK
    assert "the event loop stood still" in done.stderr.splitlines()[-1]
    assert "in main" in done.stderr, "the stack says where"


def test_a_loop_that_turns() -> None:
    done = looped("nothing")
    assert done.returncode == 0, done.stderr
