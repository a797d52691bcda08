"""What columns are taken for: from their cells and names, never from a label."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.tables.cells import number, numbers
from pipeline.tables.frame import Frame
from pipeline.tables.recognise import recognise, recognise_column
from pipeline.tables.table import Table, binary
from pipeline.tables.times import as_times

RNG = np.random.default_rng(3)
N = 200


def column(values: list[object]) -> pa.ChunkedArray:
    return pa.chunked_array([binary([str(v).encode() for v in values])])


def kind(name: str, values: list[object]) -> str:
    return recognise_column(name, column(values)).kind


def table(**columns: list[object]) -> Table:
    return Table("CSV", {k: column(v) for k, v in columns.items()}, len(next(iter(columns.values()))))


MIXED = [*RNG.lognormal(3, 2, N - 4).round(2), "NaN", "", "Infinity", "-"]
ADDRESSES = [f"10.0.{k % 3}.{k}" for k in range(N)]
UUIDS = [f"{int(v):08x}-aaaa-4bbb-8ccc-{int(v):012x}" for v in RNG.integers(0, 2**31, N)]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("bytes", MIXED, "number"),
        ("rate", [f"{v:.1f}%" for v in RNG.random(N)], "number"),
        ("amount", [f"{v:,.2f}" for v in RNG.random(N) * 1e5], "number"),
        ("sport", ["0x000b", *RNG.integers(1, 65_535, N - 1)], "port"),
        ("id.resp_p", list(RNG.integers(1, 65_535, N)), "port"),
        ("Destination Port", ["80", "443"] * (N // 2), "port"),
        ("Protocol", ["6", "17"] * (N // 2), "category"),
        ("service", ["http", "-", "dns", "0"] * (N // 4), "category"),
        ("src_ip", ADDRESSES, "address"),
        ("peer", ["fe80::1", "2001:db8::2", "10.1.1.1", "10.2.1.1"] * (N // 4), "address"),
        ("smac", [f"00:1b:63:00:00:{k % 90 + 10}" for k in range(N)], "hardware address"),
        ("when", [f"2024-01-02T10:{k // 60:02d}:{k % 60:02d}.5Z" for k in range(N)], "time"),
        ("Timestamp", [f"{k % 28 + 1}/7/2017 8:{k % 60:02d}" for k in range(N)], "time"),
        ("ts", [1.7e9 + 3.7 * k + (k % 7) for k in range(N)], "time"),
        ("whatever", [7 + 2 * k for k in range(N)], "counter"),
        ("clock", np.cumsum(RNG.random(N)).tolist(), "counter"),
        ("flow_id", RNG.permutation(10 * N)[:N].tolist(), "counter"),
        ("token", UUIDS, "identifier"),
        ("uid", [f"C{int(v):x}" for v in RNG.integers(0, 2**60, N)], "identifier"),
        ("url", [f"http://h{k}/" + "a/" * (k % 5) + "?q=%20" for k in range(N)], "text"),
        ("const", ["5"] * N, "constant"),
        ("word", ["x"] * N, "constant"),
        ("void", ["", "NaN"] * (N // 2), "empty"),
    ],
)
def test_kinds(name: str, values: list[object], expected: str) -> None:
    assert kind(name, values) == expected


def test_odd_cells_of_numbers_are_unknown() -> None:
    read = numbers(column([*range(20), "abc", "", "1e999", "-Infinity", "0x10", "+3"]))
    assert np.array_equal(read.values[20:], [np.nan, np.nan, np.inf, -np.inf, 16, 3], equal_nan=True)
    assert (read.missing, read.odd) == (1, 1)


def test_networks_and_port_classes() -> None:
    frame = recognise(table(ip=ADDRESSES, dport=[22, 443, 40_000, 65_000] * (N // 4)), {})
    assert frame.categorical == ("ip", "dport")
    assert len(np.unique(frame.C[:, 0])) == 3 and len(np.unique(frame.C[:, 1])) == 3
    one_network = recognise(table(ip=[f"10.0.0.{k % 9}" for k in range(N)]), {})
    assert len(np.unique(one_network.C)) == 9


def test_keep_overrules_and_without_is_told() -> None:
    both = table(row=list(range(N)), v=MIXED, x=["a"] * N)
    frame = recognise(both, {"x": "asked for"}, {"row"})
    assert set(frame.numeric) == {"row", "v"} and frame.dropped == {"x": "asked for"}
    with pytest.raises(UsageError, match="no column is left"):
        recognise(table(x=["a"] * N), {})


cells = st.one_of(
    st.integers(-(10**12), 10**12), st.floats(), st.text(max_size=12), st.sampled_from(["", "-", "NaN", "10.0.0.1"])
)


@given(st.lists(st.tuples(cells, cells, st.sampled_from(["tcp", "udp", ""])), min_size=1, max_size=60))
def test_any_cells_give_features_of_the_right_shape(rows: list[tuple[object, object, str]]) -> None:
    a, b, c = (list(x) for x in zip(*rows, strict=True))
    whole = Table("CSV", {k: pa.chunked_array([binary([str(v).encode("utf-8", "replace") for v in vs])])
                          for k, vs in {"a": a, "b": b, "c": c}.items()}, len(rows))  # fmt: skip
    try:
        frame: Frame = recognise(whole, {})
    except UsageError:
        return
    assert frame.X.shape == (len(rows), len(frame.numeric)) and frame.X.dtype == np.float64
    assert frame.C.shape == (len(rows), len(frame.categorical)) and frame.C.dtype == np.uint64
    assert set(frame.kinds) | set(frame.dropped) == {"a", "b", "c"}


@given(st.floats())
def test_a_written_number_is_read_back(value: float) -> None:
    read = numbers(column([value, "x"])).values[0]
    assert read == value or (math.isnan(value) and math.isnan(read))
    assert number(str(value).encode()) == value or math.isnan(value)


@pytest.mark.parametrize(
    ("values", "first", "step"),
    [
        (["1700000000.5", "1700000060.5"], 1_700_000_000.5, 60),
        (["1700000000500", "1700000060500"], 1_700_000_000.5, 60),
        (["2023-11-14T22:13:20.5Z", "2023-11-14T22:14:20.5Z"], 1_700_000_000.5, 60),
        (["2023-11-15 00:13:20,5+0200", "2023-11-15 00:14:20,5+0200"], 1_700_000_000.5, 60),
        (["14/11/2023 22:13:20", "14/11/2023 22:14:20"], 1_700_000_000.0, 60),
        (["11/14/2023 22:13:20", "11/14/2023 22:14:20"], 1_700_000_000.0, 60),
        (["14/Nov/2023:22:13:20 +0000", "14/Nov/2023:22:14:20 +0000"], 1_700_000_000.0, 60),
        (["3/7/2017 8:55", "3/7/2017 9:01"], 1_499_072_100.0, 360),
    ],
)
def test_times(values: list[object], first: float, step: float) -> None:
    times = as_times(column(values))
    assert times is not None and times.seconds.tolist() == [first, first + step]


def test_words_are_no_times() -> None:
    assert as_times(column(["tcp", "udp"] * 9)) is None
    some = as_times(column(["2024-01-01 00:00:00"] * 19 + ["?"]))
    assert some is not None and np.isnan(some.seconds[-1])
