"""Ours and its peers behind one call, each fed as it likes best.

Peers see signed log1p numbers, scaled to what they have seen so far (min-max for trees and hashes, deviations for
distances), with categories as one column a value (up to 100 values, known in advance: generous). A peer that does
better without the categories is counted without them: its better ROC AUC of the two is its figure.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from river import anomaly, base

from benchmarks.quality.streams import Stream
from pipeline.models.default import default_detector
from pipeline.models.density import RSHash
from pipeline.models.metrics import average_precision, roc_auc

OURS = "wardwatch"
MOST_VALUES = 100
_PEERS_FILE = Path(__file__).resolve().parents[1] / "peers" / "anomaly_scores.py"
EXTERNAL = ("dSalmon RS-Hash", "dSalmon SDOstream", "PySAD KitNET")
Figures = dict[str, float]


def standardised(X: np.ndarray) -> np.ndarray:
    """In deviations from the mean of the rows before."""
    n = np.arange(1, len(X) + 1)[:, None]
    mean, square = np.cumsum(X, axis=0) / n, np.cumsum(X**2, axis=0) / n
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))[:-1]
    out = np.zeros_like(X)
    np.divide(X[1:] - mean[:-1], sd, out=out[1:], where=sd > 1e-6)
    return np.clip(out, -50.0, 50.0)


def min_max(X: np.ndarray) -> np.ndarray:
    """In the range of the rows before."""
    low = np.vstack([X[:1], np.minimum.accumulate(X)[:-1]])
    spread = np.vstack([X[:1], np.maximum.accumulate(X)[:-1]]) - low
    return np.clip(np.divide(X - low, spread, out=np.zeros_like(X), where=spread > 0), -10.0, 10.0)


def _river(
    make: Callable[[int], base.AnomalyDetector], scale: Callable[[np.ndarray], np.ndarray]
) -> Callable[[np.ndarray, int], np.ndarray]:
    def scores(X: np.ndarray, seed: int) -> np.ndarray:
        model, rows = make(seed), scale(X).tolist()
        out = np.empty(len(rows))
        for i, row in enumerate(rows):
            x = dict(enumerate(row))
            out[i] = model.score_one(x)
            model.learn_one(x)
        return out

    return scores


RIVER = {
    "River HST 10": _river(lambda seed: anomaly.HalfSpaceTrees(n_trees=10, height=8, seed=seed), min_max),
    "River HST 25": _river(lambda seed: anomaly.HalfSpaceTrees(n_trees=25, height=10, seed=seed), min_max),
    "River LODA": _river(lambda seed: anomaly.LODA(seed=seed), standardised),
    "River OneClassSVM": _river(lambda _: anomaly.OneClassSVM(nu=0.1), standardised),
}


def measure(model: str, stream: Stream, first: int, seed: int, python: str | None) -> Figures | None:
    """ROC AUC, average precision over the rows from `first`, µs of processor time an event; None: does not run."""
    y = stream.y[first:]
    if model in (OURS, "RSHash (ours)"):
        made = default_detector(seed=seed) if model == OURS else RSHash(seed=seed)
        made.score_learn_many(stream.X[:1], C=stream.C[:1])  # compiled outside the clock
        made.load(0, {})
        start = time.process_time()
        score = made.score_learn_many(stream.X, C=stream.C)
        return _figures(y, score[first:], time.process_time() - start, len(score))
    found = []
    for X in _encodings(stream):
        start = time.process_time()
        if model in RIVER:
            score = RIVER[model](X, seed)
            cost = time.process_time() - start
        else:
            outcome = _external(model, X, seed, python)
            if outcome is None:
                return None
            score, cost = outcome
        found.append(_figures(y, score[first:], cost, len(score)))
    return max(found, key=lambda f: f["AUC"])


def _figures(y: np.ndarray, score: np.ndarray, seconds: float, rows: int) -> Figures:
    return {"AUC": roc_auc(y, score), "AP": average_precision(y, score), "us": seconds / rows * 1e6}


def _encodings(stream: Stream) -> list[np.ndarray]:
    numbers = np.sign(stream.X) * np.log1p(np.abs(stream.X))
    columns = [numbers]
    for column in stream.C.T:
        values = np.unique(column)
        if 1 < len(values) <= MOST_VALUES:
            columns.append((column[:, None] == values).astype(float))
    return [numbers] if len(columns) == 1 else [numbers, np.hstack(columns)]


def _external(model: str, X: np.ndarray, seed: int, python: str | None) -> tuple[np.ndarray, float] | None:
    if python is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "x.npz", Path(folder) / "scores.npz"
        np.savez(source, min_max=min_max(X), standardised=standardised(X), raw=X)
        done = subprocess.run(
            [python, str(_PEERS_FILE), model, str(source), str(seed), str(target)], capture_output=True, check=False
        )
        if done.returncode != 0:
            return None
        with np.load(target) as result:
            return np.nan_to_num(result["scores"], posinf=1e300), float(result["seconds"])
