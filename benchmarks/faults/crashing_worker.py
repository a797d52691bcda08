"""The worker command with a death at a given moment, with a protection taken away, or with shorter patience.

    python -m benchmarks.faults.crashing_worker [--at WINDOW --nth N] [--without PROTECTION …] [--session-s S]
        [--poll-s S] worker --make-keys

The product has no hooks for tests: its functions are wrapped here, in a process of their own.
"""

import argparse
import sys
from typing import Any

import faust

from benchmarks.faults.crash_windows import WINDOWS, Countdown
from benchmarks.faults.protections import PROTECTIONS
from pipeline.cli.main import run


def _shorten(session_s: float | None, poll_s: float | None) -> None:
    """Have the group lose patience after `session_s` without a heartbeat, or `poll_s` without a fetch."""
    shorter: dict[str, Any] = {}
    if session_s is not None:
        shorter |= {"broker_session_timeout": session_s, "broker_heartbeat_interval": session_s / 6}
    if poll_s is not None:
        shorter |= {"broker_max_poll_interval": poll_s}
    if shorter:
        original = faust.App
        faust.App = lambda *args, **options: original(*args, **(options | shorter))


def main(arguments: list[str]) -> int:
    """Arrange for what was asked, then be the worker."""
    parser = argparse.ArgumentParser(prog="crashing_worker", description=__doc__)
    parser.add_argument("--at", choices=sorted(WINDOWS))
    parser.add_argument("--nth", type=int, default=1, help="die when the moment has come so often")
    parser.add_argument("--without", choices=sorted(PROTECTIONS), action="append", default=[])
    parser.add_argument("--session-s", type=float, help="the group's patience with a silent worker")
    parser.add_argument("--poll-s", type=float, help="the group's patience with a worker that fetches nothing")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    _shorten(given.session_s, given.poll_s)
    for name in given.without:
        PROTECTIONS[name]()
    if given.at:
        WINDOWS[given.at](Countdown(given.nth))
    return run(given.command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
