"""What counts as an upload: bytes that a machine of ours sends out, many more than come back."""

import numpy as np

from pipeline.detectors.network.sides import to_one_host
from pipeline.features.addresses import EXTERNAL
from pipeline.features.batch import Batch
from pipeline.features.where import address_kind

LEAST = 10_000.0  # bytes of a flow; requests and handshakes are smaller
TIMES = 2.0  # as many bytes out as back


def uploads(batch: Batch) -> np.ndarray:
    """int64[m]: flows to one host outside that are shaped like an upload."""

    def compute(b: Batch) -> np.ndarray:
        out = b.number("bytes_out")
        wanted = (out >= LEAST) & b.kind("flow") & to_one_host(b) & ~(out <= TIMES * b.number("bytes_in"))
        rows = np.flatnonzero(wanted)
        return rows[address_kind(b, "dst_ip")[rows] == EXTERNAL]

    rows: np.ndarray = batch.shared("uploads", compute)
    return rows
