"""Scores the chunks of a worker's partitions, and remembers where it has to be done with care."""

import logging
from collections.abc import Collection, Sequence

from faust.types import TP

from pipeline.runtime.product import Station
from pipeline.runtime.quarantine import Chunk, Scored, Strikes, score, score_carefully, where

log = logging.getLogger(__name__)
_CAREFUL_FOR = 50_000
"""So many offsets after a poisonous record a copy of the state is made before each chunk: they seldom come alone."""


class Care:
    """The usual way until the engine fails; the offsets where it did are scored with copies of the state."""

    def __init__(self) -> None:
        self._spans: dict[TP, tuple[int, int]] = {}
        self._strikes: dict[TP, Strikes] = {}

    def keep(self, tps: Collection[TP]) -> None:
        """Forget all partitions but these."""
        self._spans = {tp: span for tp, span in self._spans.items() if tp in tps}
        self._strikes = {tp: strikes for tp, strikes in self._strikes.items() if tp in tps}

    def score(self, tp: TP, line: Station, chunk: Chunk, groups: Sequence[int]) -> Scored | None:
        """What became of a chunk; None when the engine fails somewhere in it, which leaves the state undefined.

        The caller takes the state back to one it has kept then, and gives everything since once more. Raises
        PoisonError for a systematic failure.
        """
        begin, end = int(chunk.offsets[0]), int(chunk.offsets[-1])
        strikes = self._strikes.setdefault(tp, Strikes())
        first, last = self._spans.get(tp, (0, -1))
        if begin <= last and end >= first:
            scored = score_carefully(line, chunk, groups, strikes)
            if scored.poison:
                self._spans[tp] = (first, max(last, end + _CAREFUL_FOR))
            return scored
        try:
            scored = score(line, chunk)
        except MemoryError:
            raise
        except Exception as error:
            log.error(
                "%s[%d]: the engine fails between offsets %d and %d (%s): read again from the last checkpoint",
                tp.topic, tp.partition, begin, end, where(error),
            )  # fmt: skip
            self._spans[tp] = (begin, end)
            return None
        strikes.good(len(chunk))
        return scored
