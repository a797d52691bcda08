"""Columns made many at a time equal those made one by one in Python."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.hashing import hash_text
from pipeline.features.score_columns import pack_scores
from pipeline.features.text_columns import gather_columns, hash_columns

_TEXT = st.none() | st.text(max_size=30)


@given(
    st.lists(st.tuples(_TEXT, _TEXT, _TEXT), max_size=600),
    st.lists(st.lists(st.integers(0, 2), max_size=3), max_size=4),
)
def test_texts(rows: list[tuple[str | None, ...]], choices: list[list[int]]) -> None:
    data, start, length = b"", np.zeros((3, len(rows)), np.int64), np.full((3, len(rows)), -1, np.int32)
    for i, row in enumerate(rows):
        for c, text in enumerate(row):
            if text is not None:
                start[c, i], length[c, i] = len(data), len(text.encode())
                data += text.encode()
    buffer = np.frombuffer(data, np.uint8)
    hashes = hash_columns(buffer, start, length, np.array([2, 0], np.int64))
    for j, c in enumerate((2, 0)):
        assert hashes[j].tolist() == [0 if r[c] is None else hash_text(r[c]) for r in rows]
    ends = np.cumsum([0, *map(len, choices)])
    flat = np.array([c for some in choices for c in some], np.int64)
    offsets, base, out = gather_columns(buffer, start, length, flat, ends)
    for j, some in enumerate(choices):
        found = [
            out[base[j] + offsets[j, i] : base[j] + offsets[j, i + 1]].tobytes().decode() for i in range(len(rows))
        ]
        assert found == [next((r[c] for c in some if r[c]), "") for r in rows]


@given(st.integers(0, 5), st.integers(0, 20), st.data())
def test_scores(detectors: int, n: int, drawn: st.DataObject) -> None:
    score = st.just(float("nan")) | st.sampled_from([0.0, 0.25, 0.5, 1.0])
    matrix = np.array([[drawn.draw(score) for _ in range(n)] for _ in range(detectors)]).reshape(detectors, n)
    offsets, which, values, top, best = pack_scores(matrix)
    for i in range(n):
        known = [(j, matrix[j, i]) for j in range(detectors) if matrix[j, i] == matrix[j, i]]
        span = slice(offsets[i], offsets[i + 1])
        assert list(zip(which[span].tolist(), values[span].tolist(), strict=True)) == known
        highest = max((s for _, s in known), default=0.0)
        assert top[i] == highest
        assert best[i] == next((j for j, s in known if s == highest), detectors)
