"""One pass over a stream: each row scored before it is learned, with the clock on the model only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.models.default import default_detector
from pipeline.models.detector import GroupDetector
from pipeline.tables.frame import Frame

BATCH_ROWS = 8_192
"""As a worker's chunk; also the most that is done between two looks at Ctrl-C."""
COMPILE_ROWS = 600
Tick = Callable[[int], None]


@dataclass(frozen=True)
class Pass:
    """Scores float64[n] of one model over one stream; NaN where it had no opinion yet."""

    model: str
    scores: np.ndarray
    us_per_event: float


def run_default(frame: Frame, seed: int, tick: Tick = lambda _: None) -> Pass:
    """wardwatch's own model with its defaults; kernels are compiled before the clock starts."""
    some = frame.take(slice(0, COMPILE_ROWS))
    default_detector(1, seed).score_learn_many(some.X, C=some.C)
    model: GroupDetector = default_detector(1, seed)
    scores, spent = np.empty(frame.rows), 0.0
    for start in range(0, frame.rows, BATCH_ROWS):
        part = frame.take(slice(start, start + BATCH_ROWS))
        begun = time.perf_counter()
        scores[start : start + part.rows] = model.score_learn_many(part.X, C=part.C)
        spent += time.perf_counter() - begun
        tick(part.rows)
    return Pass(type(model).__name__, scores, spent / max(frame.rows, 1) * 1e6)
