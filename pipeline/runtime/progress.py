"""Whether a worker gets on, told apart from everything that keeps a healthy one waiting."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaError
from faust.types import TP

STUCK_S = 120
"""No event was taken for this long though there are some and nothing outside holds us up."""
HELD_S = 900
"""A rebalance or an insert that takes longer, while the broker answers and ClickHouse reports no fault, is ours."""


class Progress:
    """Counts seconds in which the worker ran and yet did not move.

    Asked once a second by the event loop: a time in which the process did not run at all - it was stopped, it compiled,
    it restored - is one second, however long it was.
    """

    def __init__(self, stuck_s: int = STUCK_S, held_s: int = HELD_S) -> None:
        self._stuck_s = stuck_s
        self._held_s = held_s
        self._idle_s = 0
        self._waiting_s = 0
        self._waiting = 0

    def moved(self) -> None:
        """Events were taken."""
        self._idle_s = self._waiting_s = 0

    @contextmanager
    def back_pressure(self) -> Iterator[None]:
        """Around waiting for the sinks to take more."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def stuck(self, app: Any, positions: Mapping[TP, int], *, outage: bool) -> bool:
        """Whether it is the worker itself that does not get on. `positions`: what is to be read next."""
        if outage:  # of any length: whoever repairs ClickHouse does not want to find the worker gone as well
            self.moved()
            return False
        if self._waiting or app.rebalancing or not app.consumer.flow_active:
            self._idle_s = 0
            self._waiting_s += 1
            if self._waiting_s < self._held_s:
                return False
            self.moved()
            return bool(self._waiting) or await _answers(app.consumer, positions)
        self._waiting_s = 0
        self._idle_s += 1
        if self._idle_s < self._stuck_s:
            return False
        self.moved()
        return await _work_is_there(app.consumer, positions)


async def _work_is_there(consumer: Any, positions: Mapping[TP, int]) -> bool:
    try:
        return bool(positions) and bool(await consumer.waits(positions))
    except (KafkaError, IllegalStateError, TimeoutError):
        return False  # the broker is away, or the partitions are


async def _answers(consumer: Any, positions: Mapping[TP, int]) -> bool:
    try:
        await consumer.bounds(positions)
    except (KafkaError, IllegalStateError, TimeoutError):
        return False
    return True
