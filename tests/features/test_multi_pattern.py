"""The automaton finds exactly the terms that are there."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.multi_pattern import automaton, find_terms, normalise

words = st.text("ab -/^", min_size=1, max_size=5).filter(lambda t: normalise(t) != b"")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(words, min_size=1, max_size=80, unique=True),
    st.lists(st.text('abAB "-/^\t', max_size=30), max_size=5),
)
def test_found_is_contained(terms: list[str], texts: list[str]) -> None:
    built = automaton(terms)
    raw = [t.encode() for t in texts]
    ends = np.cumsum([0, *map(len, raw)])
    data = np.frombuffer(b"".join(raw) + b"\x00", np.uint8)
    found = np.zeros((len(raw), 4), np.uint64)
    find_terms(data, ends[:-1], np.diff(ends).astype(np.int32), built.columns, built.goto, built.found, found)
    for i, text in enumerate(texts):
        for k, term in enumerate(terms):
            bit = bool(int(found[i, k >> 6]) >> (k & 63) & 1)
            assert bit == (normalise(term) in normalise(text))
