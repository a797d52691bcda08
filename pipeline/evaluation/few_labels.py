"""A stream of which few rows get a label, and late: what a classifier says of each row when it passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.dataset import Dataset
from pipeline.evaluation.learning import late_rows, usable
from pipeline.evaluation.prequential import COMPILE_ROWS, Pass
from pipeline.models.observed_rows import ObservedRows
from pipeline.models.semi_supervised_forest import SemiSupervisedForest


@dataclass(frozen=True)
class Taught:
    """A pass over a file of which some labels came."""

    run: Pass
    late_rows: int
    labels: tuple[int, int]
    """(benign, attacks) that had come by the end."""


def run_taught(data: Dataset, share: float, seed: int, tick: Callable[[int], None] = lambda _: None) -> Taught:
    """A random share (0 to 1) of the labels comes, each as late as in `learn`; columns as there; kernels are compiled
    before the clock starts."""
    frame, y, late = usable(data.frame), data.labels.attack, late_rows(data.frame.rows)
    some, half = frame.take(slice(0, COMPILE_ROWS)), np.arange(min(frame.rows, COMPILE_ROWS)) % 2 == 0
    late_labels(SemiSupervisedForest(), some.X, some.C, half, np.arange(4), 1)
    drawn = np.random.default_rng(seed).random(frame.rows) < share
    model = SemiSupervisedForest(seed=seed)
    votes, spent = late_labels(model, frame.X, frame.C, y, np.flatnonzero(drawn & data.labels.known), late, tick)
    return Taught(Pass(type(model).__name__, votes, spent / max(frame.rows, 1) * 1e6), late, model.labels)


def late_labels(
    model: SemiSupervisedForest, X: np.ndarray, C: np.ndarray, y: np.ndarray, labelled: np.ndarray, late: int,
    tick: Callable[[int], None] = lambda _: None,
) -> tuple[np.ndarray, float]:  # fmt: skip
    """(votes float64[n], seconds the model took) of rows in their order, each judged with the labels that were there.

    X float64[n, d]; C uint64[n, m]; y bool[n]; labelled int64[k], ascending: the rows whose label comes, each when
    `late` (from 1) more rows have passed.
    """
    out, due, done, spent = np.empty(len(y)), list(map(int, labelled)), 0, 0.0
    waiting: dict[int, ObservedRows] = {}
    for row in [*due, len(y)]:
        arrives = min(row + late, len(y))
        begun = time.perf_counter()
        seen = model.observe_many(X[done:arrives], C[done:arrives])
        out[done:arrives] = model.vote_many(seen)
        at = np.searchsorted(labelled, [done, arrives])
        waiting |= {r: seen[r - done : r - done + 1] for r in due[at[0] : at[1]]}
        if row < arrives < len(y):
            model.learn_many(waiting.pop(row), y[row : row + 1])
        spent += time.perf_counter() - begun
        tick(arrives - done)
        done = arrives
    return out, spent
