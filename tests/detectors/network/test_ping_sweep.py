"""Who asks which machines are up: a desk that never did, a monitor that always does."""

from typing import Any

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.ping_sweep import PingSweep

HOUR_S = 3600.0
PING = {"kind": "flow", "proto": "icmp", "src_ip": "10.0.0.9", "src_port": 8, "dst_port": 0, "bytes_in": 56}


def pings(start: float, n: int, step_s: float, net: int = 2, **more: Any) -> list[dict[str, Any]]:
    return [PING | {"ts": start + step_s * k, "dst_ip": f"10.0.{net}.{k}"} | more for k in range(n)]


def watched(before_s: float) -> list[dict[str, Any]]:
    """Other traffic of all key groups, so that a group has been watched for so long."""
    flow = {
        "kind": "flow",
        "proto": "tcp",
        "ts": START - before_s,
        "dst_ip": "10.0.0.2",
        "dst_port": 443,
        "bytes_in": 900,
    }
    return [flow | {"src_ip": f"10.0.1.{k}"} for k in range(80)]


def highest(events: list[dict[str, Any]]) -> float:
    return float(np.nanmax(np.nan_to_num(played(PingSweep, events))))


def test_fast_and_slow() -> None:
    assert highest(watched(7200.0) + pings(START, 25, 0.1)) >= 0.5
    assert highest(watched(7200.0) + pings(START, 25, 200.0)) >= 0.5
    assert highest(watched(7200.0) + pings(START, 12, 1.0)) < 0.5
    assert highest(watched(7200.0) + pings(START, 60, 1200.0)) < 0.5


def test_who_is_at_it_when_watching_begins() -> None:
    assert highest(watched(600.0) + pings(START, 60, 1.0)) < 0.5
    again = [p for k in range(20) for p in pings(START + 300.0 * k, 60, 1.0)]
    assert highest(watched(600.0) + again) < 0.5


def test_who_pings_hour_by_hour_may_go_on_with_new_machines() -> None:
    monitor = [p for k in range(6) for p in pings(START - 6 * HOUR_S + HOUR_S * k, 40, 1.0)]
    assert highest(watched(6.5 * HOUR_S) + monitor + pings(START, 60, 1.0, net=3)) < 0.5
    assert highest(watched(6.5 * HOUR_S) + monitor + pings(START, 60, 1.0, net=3, src_ip="10.0.0.8")) >= 0.5


def test_what_is_no_question_whether_a_machine_is_up() -> None:
    sweep = watched(7200.0)
    assert highest(sweep + pings(START, 60, 1.0, src_port=3)) < 0.5
    assert highest(sweep + pings(START, 60, 1.0, proto="udp")) < 0.5
    assert highest(sweep + [p | {"dst_ip": f"203.0.{k}.7"} for k, p in enumerate(pings(START, 60, 1.0))]) < 0.5
    assert highest(sweep + pings(START, 60, 1.0, proto="icmp6", src_port=128)) >= 0.5
