"""How much of something an entity did within a sliding window: a ring of buckets, O(buckets) and bounded."""

import numpy as np

from pipeline.features.leaf import leaf


@leaf
def note_count(counts: np.ndarray, marks: np.ndarray, bucket_s: float, ts: float, weight: float) -> float:
    """Add `weight` at `ts` and give the sum over the last `len(counts) * bucket_s` seconds.

    counts: float32[B]; marks: int64[B], number of the bucket a slot holds (0: free); one entity's ring. The window
    is shorter by up to one bucket. Events older than the window of the newest are not counted. O(B).
    """
    size = len(counts)
    index = np.int64(ts / bucket_s) + 1
    slot = index % size
    if weight > 0.0 and marks[slot] <= index:
        if marks[slot] < index:
            counts[slot] = np.float32(0.0)
            marks[slot] = index
        counts[slot] += np.float32(weight)
    total = 0.0
    for b in range(size):
        if index - size < marks[b] <= index:
            total += counts[b]
    return total
