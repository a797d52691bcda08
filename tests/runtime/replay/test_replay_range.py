"""Times and offsets as people write them, and what they are in a partition."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.runtime.replay.range import ALL, Bound, ReplayRange, Slice, bound, warm_up_s

NOW_S = 1_790_000_000.0
OFFSETS = st.integers(0, 1000)


@pytest.mark.parametrize(
    ("text", "at_s"),
    [
        ("beginning", None),
        ("now", NOW_S),
        ("-2d", NOW_S - 172_800),
        ("-90s", NOW_S - 90),
        ("-0.5h", NOW_S - 1800),
        ("2026-11-20T00:00Z", 1_795_132_800.0),
        ("2026-11-20", 1_795_132_800.0),
        ("2026-11-20T01:00+01:00", 1_795_132_800.0),
    ],
)
def test_times(text: str, at_s: float | None) -> None:
    assert bound(text, (), NOW_S, "from") == Bound(at_s=at_s)


@given(at_s=st.integers(0, 4_000_000_000))
def test_a_time_that_is_printed_is_read_back(at_s: int) -> None:
    text = datetime.fromtimestamp(at_s, UTC).isoformat()
    assert bound(text, (), NOW_S, "to") == Bound(at_s=at_s)


def test_offsets_for_all_and_for_some() -> None:
    both = bound(None, ("7", "2:30"), NOW_S, "from")
    assert [both.offset_of(p) for p in (0, 2)] == [7, 30]
    assert ReplayRange(both, Bound()).only() is None
    assert ReplayRange(bound(None, ("2:30",), NOW_S, "from"), Bound()).only() == {2}
    assert ReplayRange(Bound(), Bound()).only() is None
    assert (warm_up_s(None), warm_up_s("2h"), warm_up_s("all")) == (0.0, 7200.0, ALL)


@pytest.mark.parametrize("text", ["", "yesterday", "end", "-2", "-2w", "2026-02-30", "1969-01-01T00:00Z", "1e400"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="--from"):
        bound(text, (), NOW_S, "from")


@pytest.mark.parametrize("text", ["", "-1", "1:", ":1", "1:2:3", "1.5", "9" * 19])
def test_what_is_no_offset(text: str) -> None:
    with pytest.raises(UsageError, match="--to-offset"):
        bound(None, (text,), NOW_S, "to")


def test_contradictions() -> None:
    with pytest.raises(UsageError, match="twice"):
        bound("-1d", ("3",), NOW_S, "from")
    with pytest.raises(UsageError, match="before it begins"):
        ReplayRange(Bound(at_s=5.0), Bound(at_s=5.0))
    with pytest.raises(UsageError, match="before it begins"):
        ReplayRange(Bound(offset=5), Bound(offset=5))
    with pytest.raises(UsageError, match="warm-up"):
        ReplayRange(Bound(offset=5), Bound(), warm_up_s=60.0)
    with pytest.raises(UsageError, match="no duration"):
        warm_up_s("soon")


@given(
    offset=st.none() | OFFSETS,
    warm=st.booleans(),
    held=st.tuples(OFFSETS, OFFSETS).map(sorted),
    wanted=st.tuples(OFFSETS, OFFSETS, OFFSETS),
)
def test_nothing_is_read_that_is_not_held_or_not_wanted(
    offset: int | None, warm: bool, held: list[int], wanted: tuple[int, int, int]
) -> None:
    first, after = held
    start = offset if offset is not None else max(wanted[1], first)
    low = min(wanted[0], start) if warm else start
    span = ReplayRange(Bound(offset=offset), Bound(), math.inf if warm else 0.0)
    found = Slice.of(span, ("network", 0, 4), (first, after), (low, start, wanted[2]))
    assert first <= found.warm <= found.start <= after
    assert found.end <= min(after, wanted[2])
    assert found.start >= start or found.start == after
    if found.gone is not None:
        assert 0 <= found.gone[0] <= found.gone[1] == first - 1
    elif offset is not None and not warm:
        assert start >= first, "wanted, deleted and not told"
