"""Whether what is read follows on what was read: a log whose beginning has passed us, or that is another one."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka.errors import KafkaError
from faust.types import TP

from pipeline.runtime.transport.gaps import Gap, gap_between

log = logging.getLogger(__name__)
_RETRY_S = 1.0
_TRUSTED_HOLES = 10


class Continuity:
    """Compares where a partition continues with what the broker has, and tells what is missing.

    A log that was made anew keeps the state of its partition: what is usual in a hospital has not changed with it.
    """

    def __init__(self, tell: Callable[[Gap], Awaitable[None]]) -> None:
        self._tell = tell
        self.remade: dict[TP, int] = {}
        """Logs that were replaced, and where they go on: checkpoints beyond are of the old ones."""
        self._hole: dict[TP, tuple[int, int]] = {}
        self._holes: Counter[TP] = Counter()

    async def begin(self, consumer: Any, wanted: Mapping[TP, int | None]) -> dict[TP, int]:
        """Where to read each partition from; None is wanted where nothing was read before.

        Raises TimeoutError or KafkaError when the broker does not answer.
        """
        bounds = await consumer.bounds(list(wanted)) if wanted else {}
        positions = {}
        for tp, offset in wanted.items():
            begin, end = bounds[tp]
            self._hole.pop(tp, None)
            self.remade.pop(tp, None)
            positions[tp] = begin if offset is None else offset
            gap = None if offset is None else gap_between(tp.topic, tp.partition, offset, begin, end)
            if gap is not None:
                await self._missing(tp, gap, begin)
                positions[tp] = begin
        return positions

    async def follow(self, consumer: Any, message: Any, wanted: int) -> int | None:
        """Where reading goes on when a chunk does not begin at `wanted`; None to read that again.

        Offsets are missing inside every log that was compacted or written in transactions. Such a hole is read a second
        time before it is believed, unless this log has shown many.
        """
        tp, first = message.tp, int(message.value.offsets[0])
        while consumer.current(message):
            try:
                begin, _ = (await consumer.bounds([tp]))[tp]
            except (KafkaError, TimeoutError):
                await asyncio.sleep(_RETRY_S)
                continue
            if first < wanted:
                # aiokafka goes to the beginning only when the offset it asks for is beyond the end.
                await self._missing(tp, Gap(tp.topic, tp.partition, wanted, wanted, remade=True), first)
            elif begin > wanted:
                await self._missing(tp, Gap(tp.topic, tp.partition, wanted, min(first, begin) - 1), first)
            elif self._hole.get(tp) != (wanted, first) and self._holes[tp] < _TRUSTED_HOLES:
                self._hole[tp] = (wanted, first)
                return None
            else:
                self._holes[tp] += 1
            return first
        return None

    async def _missing(self, tp: TP, gap: Gap, goes_on: int) -> None:
        log.error("%s", gap.sentence())
        if gap.remade:
            self.remade[tp] = goes_on
        await self._tell(gap)
