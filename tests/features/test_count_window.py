"""Sums of a sliding window, held to the list of what happened."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.count_window import note_count

BUCKETS, BUCKET_S = 6, 10.0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 40), st.integers(0, 3)), max_size=60))
def test_between_the_whole_window_and_one_bucket_less(steps: list[tuple[float, int]]) -> None:
    counts, marks = np.zeros(BUCKETS, np.float32), np.zeros(BUCKETS, np.int64)
    ts, past = 1000.0, []
    for gap, weight in steps:
        ts += gap
        past.append((ts, weight))
        total = note_count(counts, marks, BUCKET_S, ts, float(weight))
        least = sum(w for t, w in past if t > ts - (BUCKETS - 1) * BUCKET_S)
        most = sum(w for t, w in past if t > ts - BUCKETS * BUCKET_S)
        assert least <= total <= most
