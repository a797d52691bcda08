"""What counts as an upload: bytes that a machine of ours sends out, many more than come back."""

import numpy as np

from pipeline.detectors.memory.many_distinct import ManyDistinct
from pipeline.detectors.network.second_sensor import SecondSensor
from pipeline.detectors.network.sides import Outsiders, to_one_host
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.state_parts import InParts
from pipeline.features.where import address_kind

LEAST = 10_000.0  # bytes of a flow; requests and handshakes are smaller
TIMES = 2.0  # as many bytes out as back
SOURCES = 1024  # that upload, per key group
MANY = 32.0
"""Places that a machine uploads to within a day from which on it speaks for others: a gateway, a proxy, a mail server.
A desk of the simulator uploads to eleven at most in half a day."""
DAY_S = 86_400.0


class Uploads(InParts):
    """Uploads of our own machines, each told once where several sensors see the same wire. O(1) an upload."""

    def __init__(self, groups: int) -> None:
        self._outsiders, self._twice = Outsiders(groups), SecondSensor(groups)
        self._parts = {"outsiders": self._outsiders, "twice": self._twice}

    def rows(self, batch: Batch) -> np.ndarray:
        """int64[m], ascending."""
        rows = _shaped_so(batch)
        rows = rows[~self._outsiders.mark(batch, rows)]
        return rows[~self._twice.copies(batch, rows)]


class Gates(InParts):
    """Sources that upload for many machines: that nobody else uploads where they do says nothing then. O(1) an upload,
    64 bytes a source."""

    def __init__(self, groups: int) -> None:
        self._places = ManyDistinct(groups, SOURCES, DAY_S, words=1)
        self._parts = {"places": self._places}

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the uploads whose source speaks for others."""
        src, dst = batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows]
        found: np.ndarray = self._places.add(src, dst, batch.ts[rows], batch.groups[rows]) >= MANY
        return found


def _shaped_so(batch: Batch) -> np.ndarray:
    """int64[m]: flows to one host outside with many more bytes out than back."""

    def compute(b: Batch) -> np.ndarray:
        out = b.number("bytes_out")
        wanted = (out >= LEAST) & b.kind("flow") & to_one_host(b) & ~(out <= TIMES * b.number("bytes_in"))
        rows = np.flatnonzero(wanted)
        return rows[address_kind(b, "dst_ip")[rows] == EXTERNAL]

    rows: np.ndarray = batch.shared("uploads", compute)
    return rows
