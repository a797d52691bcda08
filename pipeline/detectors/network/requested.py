"""Connections whose requests are told by themselves: the same visit is not counted twice."""

import numpy as np

from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.sides import ports
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.state_parts import InParts

PAIRS, DAY_S = 1024, 86_400.0


class Requested(InParts):
    """Of source and destination's port: whether requests were told within a day that all name one host.

    Who names another host each time keeps no rhythm by names: there flows go on to count. O(2) a request, and a flow
    that is asked about; 32 bytes a pair, 1,024 a key group.
    """

    def __init__(self, groups: int) -> None:
        self._told = WindowedDistinct(groups, PAIRS, DAY_S, ring=2)
        self._parts = {"told": self._told}

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the rows (ascending) that are flows to where such requests went before.

        Every batch has to come by here, with flows or without.
        """
        request = batch.kind("http") & (batch.hash("host") != 0) & (batch.hash("dst_ip") != 0)
        wanted = request.copy()
        wanted[rows] = True
        at = np.flatnonzero(wanted)
        pair = combine_many(combine_many(batch.hash("src_ip")[at], batch.hash("dst_ip")[at]), ports(batch, at))
        hosts = np.zeros(batch.n)
        name = np.where(request[at], batch.hash("host")[at], np.uint64(0))
        hosts[at] = self._told.add(pair, name, batch.ts[at], batch.groups[at])
        found: np.ndarray = (hosts[rows] == 1.0) & batch.kind("flow")[rows]
        return found
