"""Domains match label by label, held to the readable form."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.played import START, played
from pipeline.detectors.network.known_bad import KnownBad
from pipeline.features.lists import Lists, UserList

LISTED = ("evil.example", "b.co", "x")
LISTS = Lists({"bad_domains": UserList(dict.fromkeys(LISTED, ({},)))})
names = st.lists(st.sampled_from(("evil", "example", "b", "co", "x", "EVIL", "")), min_size=1, max_size=5).map(".".join)


def _under(name: str) -> bool:
    bare = name.partition(":")[0].removesuffix(".").lower()
    return any(bare == bad or bare.endswith("." + bad) for bad in LISTED)


@settings(max_examples=60, deadline=None)
@given(st.lists(names, min_size=1, max_size=20), st.sampled_from(("", ".", ":8080")))
def test_labels(hosts: list[str], end: str) -> None:
    events = [{"kind": "http", "ts": START, "src_ip": "10.0.0.9", "host": h + end} for h in hosts]
    expected = [float(_under(h + end)) for h in hosts]
    np.testing.assert_array_equal(played(KnownBad, events, LISTS), expected)


def test_no_lists_no_opinion() -> None:
    assert np.isnan(played(KnownBad, [{"kind": "dns", "ts": START, "query": "evil.example"}])).all()


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
NETWORKS = ("10.0.0.0/8", "203.0.113.0/26", "2001:db8::/33", "4000::/2", "198.51.100.7")


@settings(max_examples=60, deadline=None)
@given(st.lists(addresses, min_size=1, max_size=20), st.integers(0, 255))
def test_networks(some: list[IPv4Address | IPv6Address], last: int) -> None:
    """As Python's own module has it, however an address is written."""
    texts = [str(a) for a in some] + [
        f"203.0.113.{last}",
        f"2001:db8:7fff::{last:x}",
        f"2001:db8:8000:0:0:0:0:{last:x}",
    ]
    events = [{"kind": "flow", "ts": START, "src_ip": "192.0.2.1", "dst_ip": a} for a in texts]
    lists = Lists({"bad_addresses": UserList(dict.fromkeys(NETWORKS, ({},)))})
    expected = [float(any(ip_address(a) in ip_network(n) for n in NETWORKS)) for a in texts]
    np.testing.assert_array_equal(played(KnownBad, events, lists), expected)


def test_rows_expire_by_the_time_of_the_event() -> None:
    day = 86_400.0
    lists = Lists({"bad_domains": UserList({
        "until.example": ({"valid_until": str(START)},), "seen.example": ({"seen": str(START)},),
        "always.example": ({},), "again.example": ({"valid_until": "5"}, {"valid_until": str(START + 9 * day)}),
    })})  # fmt: skip
    names = [n for n in lists["bad_domains"].rows for _ in range(2)]
    events = [
        {"kind": "dns", "ts": START + (-day if k % 2 == 0 else 5 * day), "query": "x." + n} for k, n in enumerate(names)
    ]
    scores = played(KnownBad, events, lists, max_age_days=3.0)
    np.testing.assert_array_equal(scores, [1, 0, 1, 0, 1, 1, 1, 1])


def test_urls_of_proxies_and_ports() -> None:
    lists = Lists({"bad_urls": UserList({"evil.example/a?b=1": ({},)})})
    web = {"kind": "http", "ts": START, "src_ip": "10.0.0.9", "host": "Evil.example:80", "uri": "/a?b=1"}
    others = [web, web | {"uri": "http://evil.example/A?b=1"}, web | {"uri": "/a"}, web | {"host": "evil.example:8080"}]
    np.testing.assert_array_equal(played(KnownBad, others, lists), [1, 1, 0, 0])
