"""Which rows carry a router's hardware address: behind it, its maker says nothing of the machine that speaks."""

import numpy as np

from pipeline.detectors.devices.passive_inventory import ROUTER
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.state_parts import InParts
from pipeline.features.unknown import filled

MACS, DAY_S = 1024, 86_400.0  # per key group


class Routed(InParts):
    """Addresses of a key group that came from one hardware address within a day. O(5) a row, 60 KB a key group."""

    def __init__(self, groups: int) -> None:
        self._behind = WindowedDistinct(groups, MACS, DAY_S, ROUTER + 1)
        self._parts = {"behind": self._behind}

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the row's source has a hardware address with more than four others, as with the row itself."""
        mac, ip = batch.hash("src_mac")[rows], batch.hash("src_ip")[rows]
        found: np.ndarray = filled(self._behind.add(mac, ip, batch.ts[rows], batch.groups[rows])) > ROUTER
        return found
