"""Who tries port after port: what else such a machine does is its scan, which `network.port_scan` tells."""

import numpy as np

from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.scanning import service_key, tries
from pipeline.features.batch import Batch
from pipeline.features.interleaved import interleaved
from pipeline.features.unknown import filled

HOUR_S = 3600.0
MANY, SOURCES = 8, 512
"""Ports tried in vain within an hour: who looks for one service, or guesses at some, tries fewer; sources a key
group."""


class ManyPorts(WindowedDistinct):
    """Ports that a source tried in vain within an hour, up to eight. O(8) a try, 80 bytes a source."""

    def __init__(self, groups: int) -> None:
        super().__init__(groups, SOURCES, HOUR_S, MANY)

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the source of each row (ascending) scans, with the row itself. Every batch has to come by here."""
        vain = np.flatnonzero(tries(batch))
        both, asks = interleaved(vain, rows)
        port = np.where(asks, np.uint64(0), service_key(batch, both))
        found = self.add(batch.hash("src_ip")[both], port, batch.ts[both], batch.groups[both])
        return filled(found[asks]) >= MANY
