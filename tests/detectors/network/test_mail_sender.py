"""Who sends mail by itself: a gateway of the house is known by who hands it mail or by its past, a desk by neither."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.network.mail_sender import MailSender

DAY_S = 86_400.0
FLOW = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_port": 25, "bytes_in": 300}
HOUSE = [FLOW | {"ts": START, "src_ip": f"10.0.4.{k}", "dst_ip": "10.0.0.2"} for k in range(120)]
"""Desks that hand mail to the house's own server: many machines are watched from START on."""


def _spread(start: float, networks: int = 20, **more: Any) -> list[dict[str, Any]]:
    return [FLOW | {"ts": start + 5.0 * k, "dst_ip": f"198.{20 + k}.0.25"} | more for k in range(networks)]


def _told(events: Iterable[dict[str, Any]], **options: Any) -> list[int]:
    scores = played(MailSender, events, **options)
    return np.flatnonzero(np.nan_to_num(scores) >= 0.5).tolist()


def test_from_six_networks_within_an_hour() -> None:
    later = START + 2 * DAY_S
    assert _told([*HOUSE, *_spread(later)])[0] == len(HOUSE) + 5
    assert not _told([*HOUSE, *(e | {"ts": later + 1200.0 * k} for k, e in enumerate(_spread(later)))])
    assert _told([*HOUSE, *_spread(later)], networks=9.0)[0] == len(HOUSE) + 8


def test_a_desk_with_an_account_elsewhere_is_no_mail_server_for_that() -> None:
    days = [e | {"ts": START + DAY_S * k} for k in range(1, 6) for e in _spread(START, 2)]
    assert _told([*HOUSE, *days, *_spread(START + 6 * DAY_S)])


@pytest.mark.parametrize("hour", [1, 9, 23])
def test_a_gateway_of_a_large_house_is_told_neither_on_the_first_day_nor_after(hour: int) -> None:
    begin = START + 3600.0 * hour
    hours = [begin, *(START + DAY_S + 60.0 + 3600.0 * k for k in range(30))]
    assert not _told([*HOUSE, *(e for ts in hours for e in _spread(ts))])


def test_a_small_network_has_twice_as_many_on_the_first_day() -> None:
    assert _told(_spread(START))[0] == 11
    assert _told([FLOW | {"ts": START, "dst_ip": "10.0.0.2"}, *_spread(START + 2 * DAY_S)])[0] == 6


def test_who_is_handed_mail_is_a_server_but_who_refuses_it_is_none() -> None:
    handed = FLOW | {"ts": START + 60.0, "src_ip": "10.0.4.1", "dst_ip": "10.0.0.9"}
    same_group = [handed | {"src_ip": f"203.0.{k}.7"} for k in range(40)]
    assert not _told([*HOUSE, *same_group, *_spread(START + 2 * DAY_S)])
    refused = [e | {"bytes_in": 0, "conn_state": "REJ"} for e in same_group]
    assert _told([*HOUSE, *refused, *_spread(START + 2 * DAY_S)])


def test_strangers_that_bring_mail_are_no_senders_of_ours() -> None:
    """A house with public addresses: strangers call on its one mail server."""
    servers = [f"203.{k}.0.7" for k in range(20)]
    brought = [
        FLOW | {"ts": START + 2 * DAY_S + k, "src_ip": src, "dst_ip": "192.0.2.25"} for k, src in enumerate(servers)
    ]
    assert not _told([*HOUSE, *brought])
    assert _told([*HOUSE, *_spread(START + 2 * DAY_S, src_ip="192.0.2.77")]), "a desk of that house"
