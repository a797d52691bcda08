"""River's anomaly detectors, and a baseline without any model, on the same rows in the same order.

River's detectors take numbers only. They get what serves them best without a look ahead: numbers as signed log1p,
categories as their rarity so far, an unknown value as the last one known, and River's own scaler in front.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from river import anomaly, preprocessing

from pipeline.evaluation.prequential import Pass, Tick
from pipeline.tables.frame import Frame

MOST_CELLS, MOST_ROWS, LEAST_ROWS = 8_000_000, 200_000, 2_000
"""River's detectors cost up to a millisecond a row: of longer streams every k-th row is compared, for all models."""
_LARGEST = 1e12
_BLOCK = 4_096


@dataclass(frozen=True)
class Peer:
    """A model to compare with: what `make` gives is a River pipeline for this seed."""

    name: str
    make: Callable[[int], Any]


PEERS = (
    Peer("River HalfSpaceTrees 10×8", lambda s: preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(10, 8, seed=s)),
    Peer("River HalfSpaceTrees 25×10", lambda s: preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(25, 10, seed=s)),
    Peer("River LODA", lambda s: preprocessing.StandardScaler() | anomaly.LODA(seed=s)),
    Peer("River OneClassSVM", lambda _: preprocessing.StandardScaler() | anomaly.OneClassSVM(nu=0.1)),
)
BASELINE = "largest deviation (no model)"


def compared_rows(rows: int, columns: int, wanted: int | None = None) -> np.ndarray:
    """int64: the rows that all models are compared on; every one, or every k-th of a long stream."""
    most = wanted or min(max(MOST_CELLS // max(columns, 1), LEAST_ROWS), MOST_ROWS)
    return np.arange(0, rows, max(math.ceil(rows / most), 1))


def plain_numbers(frame: Frame) -> np.ndarray:
    """float64[n, d + m]: the columns as numbers for models that know nothing else; finite, nothing looked ahead."""
    clipped = np.clip(frame.X, -_LARGEST, _LARGEST)
    columns = [np.sign(clipped) * np.log1p(np.abs(clipped))]
    columns += [_rarity(frame.C[:, j])[:, None] for j in range(frame.C.shape[1])]
    out = np.column_stack(columns)
    # The last known value of each column stands in for an unknown one.
    at = np.where(np.isnan(out), 0, np.arange(len(out))[:, None])
    np.maximum.accumulate(at, axis=0, out=at)
    return np.nan_to_num(np.take_along_axis(out, at, axis=0))


def _rarity(codes: np.ndarray) -> np.ndarray:
    """-log of how often a value came before, as a share of the rows before."""
    order = np.argsort(codes, kind="stable")
    sorted_codes = codes[order]
    first = np.r_[True, sorted_codes[1:] != sorted_codes[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(codes)), 0))
    before = np.empty(len(codes))
    before[order] = np.arange(len(codes)) - start
    return np.asarray(np.log(np.arange(len(codes)) + 2.0) - np.log(before + 1.0))


def run_peer(peer: Peer, X: np.ndarray, seed: int, tick: Tick = lambda _: None) -> Pass:
    """A River detector over rows of finite numbers, by its own one-by-one interface."""
    model, names = peer.make(seed), [f"x{j}" for j in range(X.shape[1])]
    scores = np.full(len(X), np.nan)
    begun = time.perf_counter()
    for i, row in enumerate(X):
        x = dict(zip(names, row.tolist(), strict=True))
        scores[i] = model.score_one(x)
        model.learn_one(x)
        if i % 100 == 99:
            tick(100)
    return Pass(peer.name, scores, (time.perf_counter() - begun) / max(len(X), 1) * 1e6)


def run_baseline(X: np.ndarray) -> Pass:
    """The largest distance of any column from its running mean, in running deviations."""
    begun = time.perf_counter()
    scores, total, square = np.zeros(len(X)), np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for start in range(0, len(X), _BLOCK):
        part = X[start : start + _BLOCK]
        n = (start + np.arange(1, len(part) + 1))[:, None]
        sums, squares = total + np.cumsum(part, axis=0), square + np.cumsum(part**2, axis=0)
        mean = np.vstack([total, sums[:-1]]) / np.maximum(n - 1, 1)
        variance = np.vstack([square, squares[:-1]]) / np.maximum(n - 1, 1) - mean**2
        scores[start : start + len(part)] = (np.abs(part - mean) / (np.sqrt(np.maximum(variance, 0)) + 1e-3)).max(
            axis=1
        )
        total, square = sums[-1], squares[-1]
    scores[0] = np.nan
    return Pass(BASELINE, scores, (time.perf_counter() - begun) / max(len(X), 1) * 1e6)
