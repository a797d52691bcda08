"""Who goes on from machine to machine, and who only goes to many."""

from typing import Any

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.logs.desktop_chain import DesktopChain

HOUR_S = 3600.0
LOGON = {
    "kind": "auth", "action": "logon", "outcome": "success", "user": "clerk3", "account": "clerk3", "host_users": 1,
}  # fmt: skip


def day(hours: int = 6) -> list[dict[str, Any]]:
    """Ordinary log-ons over the network to a server that many use."""
    usual = LOGON | {"host": "srv-file1", "src_ip": "10.0.1.5", "logon_type": 3, "host_users": 16}
    return [usual | {"ts": START - HOUR_S * (hours - k / 4)} for k in range(4 * hours)]


def chain(n: int, step_s: float = 1800.0, **more: Any) -> list[dict[str, Any]]:
    """From the own desk to the first machine, from there to the second …"""
    link = LOGON | {"logon_type": 10} | more
    return [link | {"ts": START + step_s * k, "host": f"ws-{k}", "src_ip": f"10.0.1.{5 + k}"} for k in range(n)]


def highest(events: list[dict[str, Any]]) -> float:
    return float(np.nanmax(np.nan_to_num(played(DesktopChain, events))))


def test_a_chain_is_told_at_its_fourth_machine() -> None:
    assert highest(day() + chain(3)) < 0.5 <= highest(day() + chain(4))
    assert highest(day() + chain(8, 7 * HOUR_S)) < 0.5
    assert highest(day(2) + chain(8, 300.0)) < 0.5


@pytest.mark.parametrize("other", [{"logon_type": 3}, {"logon_type": 2}, {"host_users": 12}, {"outcome": "failure"}])
def test_other_log_ons_are_no_links(other: dict[str, Any]) -> None:
    assert highest(day() + chain(8, **other)) < 0.5


def test_ways_used_before_are_no_links() -> None:
    before = [e | {"ts": float(e["ts"]) - 20 * HOUR_S} for e in chain(8)]
    assert highest(before + day() + chain(8)) < 0.5


def named(n: int, **more: Any) -> list[dict[str, Any]]:
    """The same chain, with the machines' names as an NTLM log-on tells them."""
    return [
        e | {"host": f"ws-{k}.hosp.example", "src_host": f"WS-{k - 1}" if k else "PC-9"} | more
        for k, e in enumerate(chain(n))
    ]


def test_who_goes_on_from_a_machine_newly_reached_is_told_one_machine_earlier() -> None:
    own = {"src_ip": "10.0.9.9"}  # nobody was ever there under the account
    before = [e | {"ts": float(e["ts"]) - 20 * HOUR_S} for e in day()]
    two = [e | (own if k == 0 else {}) for k, e in enumerate(named(2))]
    assert highest(before + day() + two) >= 0.5
    assert highest(day() + two) < 0.5, "an account of today may be an administrator's"
    assert highest(before + day() + [e | {"src_host": "-"} for e in two]) < 0.5
    assert highest(before + day() + named(2)) < 0.5, "from the own desk"


def test_the_check_of_the_password_before_makes_no_address_or_machine_known() -> None:
    checked = [
        {**e, "ts": float(e["ts"]) - s, "logon_type": kind} for e in chain(4) for s, kind in ((1.5, 3), (0.0, 10))
    ]
    assert highest(day() + checked) >= 0.5


def test_who_was_asked_for_a_share_was_not_worked_on() -> None:
    shares = [e | {"ts": START - HOUR_S, "src_ip": "10.0.1.5", "logon_type": 3} for e in chain(4)]
    assert highest(day() + shares + chain(4)) >= 0.5


def test_one_jump_host_and_one_machine_from_everywhere() -> None:
    assert highest(day() + [e | {"src_ip": "10.0.9.9"} for e in chain(12)]) < 0.5
    assert highest(day() + [e | {"host": "ws-1"} for e in chain(12)]) < 0.5
