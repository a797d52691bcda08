"""When a tool was first seen on a machine within a day: what is given on of it."""

from collections.abc import Mapping

import numpy as np

from pipeline.detectors.detector import Scores
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.state_parts import InParts, Stateful

PAIRS = 2048
"""Machines with a tool, and days, a key group."""
DAY_S = 86_400.0


class ToolSights(InParts):
    """Which sights of a tool on a machine are the first of a UTC day, and for how long the key group was watched."""

    def __init__(self, groups: int) -> None:
        self._pairs = Sightings(groups, PAIRS)
        self._watched = Sightings(groups, 1)
        self._parts: Mapping[str, Stateful] = {"pairs": self._pairs, "watched": self._watched}

    def scores(self, batch: Batch, rows: np.ndarray, tools: np.ndarray) -> Scores:
        """1 where a row (ascending) has the first sight of its tool, by number, 0 where it was seen; evidence `tool`
        and `watched_s`. Every batch has to come by here."""
        values, tool, watched = np.full(batch.n, np.nan), np.full(batch.n, -1.0), np.zeros(batch.n)
        everything = np.ones(batch.n, np.uint64)
        age, _, _ = self._watched.note(everything, batch.ts, batch.groups)
        if len(rows):
            rows, first = np.unique(rows, return_index=True)
            tools = tools[first]
            pair = combine_many(batch.key_hash[rows], tools.astype(np.uint64) + np.uint64(1)) | np.uint64(1)
            day = np.floor(batch.ts[rows] / DAY_S).astype(np.uint64)
            _, _, count = self._pairs.note(combine_many(pair, day) | np.uint64(1), batch.ts[rows], batch.groups[rows])
            values[rows] = np.where(count == 0, 1.0, 0.0)
            tool[rows], watched[rows] = tools, age[rows]
        return Scores(values, {"tool": tool, "watched_s": watched})
