"""Names of one actor are told once a day, whatever the cut, and nobody's names never."""

import orjson
import pytest

from pipeline.engine.links import Links
from pipeline.features.decode import decode
from schemas.note import LinkNote

GROUPS = 8
START = 1.79e9


def _batch(source: str, *documents: dict[str, object]):  # type: ignore[no-untyped-def]
    lines = [
        orjson.dumps({"ts": START + i, "event_id": str(i), "format": "test", **d}) for i, d in enumerate(documents)
    ]
    decoded = decode(source, lines, GROUPS)
    assert not decoded.refused
    return decoded.batch


def _pairs(notes: list[LinkNote]) -> set[tuple[str, str, str, str]]:
    return {(n.first_type, n.first, n.second_type, n.second) for n in notes}


LOGON = {
    "kind": "auth", "action": "logon", "outcome": "success", "logon_type": 2, "host": "ws-1", "user": "u1",
    "src_host": "ws-1", "src_ip": "10.0.0.1",
}  # fmt: skip


def test_a_logon_links_user_host_and_address_once_a_day() -> None:
    links = Links("logs", GROUPS)
    told = _pairs(links.take(_batch("logs", LOGON, LOGON)))
    assert told == {("user", "u1", "host", "ws-1"), ("host", "ws-1", "ip", "10.0.0.1")}
    assert not links.take(_batch("logs", LOGON))
    assert _pairs(links.take(_batch("logs", LOGON | {"ts": START + 86_400}))) == told


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "failure"},
        {"action": "logoff"},
        {"user": "SYSTEM", "src_host": "-", "src_ip": "127.0.0.1"},
        {"user": "WS-1$", "src_host": "", "src_ip": "::1"},
    ],
)
def test_nobody_is_linked(change: dict[str, object]) -> None:
    assert not Links("logs", GROUPS).take(_batch("logs", LOGON | change))


def test_a_network_logon_does_not_link_a_user_to_the_server() -> None:
    away = LOGON | {"logon_type": 3, "host": "files1", "src_host": "ws-1"}
    assert ("user", "u1", "host", "files1") not in _pairs(Links("logs", GROUPS).take(_batch("logs", away)))


def test_leases_tickets_accesses_and_devices_link() -> None:
    ticket = {"kind": "auth", "user": "u1", "src_ip": "10.0.0.1", "request_type": "AS", "outcome": "success"}
    lease = {"kind": "dhcp", "src_mac": "02:00:00:00:00:01", "assigned_ip": "10.0.0.1", "hostname": "ws-1"}
    found = _pairs(Links("network", GROUPS).take(_batch("network", ticket, lease)))
    assert found == {
        ("user", "u1", "ip", "10.0.0.1"),
        ("mac", "02:00:00:00:00:01", "ip", "10.0.0.1"),
        ("host", "ws-1", "ip", "10.0.0.1"),
    }
    access = {"user": "u1", "patient": "p1", "workstation": "ws-1", "src_ip": "10.0.0.1"}
    found = _pairs(Links("ehr", GROUPS).take(_batch("ehr", access)))
    assert found == {("user", "u1", "host", "ws-1"), ("host", "ws-1", "ip", "10.0.0.1")}
    device = {"mac": "02:00:00:00:00:01", "ip": "10.0.0.1"}
    assert _pairs(Links("devices", GROUPS).take(_batch("devices", device)))


def test_neither_the_cut_nor_a_move_tells_more() -> None:
    documents = [LOGON | {"user": f"u{i % 7}", "host": f"ws-{i % 3}", "src_host": f"ws-{i % 3}"} for i in range(60)]
    whole = Links("logs", GROUPS).take(_batch("logs", *documents))
    cut, moved = Links("logs", GROUPS), Links("logs", GROUPS)
    first = cut.take(_batch("logs", *documents[:31]))
    for group in range(GROUPS):
        moved.load(group, cut.state(group))
    rest = moved.take(_batch("logs", *[d | {"ts": START + 31 + i} for i, d in enumerate(documents[31:])]))
    assert _pairs([*first, *rest]) == _pairs(whole)
    assert len(first) + len(rest) == len(whole)


def test_pairs_of_another_size_are_told_once_more() -> None:
    links = Links("logs", GROUPS)
    assert links.take(_batch("logs", LOGON))
    for group in range(GROUPS):
        state = links.state(group)
        links.load(group, state | {"ring": state["ring"][:-1]})
    assert links.take(_batch("logs", LOGON))
    assert not links.take(_batch("logs", LOGON))


def test_other_sources_have_no_links() -> None:
    links = Links("claims", GROUPS)
    assert links.state(0) == {}
