"""Whether a worker gets on, told apart from everything that keeps a healthy one waiting."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaError
from faust.types import TP

STUCK_S = 120
"""No event was taken for this long though there are some and nothing outside holds us up."""
HELD_S = 900
"""A rebalance or an insert that takes longer, while the broker answers and ClickHouse reports no fault, is ours."""


class Doubt(Enum):
    """What speaks against the worker, and what would clear it."""

    NONE = "it gets on, or has a reason not to"
    IDLE = "it takes no events: stuck if there are any"
    HELD = "it is not allowed to read: stuck if the broker answers"
    FULL = "the sinks take nothing and report no fault: stuck"


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

    def tick(self, *, outage: bool, held: bool) -> Doubt:
        """One second more. `outage`: ClickHouse reports faults; `held`: Faust lets nobody read, as in a rebalance."""
        if outage:  # of any length: whoever repairs ClickHouse does not want to find the worker gone as well
            self.moved()
            return Doubt.NONE
        if self._waiting or held:
            self._idle_s, self._waiting_s = 0, self._waiting_s + 1
            if self._waiting_s < self._held_s:
                return Doubt.NONE
            self.moved()
            return Doubt.FULL if self._waiting else Doubt.HELD
        self._idle_s, self._waiting_s = self._idle_s + 1, 0
        if self._idle_s < self._stuck_s:
            return Doubt.NONE
        self.moved()
        return Doubt.IDLE


async def confirmed(doubt: Doubt, consumer: Any, positions: Mapping[TP, int]) -> bool:
    """Whether the worker is stuck. `positions`: what is to be read next. A broker that is away clears it."""
    if doubt in (Doubt.NONE, Doubt.FULL):
        return doubt is Doubt.FULL
    try:
        if doubt is Doubt.IDLE:
            return bool(positions) and bool(await consumer.waits(positions))
        await consumer.bounds(positions)
    except (KafkaError, IllegalStateError, TimeoutError):
        return False
    return True
