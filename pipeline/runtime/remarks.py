"""What a worker remarks on in its log, once or now and then, however often it happens."""

import logging
from collections import Counter

from faust.types import TP

from schemas.sources import INPUTS, SOURCES

log = logging.getLogger(__name__)


class Remarks:
    """One of a worker."""

    def __init__(self) -> None:
        self._misplaced: set[str] = set()
        self._copies: Counter[str] = Counter()

    def scored(self, tp: TP, source: str, misplaced: int, copies: int) -> None:
        """A chunk was scored."""
        if misplaced and tp.topic not in self._misplaced:
            self._misplaced.add(tp.topic)
            log.warning(
                "%s[%d]: events on a partition that is not their key's, so what belongs together is judged apart:"
                " send them with key %s and Kafka's murmur2 partitioner",
                tp.topic, tp.partition, ", else ".join((*SOURCES[source].key_fields, "format")),
            )  # fmt: skip
        if source in INPUTS:  # elsewhere copies are what a chunk that was scored again gave on again
            self._copies[tp.topic] += copies

    def tell(self) -> None:
        """Say what has gathered."""
        for topic, count in (+self._copies).items():
            log.warning("%s: %d events left out: their producer sent the same event_id and ts before", topic, count)
        self._copies.clear()
