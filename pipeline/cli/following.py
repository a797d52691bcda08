"""Follows several files and folders at once, until a signal says stop."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Full, Queue
from types import FrameType

from pipeline.errors import UsageError
from pipeline.ingest.follow import FollowOptions, Result, follow
from pipeline.ingest.streams import STDIN

_QUEUED = 1024
_POLL_S = 0.5


@contextmanager
def stop_signal() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, in place of interrupting."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def follow_all(paths: Sequence[Path], stop: Callable[[], bool], options: FollowOptions) -> Iterator[Result]:
    """Records of all paths as they come; those of one file in its order. UsageError as `follow`, and for `-`."""
    if STDIN in paths:
        raise UsageError("standard input cannot be followed: it is read to its end anyway; leave out --follow")
    streams = [follow(path, stop, options) for path in paths]
    if len(streams) == 1:
        return streams[0]
    return _together(streams, stop)


def _together(streams: list[Iterator[Result]], stop: Callable[[], bool]) -> Iterator[Result]:
    queue: Queue[Result] = Queue(_QUEUED)

    def pump(stream: Iterator[Result]) -> None:
        for result in stream:
            while not stop():
                try:
                    queue.put(result, timeout=_POLL_S)
                    break
                except Full:
                    continue

    threads = [threading.Thread(target=pump, args=(s,), name="wardwatch-ship", daemon=True) for s in streams]
    for thread in threads:
        thread.start()
    while not stop():
        try:
            yield queue.get(timeout=_POLL_S)
        except Empty:
            continue
    for thread in threads:
        thread.join()
