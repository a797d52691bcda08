"""Grave alerts pass, repeats fade, the internet's noise fades, housekeeping stays below."""

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.network.ids_alert import IdsAlerts

ALERT = {"kind": "ids_alert", "src_ip": "10.0.0.9", "dst_ip": "198.51.100.9", "signature_id": "1", "severity": 2,
         "signature": "Something bad", "category": "Misc Attack"}  # fmt: skip


def test_repeats_fade_and_come_back_after_days() -> None:
    scores = played(IdsAlerts, [ALERT | {"ts": START + i} for i in range(1000)])
    assert scores[0] >= 0.5 and (np.diff(scores) < 0).all() and scores[-1] < 0.25
    later = played(IdsAlerts, [ALERT | {"ts": START + t} for t in (*range(20), 20 * 86_400)])
    assert later[-1] > 0.95 * later[0]


def test_graver_scores_higher() -> None:
    plain = ALERT | {"category": "Something else"}
    first = [played(IdsAlerts, [plain | {"ts": START, "severity": s}])[0] for s in (1, 2, 3, 4)]
    assert first == sorted(first, reverse=True) and first[0] >= 0.9 > 0.5 > first[3]


def test_many_outside_addresses_are_noise_unless_grave() -> None:
    noise = [ALERT | {"ts": START + i, "src_ip": f"203.0.113.{i}"} for i in range(200)]
    assert (played(IdsAlerts, noise) >= 0.5).sum() <= 16, "two for each of eight key groups"
    assert (played(IdsAlerts, [e | {"severity": 1} for e in noise]) >= 0.5).sum() <= 16, "attempts, whatever they try"
    grave = [e | {"severity": 1, "category": "A Network Trojan was detected"} for e in noise]
    assert (played(IdsAlerts, grave) >= 0.5).all()
    outside = [e | {"signature_id": str(i)} for i, e in enumerate(noise)]
    assert (played(IdsAlerts, outside) >= 0.5).sum() <= 16, "outside addresses are one noise"
    inside = [e | {"src_ip": f"10.0.0.{i}"} for i, e in enumerate(outside)]
    assert (played(IdsAlerts, inside) >= 0.5).all(), "inside each signature counts by itself"


def test_housekeeping_stays_below() -> None:
    notice = {k: v for k, v in ALERT.items() if k != "severity"} | {"signature_id": "SSL::Invalid_Server_Cert"}
    assert played(IdsAlerts, [notice | {"ts": START, "category": "SSL"}])[0] < 0.5
    found = notice | {"signature_id": "ProtocolDetector::Protocol_Found", "category": "ProtocolDetector"}
    assert (
        played(IdsAlerts, [found | {"ts": START, "signature": "10.0.0.9:80 > 203.0.113.9:853 SSL on port 853"}])[0]
        < 0.5
    )


@pytest.mark.parametrize(
    ("signature", "category", "severity", "fires"),
    [
        ("ET MALWARE Win32/Emotet CnC Activity", "A Network Trojan was detected", 1, True),
        ("ET INFO Observed DNS Query to .biz TLD", "Potentially Bad Traffic", 2, False),
        ("ET POLICY PE EXE or DLL Windows file download HTTP", "Potential Corporate Privacy Violation", 1, False),
        ("ET HUNTING Suspicious User-Agent", "A Network Trojan was detected", 1, False),
        ("ET SCAN Potential SSH Scan", "Attempted Information Leak", 2, True),
        ("SURICATA STREAM Packet with invalid ack", "Generic Protocol Command Decode", 3, False),
        ("ET CINS Active Threat Intelligence Poor Reputation IP group 89", "Misc Attack", 2, True),
        ("ET EXPLOIT Possible Log4j RCE attempt", "Attempted Administrator Privilege Gain", 1, True),
    ],
)
def test_words_and_categories(signature: str, category: str, severity: int, fires: bool) -> None:
    alert = ALERT | {"ts": START, "signature": signature, "category": category, "severity": severity}
    assert (played(IdsAlerts, [alert])[0] >= 0.5) == fires


def test_scans_are_left_to_our_own_detectors_where_flows_are_seen() -> None:
    scan = ALERT | {"signature": "ET SCAN Potential SSH Scan", "category": "Attempted Information Leak"}
    flow = {"kind": "flow", "ts": START, "src_ip": "10.0.0.9", "bytes_in": 0}
    scores = played(IdsAlerts, [scan | {"ts": START}, *[flow] * 12, scan | {"ts": START + 1}])
    assert scores[0] >= 0.5 > scores[-1]
    assert np.isnan(scores[1])


def test_reputation_counts_for_what_goes_out() -> None:
    alert = ALERT | {"ts": START, "signature": "ET DROP Spamhaus DROP Listed Traffic Inbound group 3"}
    assert played(IdsAlerts, [alert | {"src_ip": "203.0.113.5", "dst_ip": "10.0.0.9"}])[0] < 0.5
    assert played(IdsAlerts, [alert])[0] >= 0.5
