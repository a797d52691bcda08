"""The alerts told lately, each as it was told last."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.learning.known_alert import KnownAlert

MAX_ALERTS = 20_000
"""Two months of a hospital of a thousand staff; 1.2 KB each."""


class AlertMemory:
    """Known alerts by id. When there are too many, the oldest of the detector that has most of them leaves, so that the
    flood of one detector takes no other's from it."""

    def __init__(self, most: int = MAX_ALERTS) -> None:
        self._most = most
        self._by_id: dict[str, KnownAlert] = {}
        self._by_detector: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, alert_id: str) -> KnownAlert | None:
        """None for one that was never told, or long ago."""
        return self._by_id.get(alert_id)

    def last_seen(self, alert_id: str) -> float | None:
        """Event time of its last finding."""
        known = self._by_id.get(alert_id)
        return None if known is None else known.last_ts

    def keep(self, alert: KnownAlert) -> None:
        """Remember it, in place of what was known of it."""
        self._by_id[alert.alert_id] = alert
        mine = self._by_detector.setdefault(alert.detector, {})
        mine.pop(alert.alert_id, None)
        mine[alert.alert_id] = None
        if len(self._by_id) > self._most:
            largest = max(self._by_detector.values(), key=len)
            gone = next(iter(largest))
            del largest[gone], self._by_id[gone]
            self._by_detector = {d: ids for d, ids in self._by_detector.items() if ids}

    def latest(self, detector: str, count: int) -> Iterator[KnownAlert]:
        """The last `count` of a detector, newest first."""
        return (self._by_id[i] for i in islice(reversed(self._by_detector.get(detector, {})), count))

    def detectors(self, source: str) -> list[str]:
        """Whose alerts of a source are known."""
        return [d for d, ids in self._by_detector.items() if self._by_id[next(iter(ids))].source == source]

    def state(self) -> tuple[list[Any], dict[str, np.ndarray]]:
        """JSON-ready part, and arrays."""
        alerts = [self._by_id[i] for ids in self._by_detector.values() for i in ids]
        if not alerts:
            return [], {}
        columns = {"numbers": np.array([a.numbers for a in alerts]), "codes": np.array([a.codes for a in alerts])}
        return [a.plain() for a in alerts], columns

    def load(self, plain: list[Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave. Raises CheckpointError when it does not fit."""
        self._by_id, self._by_detector = {}, {}
        numbers, codes = arrays.get("numbers", np.zeros((0, 1))), arrays.get("codes", np.zeros((0, 1)))
        if not len(plain) == len(numbers) == len(codes):
            raise CheckpointError("state of known alerts: its parts are of different sizes")
        for row, x, c in zip(plain, numbers, codes, strict=True):
            self.keep(KnownAlert.restored(row, x.copy(), c.copy()))
