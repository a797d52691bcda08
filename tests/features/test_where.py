"""Two ends in one public network are inside, whatever a document's source; else an address tells by itself."""

import numpy as np
import pytest
from detectors.played import decoded

from pipeline.features.addresses import EXTERNAL, GROUP, INTERNAL
from pipeline.features.known_devices import device_ends
from pipeline.features.lists import Lists
from pipeline.features.where import address_kind


@pytest.mark.parametrize(
    ("src", "dst", "kinds"),
    [
        ("44.20.1.7", "44.20.9.9", (INTERNAL, INTERNAL)),
        ("2a0c:5e40:20:1::7", "2a0c:5e40:20:9::9", (INTERNAL, INTERNAL)),
        ("44.20.1.7", "44.21.9.9", (EXTERNAL, EXTERNAL)),
        ("44.20.1.7", "10.0.0.1", (EXTERNAL, INTERNAL)),
        ("10.0.0.1", "44.20.1.7", (INTERNAL, EXTERNAL)),
        ("224.0.0.1", "224.0.0.251", (GROUP, GROUP)),
    ],
)
def test_where_two_ends_are(src: str, dst: str, kinds: tuple[int, int]) -> None:
    batch = decoded("network", [{"kind": "flow", "ts": 1e6, "src_ip": src, "dst_ip": dst}])
    assert (address_kind(batch, "src_ip")[0], address_kind(batch, "dst_ip")[0]) == kinds
    assert [int(device_ends(batch, Lists(), side).where[0]) for side in ("src", "dst")] == list(kinds)


def test_one_end_alone_is_not_the_house() -> None:
    batch = decoded("network", [{"kind": "dhcp", "ts": 1e6, "src_ip": "44.20.1.7"}])
    assert np.array_equal(address_kind(batch, "src_ip"), [EXTERNAL])
