"""What counts as a place outside."""

import numpy as np

from detectors.played import START, played
from pipeline.detectors.logs.impossible_travel import ImpossibleTravel

LOGON = {"kind": "auth", "host": "ws-7", "action": "logon", "outcome": "success", "user": "clerk1", "account": "clerk1"}


def _best(desk_type: int) -> float:
    """Of a day at machines with public addresses, and a log-on from elsewhere 40 minutes after the last."""
    day = [LOGON | {"ts": START + 3600.0 * i, "src_ip": f"44.20.3.{i}", "logon_type": desk_type} for i in range(8)]
    home = LOGON | {"ts": START + 7 * 3600.0 + 2400.0, "host": "vpn-1", "src_ip": "198.51.100.9"}
    return float(np.nanmax(played(ImpossibleTravel, [*day, home]), initial=0.0))


def test_a_network_in_which_desks_stand_is_no_place_outside() -> None:
    assert _best(2) < 0.5
    assert _best(10) >= 0.5
