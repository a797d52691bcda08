"""Domains match label by label, held to the readable form."""

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
