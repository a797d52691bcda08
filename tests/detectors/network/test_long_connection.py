"""A connection is as long as all of its records together."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.long_connection import LongConnection

FLOW = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "src_port": 50_000, "dst_ip": "203.0.113.9",
        "dst_port": 4444}  # fmt: skip


def _told(hours: float, slice_s: float, **more: object) -> float:
    parts = int(hours * 3600 / slice_s)
    flows = [
        FLOW | {"ts": START + slice_s * i, "duration_s": slice_s, "bytes_out": 900, "bytes_in": 9000} | more
        for i in range(parts)
    ]
    scores = played(LongConnection, flows)
    return 0.0 if np.isnan(scores).all() else float(np.nanmax(scores))


def test_records_of_a_minute_add_up() -> None:
    whole = _told(6.0, 6 * 3600.0)
    assert whole >= 0.5
    assert np.isclose(_told(6.0, 60.0), whole) and np.isclose(_told(6.0, 300.0), whole)
    assert _told(1.0, 60.0) < 0.5


def test_other_connections_are_others() -> None:
    assert _told(6.0, 20.0) == 0.0  # no exporter cuts so soon
    assert _told(6.0, 60.0, src_port=None) == 0.0
