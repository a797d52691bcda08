"""Lines with the same words, numbers aside, have one shape, and no others."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.line_shape import line_shapes, shape_words

lines = st.text("ab1 2\t", max_size=12)


def _shapes(texts: list[str]) -> np.ndarray:
    raw = [t.encode() for t in texts]
    ends = np.cumsum([0, *map(len, raw)])
    data = np.frombuffer(b"".join(raw) + b"\x00", np.uint8)
    return line_shapes(data, ends[:-1], np.diff(ends).astype(np.int32), np.full(len(raw), 5, np.uint64))


@settings(max_examples=300, deadline=None)
@given(lines, lines)
def test_same_words_same_shape(a: str, b: str) -> None:
    first, second = _shapes([a, b])
    assert (first == second) == (shape_words(a) == shape_words(b))
