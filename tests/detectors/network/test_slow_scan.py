"""Doors of one machine tried in vain, a few at a time."""

from typing import Any

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.slow_scan import SlowScan

TRY = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20", "bytes_in": 0, "conn_state": "REJ"}


def tries(n: int, step_s: float = 700.0, first: int = 900, by: int = 7, **more: Any) -> list[dict[str, Any]]:
    return [TRY | {"ts": START + step_s * k, "dst_port": first + by * k} | more for k in range(n)]


def highest(events: list[dict[str, Any]]) -> float:
    return float(np.nanmax(np.nan_to_num(played(SlowScan, sorted(events, key=lambda e: float(e["ts"]))))))


def test_as_many_doors_that_open_hide_nothing() -> None:
    open_ones = tries(40, first=20_000, bytes_in=400, conn_state="SF")
    assert highest(tries(14) + open_ones) >= 0.5 > highest(tries(9) + open_ones)


def test_in_one_effort_or_over_days_it_is_no_slow_scan() -> None:
    assert highest(tries(14, 1.0)) < 0.5
    assert highest(tries(14, 9 * 3600.0)) < 0.5


def test_the_same_doors_and_drawn_ports_are_no_search() -> None:
    assert highest(tries(200, by=0)) < 0.5
    assert highest(tries(16, first=40_000)) < 0.5
    assert highest(tries(16, src_port=50_000)) >= 0.5
    assert highest(tries(16, first=1_025, src_port=11_112)) < 0.5, "answers of an archive"
    assert highest(tries(16, first=16_384, src_port=24_600, proto="udp", conn_state="S0")) < 0.5, "music on hold"
    assert highest([e | {"dst_ip": f"10.0.1.{k % 5}"} for k, e in enumerate(tries(20))]) < 0.5
