"""Numbers and fields that kernels write are those that Python would write."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.documents import Documents
from pipeline.features.json_writing import NUMBER, extended, put_fixed, put_shortest
from pipeline.runtime.relay.row_texts import RowTexts

TIMES = st.integers(10**15, 2 * 10**15).map(lambda n: n / 1e6) | st.floats(1.0, 4e9) | st.integers(1, 2**33).map(float)


@given(TIMES, st.sampled_from((1, 3, 6)))
def test_fixed_places(value: float, places: int) -> None:
    out = np.zeros(NUMBER, np.uint8)
    assert out[: put_fixed(out, 0, value, places)].tobytes().decode() == f"{value:.{places}f}"


@given(TIMES)
def test_shortest_is_repr_or_not_said(value: float) -> None:
    out = np.zeros(NUMBER, np.uint8)
    end = put_shortest(out, 0, value)
    if end >= 0:
        assert out[:end].tobytes().decode() == repr(value)
    else:
        assert len(repr(value).partition(".")[2]) > 6 or value * 1e6 >= 2.0**53


def test_a_time_in_microseconds_is_said() -> None:
    out = np.zeros(NUMBER, np.uint8)
    assert out[: put_shortest(out, 0, 1772496036.010476)].tobytes() == b"1772496036.010476"


@pytest.mark.parametrize("end", [b"", b" \n", b"\t\r\n"])
def test_fields_come_last(end: bytes) -> None:
    texts = Documents.of([b'{"patient":"p1","a":1}' + end, b'{"b":2}' + end])
    first = texts.data.tobytes().index(b"p1")
    names = np.array([[first, 0], [2, -1]])
    tails = RowTexts.of({0: b',"c":3'}).among(np.array([0, 1]))
    one, other = extended(texts.data, texts.bounds[:-1], texts.bounds[1:], names, tails)
    assert orjson.loads(one) == {"patient": "p1", "a": 1, "chart": "p1", "c": 3}
    assert other == b'{"b":2}' + end


def test_texts_by_row_are_a_mapping() -> None:
    texts = RowTexts.of({7: b"b", 2: b"a"})
    assert dict(texts) == {2: b"a", 7: b"b"}
    assert RowTexts.of(texts) is texts
    assert 3 not in texts and 9 not in texts
