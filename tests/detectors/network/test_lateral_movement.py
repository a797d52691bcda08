"""Who moves on is found; who administers is known by the hours before, by the first day, by those who report to it."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.lateral_movement import LateralMovement

HOUR_S, DAY_S = 3600.0, 86_400.0
FLOW = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.5.9", "dst_port": 3389, "bytes_out": 4000, "bytes_in": 9000}


def _watched(since_s: float) -> list[dict[str, object]]:
    """Other machines of all key groups, seen so long before."""
    return [FLOW | {"ts": START - since_s, "src_ip": f"10.0.8.{k}", "dst_ip": "10.0.0.7"} for k in range(60)]


def _opens(n: int, step_s: float, ts: float = START) -> list[dict[str, object]]:
    return [FLOW | {"ts": ts + step_s * k, "dst_ip": f"10.0.6.{k}"} for k in range(n)]


def _most(*parts: list[dict[str, object]]) -> float:
    return float(np.nanmax(played(LateralMovement, [e for part in parts for e in part])))


def test_on_the_first_day_it_takes_more() -> None:
    six = _opens(6, 300.0)
    assert _most(_watched(5 * HOUR_S), six) < 0.5 <= _most(_watched(2 * DAY_S), six)
    assert _most(_watched(5 * HOUR_S), _opens(15, 120.0)) >= 0.5


def test_in_the_first_hours_even_many_are_no_news() -> None:
    assert _most(_watched(HOUR_S), _opens(15, 120.0)) < 0.5


def test_a_machine_to_which_others_report_may_open_many() -> None:
    report = FLOW | {"dst_ip": "10.0.5.9", "dst_port": 8530}
    reports = [report | {"ts": START - 600.0 + k, "src_ip": f"10.0.7.{k}"} for k in range(200)]
    watched, many = _watched(2 * DAY_S), _opens(20, 60.0)
    assert _most(watched, reports, many) < 0.5 <= _most(watched, many)


def test_who_went_round_for_hours_may_open_many_and_who_did_once_may_not() -> None:
    watched, many = _watched(2 * DAY_S), _opens(20, 60.0)
    hourly = [FLOW | {"ts": START - 6 * HOUR_S + 1500.0 * k, "dst_ip": f"10.0.7.{k}"} for k in range(9)]
    at_once = [e | {"ts": START - 4 * HOUR_S + 60.0 * k} for k, e in enumerate(hourly[:3])]
    assert _most(watched, hourly, many) < 0.5 <= _most(watched, at_once, many)
    assert _most(watched, hourly, _opens(70, 20.0)) >= 0.5


def test_a_management_server_that_goes_round_may_open_all() -> None:
    report = FLOW | {"dst_ip": "10.0.5.9", "dst_port": 8530}
    reports = [report | {"ts": START - 600.0 + k, "src_ip": f"10.0.7.{k}"} for k in range(200)]
    hourly = [FLOW | {"ts": START - 6 * HOUR_S + 1500.0 * k, "dst_ip": f"10.0.9.{k}"} for k in range(9)]
    every = [FLOW | {"ts": START + 10.0 * k, "dst_ip": f"10.0.{10 + k // 200}.{k % 200}"} for k in range(300)]
    assert _most(_watched(2 * DAY_S), hourly, reports, every) < 0.5 <= _most(_watched(2 * DAY_S), reports, every)
