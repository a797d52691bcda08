"""Ends a process whose event loop has stopped turning: no task in that loop could."""

import faulthandler
import logging
import os
import threading

log = logging.getLogger(__name__)
_TICK_S = 1.0
_LATER_S = 60.0
LIMIT_S = 300
"""The longest a loop is busy for a good reason is compiling kernels, about a minute on a slow machine."""


class LoopWatchdog(threading.Thread):
    """Expects `beat` from the event loop; `limit_s` seconds without one end the process with status `status`.

    Seconds are counted in which this thread ran, so that a process that was stopped and continued is not blamed. Our
    kernels run without the interpreter's lock; where other code holds it for ever, even this thread stands still, and
    the interpreter's own dump thread ends the process a minute later, with status 1.
    """

    def __init__(self, status: int, limit_s: int = LIMIT_S) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._status = status
        self._limit_s = limit_s
        self._beats = 0
        self._done = threading.Event()

    def beat(self) -> None:
        """The loop turns."""
        self._beats += 1

    def stop(self) -> None:
        """No longer expect beats."""
        self._done.set()

    def run(self) -> None:
        """Watch until stopped."""
        seen, silent = -1, 0
        while not self._done.wait(_TICK_S):
            faulthandler.dump_traceback_later(self._limit_s + _LATER_S, exit=True)
            silent = silent + 1 if self._beats == seen else 0
            seen = self._beats
            if silent >= self._limit_s:
                faulthandler.dump_traceback(all_threads=True)
                log.critical("the event loop stood still for %d s: the worker ends, see the stacks above", silent)
                logging.shutdown()
                os._exit(self._status)
        faulthandler.cancel_dump_traceback_later()
