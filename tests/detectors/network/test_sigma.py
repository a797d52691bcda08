"""What a second sensor tells of a connection is counted by no correlation, before and after a restart."""

import numpy as np
import pytest

from detectors.documents import GROUPS
from detectors.played import START, decoded
from pipeline.detectors.detector import Setup
from pipeline.detectors.network.sigma import NetworkSigma
from pipeline.features.lists import Lists

MADE = {
    "kind": "other", "name": "dce_rpc", "format": "zeek.dce_rpc", "src_ip": "10.1.2.3", "dst_ip": "10.1.9.9",
    "dst_port": 445, "detail": '{"endpoint":"svcctl","operation":"CreateServiceW"}',
}  # fmt: skip


def _made(times: int, sensors: int) -> list[dict[str, object]]:
    """Services made on one machine, each in a connection of its own, as so many sensors tell."""
    return [
        MADE | {"ts": START + 60.0 * k + 0.001 * s, "src_port": 50_000 + k, "uid": f"{'AB'[s]}{k}"}
        for k in range(times)
        for s in range(sensors)
    ]


@pytest.mark.parametrize(("times", "sensors", "told"), [(2, 1, False), (2, 2, False), (3, 1, True), (3, 2, True)])
def test_services_made_over_and_over(times: int, sensors: int, told: bool) -> None:
    detector = NetworkSigma(Setup(GROUPS, Lists()))
    first, *rest = _made(times, sensors)
    scores = detector.score(decoded("network", [first])).values.tolist()
    again = NetworkSigma(Setup(GROUPS, Lists()))
    for group in range(GROUPS):
        again.load(group, detector.state(group))
    scores += again.score(decoded("network", rest)).values.tolist()
    assert (np.nanmax(scores) >= 0.5) == told
