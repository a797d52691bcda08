"""What Hypothesis draws from: hostile bytes, odd texts and records that look right."""

import json
from typing import Any

from hypothesis import strategies as st

from benchmarks.faults.hostile import HOSTILE_LINES

addresses = st.ip_addresses().map(str)
ports = st.integers(0, 65_535)
times = st.floats(0, 4e9, allow_nan=False).map(lambda ts: round(ts, 6))
names = st.text("abcdefghijklmnopqrstuvwxyz.-_", min_size=1, max_size=20)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)

hostile_bytes = st.one_of(
    st.binary(max_size=400),
    st.sampled_from(HOSTILE_LINES),
    st.lists(st.sampled_from(HOSTILE_LINES), max_size=6).map(b"\n".join),
    texts.map(str.encode),
    json_values.map(lambda value: json.dumps(value).encode()),
)


@st.composite
def zeek_conn_rows(draw: st.DrawFn) -> dict[str, Any]:
    """A row of Zeek's conn.log, as JSON writes it."""
    return {
        "ts": draw(times),
        "uid": "C" + draw(names),
        "id.orig_h": draw(addresses),
        "id.orig_p": draw(ports),
        "id.resp_h": draw(addresses),
        "id.resp_p": draw(ports),
        "proto": draw(st.sampled_from(("tcp", "udp", "icmp"))),
        "duration": draw(st.floats(0, 1e6)),
        "orig_bytes": draw(st.integers(0, 2**40)),
        "conn_state": draw(st.sampled_from(("S0", "SF", "REJ"))),
    }
