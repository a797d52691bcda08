"""Grave alerts pass, repeats fade, the internet's noise fades, housekeeping stays below."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.network.ids_alert import IdsAlerts

ALERT = {"kind": "ids_alert", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "signature_id": "1", "severity": 2,
         "signature": "Something bad", "category": "Misc Attack"}  # fmt: skip


def test_repeats_fade_and_come_back_after_days() -> None:
    scores = played(IdsAlerts, [ALERT | {"ts": START + i} for i in range(1000)])
    assert scores[0] >= 0.5 and (np.diff(scores) < 0).all() and scores[-1] < 0.25
    later = played(IdsAlerts, [ALERT | {"ts": START + t} for t in (*range(20), 20 * 86_400)])
    assert later[-1] > 0.95 * later[0]


def test_graver_scores_higher() -> None:
    first = [played(IdsAlerts, [ALERT | {"ts": START, "severity": s}])[0] for s in (1, 2, 3, 4)]
    assert first == sorted(first, reverse=True) and first[0] >= 0.9 > 0.5 > first[3]


def test_many_outside_addresses_are_noise_unless_grave() -> None:
    noise = [ALERT | {"ts": START + i, "src_ip": f"203.0.113.{i}"} for i in range(200)]
    assert (played(IdsAlerts, noise) >= 0.5).sum() < 60
    assert (played(IdsAlerts, [e | {"severity": 1} for e in noise]) >= 0.5).all()
    outside = [e | {"signature_id": str(i)} for i, e in enumerate(noise)]
    assert (played(IdsAlerts, outside) >= 0.5).sum() < 60, "a category of outside addresses is one noise"
    inside = [e | {"src_ip": f"10.0.0.{i}"} for i, e in enumerate(outside)]
    assert (played(IdsAlerts, inside) >= 0.5).all(), "inside each signature counts by itself"


def test_housekeeping_stays_below() -> None:
    notice = {k: v for k, v in ALERT.items() if k != "severity"} | {"signature_id": "SSL::Invalid_Server_Cert"}
    assert played(IdsAlerts, [notice | {"ts": START}])[0] < 0.5
