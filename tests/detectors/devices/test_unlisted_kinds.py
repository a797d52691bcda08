"""Which machines that nobody listed count as devices, where their class is not known."""

from typing import Any

import numpy as np

from detectors.documents import GROUPS
from detectors.played import START, played
from pipeline.detectors.devices.new_peer import NewPeer
from pipeline.runtime.relay.onward import groups_of

HOUR_S = 3600.0
PUMPS = ("10.4.9.13", "10.4.9.25", "10.4.9.33")  # of one key group
FLOW: dict[str, Any] = {"kind": "flow", "proto": "tcp", "dst_port": 8443, "bytes_out": 900, "bytes_in": 90,
                        "conn_state": "SF"}  # fmt: skip


def reports(hours: float, pumps: tuple[str, ...] = PUMPS, *, servers: int = 1) -> list[dict[str, Any]]:
    """Each reports once a minute, in turn to each of the servers."""
    return [
        FLOW | {"ts": START + 60.0 * m + k, "src_ip": ip, "dst_ip": f"10.1.0.{5 + m % servers}"}
        for m in range(int(60 * hours)) for k, ip in enumerate(pumps)
    ]  # fmt: skip


def shell(hours: float) -> dict[str, Any]:
    return FLOW | {"ts": START + HOUR_S * hours + 30, "src_ip": PUMPS[0], "dst_ip": "10.1.0.9", "dst_port": 22}


def fellows() -> list[str]:
    """Two other addresses of the pumps' key group."""
    addresses = [ip.encode() for ip in (PUMPS[0], *(f"10.4.9.{k}" for k in range(40, 250)))]
    own, *others = groups_of(addresses, GROUPS).tolist()
    return [f"10.4.9.{40 + k}" for k, group in enumerate(others) if group == own][:2]


def told(*events: dict[str, Any]) -> bool:
    return bool((np.nan_to_num(played(NewPeer, events)) >= 0.5).any())


def test_a_network_is_a_kind_of_devices_after_a_whole_day() -> None:
    shells = [shell(h) | {"dst_ip": f"10.1.0.{9 + k}"} for h in (20, 26) for k in range(2)]
    assert told(*reports(26, servers=3), *shells[2:])
    assert not told(*reports(20, servers=3), *shells[:2])


def test_behind_a_router_its_maker_makes_no_kind() -> None:
    router = {"src_mac": "3c:a1:0e:00:00:09"}  # a maker of whom no class is known
    usual = [e | router for e in reports(8)]
    flow = usual[0] | {"ts": START + 8 * HOUR_S}
    assert told(*usual, shell(9) | router)
    assert not told(*usual, *(flow | {"src_ip": ip} for ip in fellows()), shell(9) | router)
