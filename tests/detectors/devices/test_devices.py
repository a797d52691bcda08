"""Devices: known holes by version, strangers by address."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import fresh, restarted, scores, sentence
from pipeline.detectors.devices.exploited_software import ExploitedSoftware
from pipeline.detectors.devices.firmware import EXPOSED, FIXED, UNKNOWN, exposure, version_key
from pipeline.detectors.devices.known_exploited import KnownExploitedDevice
from pipeline.detectors.devices.unknown_device import UnknownDevice
from pipeline.features.lists import Lists, UserList

HOLES = Lists(
    {
        "known_exploited": UserList(
            {
                "acme med": (
                    {"vendor": "Acme Med", "model": "Pump 3", "firmware_before": "8.10"},
                    {"vendor": "Acme Med", "model": "Pump 1", "firmware_before": ""},
                ),
                "gone": ({"vendor": "Gone", "model": "", "firmware_before": "2.0"},),
            }
        )
    }
)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("8.9.2", "8.10"), ("1.2", "1.2.1"), ("1.2a", "1.2b"), ("v1.9", "V1.10"), ("2.0", "2.0.0.1"), ("", "1")],
)
def test_versions_are_ordered_by_number(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)


def test_equal_versions_and_exposure() -> None:
    assert version_key("2.0") == version_key("v2") == version_key("2.00")
    assert exposure("8.9", "8.10") == EXPOSED == exposure("9", "") == exposure(None, None)
    assert exposure("8.10", "8.10") == FIXED
    assert exposure(None, "8.10") == UNKNOWN == exposure("", "8.10")


def device(**fields: Any) -> dict[str, Any]:
    return {"kind": "device", "ts": 1.7e9, "ip": "10.9.0.5", "vendor": "ACME-Med", "model": "pump  3"} | fields


def test_inventory_devices() -> None:
    rows = [
        device(firmware="8.9"),
        device(),
        device(firmware="8.10"),
        device(model="Pump 1", firmware="99"),
        device(vendor=None, firmware="8.9"),
        device(vendor="Other", firmware="8.9"),
        device(vendor="Gone", model="Anything", firmware="1.9"),
        device(vendor=None, model=None),
    ]
    expected = [0.9, 0.5, 0.0, 0.9, 0.9, 0.0, 0.9, np.nan]
    np.testing.assert_array_equal(scores(fresh(KnownExploitedDevice, HOLES), rows), expected)
    assert np.isnan(scores(fresh(KnownExploitedDevice), rows)).all()
    assert sentence(fresh(KnownExploitedDevice, HOLES), rows, 0) == (
        "10.9.0.5, ACME-Med pump  3, runs version 8.9; versions before 8.10 have a hole that attackers are known"
        " to use."
    )


def test_software_on_the_network() -> None:
    seen = {"kind": "software", "ts": 1.7e9, "src_ip": "10.9.0.5", "version": "8.9"}
    names = ["Pump 3", "Acme Med Pump 3", "Other Pump 3", "Pump", "Acme Med"]
    values = scores(fresh(ExploitedSoftware, HOLES), [seen | {"software": name} for name in names])
    assert values.tolist() == [0.9, 0.9, 0.0, 0.0, 0.0]


ROWS = {f"10.9.0.{i}": {"ip": f"10.9.0.{i}", "mac": f"02:00:00:00:00:A{i}"} for i in range(1, 5)}
INVENTORY = Lists(devices=ROWS | {row["mac"].lower(): row for row in ROWS.values()})
HOUR = 3600.0


def flow(src: str, ts: float = 1.7e9, **more: Any) -> dict[str, Any]:
    return {"kind": "flow", "ts": ts, "src_ip": src, "dst_ip": "10.9.0.1"} | more


def test_strangers_are_told_once_and_again_after_silence() -> None:
    detector = fresh(UnknownDevice, INVENTORY)
    rows = [flow("10.9.0.77", 1.7e9 + HOUR * h) for h in (0, 1, 100, 100 + 169, 90)]
    assert scores(detector, rows).tolist() == [0.7, 0.2, 0.2, 0.7, 0.2]
    assert scores(restarted(detector), [flow("10.9.0.77", 1.7e9 + HOUR * 300)])[0] == 0.2


def test_known_by_address_or_mac_in_any_case_and_elsewhere() -> None:
    rows = [
        flow("10.9.0.2"),
        flow("10.9.0.99", src_mac="02:00:00:00:00:a2"),
        flow("10.9.0.99", src_mac="02:00:00:00:00:A2"),
        flow("10.8.0.77"),
        flow("fe80::1"),
        flow("not an address"),
    ]
    assert np.isnan(scores(fresh(UnknownDevice, INVENTORY), rows)).all()
    assert np.isnan(scores(fresh(UnknownDevice), [flow("10.9.0.77")])).all()
    assert np.isnan(scores(fresh(UnknownDevice, INVENTORY, least_devices=5), [flow("10.9.0.77")])).all()


def test_sentence() -> None:
    text = sentence(fresh(UnknownDevice, INVENTORY), [flow("10.9.0.77", src_mac="02:00:00:00:00:ff")])
    assert text == (
        "10.9.0.77 (02:00:00:00:00:ff) is in no inventory and started to talk in network 10.9.0.0/24, where 4"
        " known devices live."
    )
