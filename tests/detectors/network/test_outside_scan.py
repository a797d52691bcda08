"""Strangers' scans are told once a day and key group; machines with public addresses of their own are no strangers."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.outside_scan import OutsideScan
from pipeline.detectors.network.port_scan import PortScan

TRY = {"kind": "flow", "proto": "tcp", "src_ip": "203.0.113.7", "dst_ip": "10.0.0.20", "bytes_in": 0}


def _scan(start: float, **more: object) -> list[dict[str, object]]:
    return [TRY | {"ts": start + i, "dst_port": 20 + i} | more for i in range(40)]


def test_one_scan_a_day_is_told() -> None:
    scores = played(OutsideScan, [*_scan(START), *_scan(START + 3600.0), *_scan(START + 90_000.0)])
    found = np.flatnonzero(np.nan_to_num(scores) >= 0.5)
    assert (found // 40).tolist() == [0, 2], "the second of the first day is not"


def test_a_machine_of_ours_with_a_public_address_is_no_stranger() -> None:
    """Nobody but our network calls what it scans."""
    events = _scan(START, src_ip="203.0.113.7", dst_ip="198.51.100.4")
    assert np.isnan(played(OutsideScan, events)).all()
    assert np.nanmax(played(PortScan, events)) >= 0.5
