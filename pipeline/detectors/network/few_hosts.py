"""Whether the network is so small that whoever runs it can be asked about each act of administration."""

import numpy as np

from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.where import address_kind

MONTH_S = 30 * 86_400.0
FEW = 6.0
"""Hosts of a key group that spoke of themselves within a month: some fifty in all. They make a handful of such acts a
day between them; a hospital has as many hosts within seconds, and dozens of acts."""


class FewHosts(WindowedDistinct):
    """Hosts inside that began anything lately, up to eight a key group. O(8) a row, 80 bytes a key group."""

    def __init__(self, groups: int) -> None:
        super().__init__(groups, 1, MONTH_S, 8)

    def mark(self, batch: Batch) -> np.ndarray:
        """bool[n]: with the row included, few of them were seen. Every batch has to come by here."""
        inside = address_kind(batch, "src_ip") == INTERNAL
        item = np.where(inside, batch.hash("src_ip"), np.uint64(0))
        few: np.ndarray = self.add(np.ones(batch.n, np.uint64), item, batch.ts, batch.groups) <= FEW
        return few
