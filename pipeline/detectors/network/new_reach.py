"""How many machines an hour somebody newly reaches in other hours: who administers is learned by it."""

import numpy as np

from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.state_parts import InParts
from pipeline.features.unknown import filled

HOUR_S, DAY_S = 3600.0, 86_400.0
USUAL = 3.0
"""Times its usual number of new machines an hour that a source or account may reach besides what all may."""
WARM_UP_S, HELD = 10_800.0, 0.49
"""In the first hours even many new machines say nothing: whatever rolls out software is at it. Scores are held so."""


class NewReach(InParts):
    """Machines newly reached within a day, by who reaches them. O(1) a row, 130 bytes each."""

    def __init__(self, groups: int, capacity: int) -> None:
        self._day, self._since = WindowedSum(groups, capacity, DAY_S), Sightings(groups, capacity)
        self._parts = {"day": self._day, "since": self._since}

    def usual(
        self, who: np.ndarray, counts: np.ndarray, new: np.ndarray, lately: np.ndarray,
        when: tuple[np.ndarray, np.ndarray],
    ) -> np.ndarray:  # fmt: skip
        """float64[m]: new machines an hour by what came before, but for those of this hour.

        who uint64[m]; counts bool[m]: rows that reach a machine at all; new bool[m]: for the first time; lately
        float64[m]: machines within this hour; when: ts s and groups int32, [m] each.
        """
        in_a_day = self._day.add(who, (counts & new).astype(np.float64), *when)
        since, _, _ = self._since.note(np.where(counts, who, np.uint64(0)), *when)
        found: np.ndarray = np.maximum(in_a_day - lately, 0.0) / np.clip(filled(since) / HOUR_S, 1.0, 24.0)
        return found
