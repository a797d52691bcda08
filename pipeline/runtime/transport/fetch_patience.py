"""On what terms the broker is asked for records: gathered while they come, at once after a silence.

A question names every partition and costs milliseconds whatever the answer is. Asked every 30 ms, an idle worker
would spend a tenth of a core on questions.
"""

from collections.abc import Callable
from time import monotonic

FETCH_BYTES, FETCH_WAIT_MS = 64 << 10, 30
"""The broker answers with so many bytes, or with what there is after so long: a chunk costs much however small."""
_BUSY_BYTES, _BUSY_WAIT_MS = 1 << 20, 100
"""While fetched records still wait to be scored there is no hurry for more, and many together cost less."""
_QUIET_S = 0.5
_QUIET_BYTES, _QUIET_WAIT_MS = 1, 300
"""The first byte that comes after a silence is answered at once, so that waiting longer delays nothing; other questions
to the same broker wait behind this one."""


class FetchPatience:
    """Of one consumer. Nothing is asked for very long while anything fetched waits to be taken: there is one request at
    a time to a broker, and a partition that has been taken meanwhile would not be in it."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._filled_at = clock()

    def filled(self) -> None:
        """Something was fetched."""
        self._filled_at = self._clock()

    def terms(self, *, waiting: bool) -> tuple[int, int]:
        """(least bytes, longest wait in milliseconds) of the next request.

        >>> now = 0.0
        >>> patience = FetchPatience(lambda: now)
        >>> patience.terms(waiting=False)
        (65536, 30)
        >>> now = 1.0
        >>> patience.terms(waiting=False), patience.terms(waiting=True)
        ((1, 300), (1048576, 100))
        """
        if waiting:
            return _BUSY_BYTES, _BUSY_WAIT_MS
        if self._clock() - self._filled_at < _QUIET_S:
            return FETCH_BYTES, FETCH_WAIT_MS
        return _QUIET_BYTES, _QUIET_WAIT_MS
