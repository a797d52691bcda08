"""Tries without an answer; replies, multicast and named scanners are none."""

import numpy as np

from detectors.documents import GROUPS
from detectors.played import START, decoded, played
from pipeline.detectors.detector import Setup
from pipeline.detectors.network.port_scan import PortScan
from pipeline.detectors.network.slow_scan import SlowScan
from pipeline.features.lists import Lists, UserList

TRY = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20", "dst_port": 22, "bytes_in": 0}


def _ports(**more: object) -> list[dict[str, object]]:
    return [TRY | {"ts": START + i, "dst_port": 20 + i} | more for i in range(30)]


def test_a_named_scanner_is_left_alone() -> None:
    assert np.nanmax(played(PortScan, _ports())) >= 0.5
    assert np.nanmax(played(PortScan, _ports(), Lists({"scanners": UserList({"10.0.0.9": ({},)})}))) == 0.0


def test_errors_and_groups_of_hosts_are_no_tries() -> None:
    errors = [
        TRY | {"ts": START + i, "proto": "icmp", "src_port": 3, "dst_port": 3, "dst_ip": f"203.0.113.{i}"}
        for i in range(30)
    ]
    assert np.nanmax(played(PortScan, errors)) == 0.0
    assert np.nanmax(played(PortScan, [e | {"src_port": 8} for e in errors])) >= 0.5
    assert np.nanmax(played(PortScan, _ports(dst_ip="255.255.255.255"))) == 0.0


def test_answers_count_in_whatever_batch_they_come() -> None:
    """Some answer, so the way out is not down, and tries on everyday ports count; also one event a batch."""
    web = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_port": 443}
    answers = [web | {"ts": START + i, "dst_ip": f"203.0.113.{i}", "bytes_in": 900} for i in range(4)]
    vain = [web | {"ts": START + 10 + i, "dst_ip": f"198.51.100.{i}", "bytes_in": 0} for i in range(12)]
    whole = played(PortScan, [*answers, *vain])
    detector = PortScan(Setup(GROUPS))
    alone = np.concatenate([detector.score(decoded("network", [e])).values for e in (*answers, *vain)])
    np.testing.assert_array_equal(alone, whole)
    assert np.nanmax(whole) > np.nanmax(played(PortScan, vain)), "without answers the way out may be down"


def test_a_patient_scanner_in_a_house_where_all_try_much_in_vain() -> None:
    """Forty targets are many for one machine, and what everybody has where printers and neighbours are off."""

    def tries(source: int, n: int) -> list[dict[str, object]]:
        ways = [{"ts": START + 700.0 * i + source, "dst_ip": f"10.0.{source}.{i}", "dst_port": 445} for i in range(n)]
        return [TRY | way | {"src_ip": f"10.0.0.{source}"} for way in ways]

    all_of_them = sorted((e for source in range(1, 200) for e in tries(source, 40)), key=lambda e: e["ts"])
    scores = played(SlowScan, all_of_them)
    assert np.nanmax(played(SlowScan, tries(9, 40))) >= 0.5 > np.nanmax(scores[len(scores) // 2 :])
    scan = sorted([*all_of_them, *tries(250, 115)], key=lambda e: e["ts"])
    assert np.nanmax(played(SlowScan, scan)[len(scores) :]) >= 0.5
