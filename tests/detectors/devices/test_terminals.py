"""Who begins to work by Telnet on a machine that nobody listed, and who only asks, scans or always did."""

from typing import Any

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.devices.remote_access import RemoteAccess
from pipeline.features.lists import Lists, UserList

HOUR_S = 3600.0
FLOW = {"kind": "flow", "proto": "tcp", "src_ip": "10.4.9.13", "dst_ip": "10.4.3.7", "dst_port": 23, "bytes_out": 600,
        "bytes_in": 9000, "duration_s": 90.0, "conn_state": "SF"}  # fmt: skip
SESSION = FLOW | {"ts": START}
BEFORE = [FLOW | {"ts": START - HOUR_S * h, "dst_port": 443} for h in (6, 4, 2)]


def told(*events: dict[str, Any], lists: Lists | None = None) -> bool:
    scores = played(RemoteAccess, sorted([*BEFORE, *events], key=lambda e: e["ts"]), lists)
    return bool((np.nan_to_num(scores) >= 0.5).any())


def test_the_first_session_is_told() -> None:
    assert told(SESSION)
    assert told(SESSION | {"dst_port": 2001, "service": "telnet"})
    assert told(SESSION | {"kind": "auth", "outcome": "success", "user": "j.doe"})


@pytest.mark.parametrize(
    "other",
    [
        {"duration_s": 2.0}, {"bytes_out": 12}, {"bytes_in": 40}, {"dst_ip": "203.0.113.9"}, {"src_ip": "203.0.113.9"},
        {"dst_port": 22}, {"service": "http"}, {"ts": START - 4 * HOUR_S},
    ],
)  # fmt: skip
def test_what_is_no_session_inside_or_comes_in_the_first_hours_is_not(other: dict[str, Any]) -> None:
    assert not told(SESSION | other)


def test_a_terminal_in_use_and_who_always_works_so_are_not() -> None:
    # 10.4.9.25 lies in the key group of 10.4.9.13.
    assert not told(SESSION | {"src_ip": "10.4.9.25", "ts": START - 4 * HOUR_S}, SESSION)
    assert not told(SESSION | {"dst_ip": "10.4.3.8", "ts": START - 4 * HOUR_S}, SESSION)
    assert told(SESSION, SESSION | {"dst_ip": "10.4.3.8", "ts": START + 600})


def test_scanners_are_not() -> None:
    knocks = [FLOW | {"ts": START - 100 + k, "dst_port": 8000 + k, "conn_state": "REJ", "bytes_in": 0, "bytes_out": 0}
              for k in range(9)]  # fmt: skip
    assert not told(*knocks, SESSION)
    listed = Lists({"scanners": UserList({"10.4.9.13": ({"value": "10.4.9.13"},)})})
    assert not told(SESSION, lists=listed)
