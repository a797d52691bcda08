"""Held to Python's own reading of addresses."""

import ipaddress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.addresses import EXTERNAL, GROUP, INTERNAL, UNKNOWN, address_kinds

INSIDE = [ipaddress.ip_network(n) for n in (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7",
    "fe80::/10", "::1/128",
)]  # fmt: skip


def _kinds(texts: list[str]) -> list[int]:
    raw = [t.encode() for t in texts]
    ends = np.cumsum([0, *map(len, raw)])
    data = np.frombuffer(b"".join(raw) + b"\x00", np.uint8)
    return address_kinds(data, ends[:-1], np.diff(ends).astype(np.int32)).tolist()


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses())
def test_as_python_reads_it(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    found = _kinds([str(address)])[0]
    if any(address.version == n.version and address in n for n in INSIDE):
        assert found == INTERNAL
    elif address.is_multicast:
        assert found == GROUP
    elif found != GROUP:
        assert found == EXTERNAL


@pytest.mark.parametrize(
    "text", ["", "a", "1.2.3", "1.2.3.4.5", "1.2.3.256", "host.example", "10.0.0.", "12345::1", "g::1"]
)
def test_no_address(text: str) -> None:
    assert _kinds([text]) == [UNKNOWN]


def test_groups_of_hosts() -> None:
    assert _kinds(["224.0.0.251", "255.255.255.255", "192.0.2.255", "0.0.0.1", "ff02::fb"]) == [GROUP] * 5
