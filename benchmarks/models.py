"""Quality and cost of the anomaly models on public labelled sets, beside River's and a trivial baseline.

Prequential: one pass, each row scored before it is learned, labels used for nothing but the figures. Protocols:
clean (2,000 normal rows first), cold (as recorded), burst (anomalies by kind in blocks) and open (an attack
block at row 50); `5 %` thins the anomalies. Figures are ROC AUC and average precision over the rows after the
clean start and the longest warm-up, mean and range over the seeds. Order is the recorded one; no row is shuffled.

    python benchmarks/models.py --data DIR [--seeds 3] [--rows 60000] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from models_data import Stream, load, order, thin
from rich.console import Console
from rich.table import Table
from river import anomaly, preprocessing

from pipeline.models.density import RSHash
from pipeline.models.half_space_trees import HalfSpaceTrees
from pipeline.models.metrics import average_precision, roc_auc
from pipeline.models.river_adapter import RiverDetector

SKIP = 256  # the longest warm-up among the models: rows that count for none of them
CASES = {"clean": ("clean", None), "clean 5 %": ("clean", 0.05), "cold 5 %": ("cold", 0.05),
         "burst 20 %": ("burst", 0.2), "open 20 %": ("open", 0.2)}  # fmt: skip
Scorer = Callable[[Stream, int], np.ndarray]


def _log(X: np.ndarray) -> np.ndarray:
    return np.sign(X) * np.log1p(np.abs(X))


def _running_minmax(X: np.ndarray) -> np.ndarray:
    """What a MinMaxScaler has seen before each row; the first row scales to 0."""
    low = np.vstack([X[:1], np.minimum.accumulate(X)[:-1]])
    spread = np.vstack([X[:1], np.maximum.accumulate(X)[:-1]]) - low
    return np.divide(X - low, spread, out=np.zeros_like(X), where=spread > 0)


def _rs_hash(stream: Stream, seed: int) -> np.ndarray:
    return RSHash(seed=seed).score_learn_many(stream.X, C=stream.C)


def _half_space_trees(stream: Stream, seed: int) -> np.ndarray:
    return HalfSpaceTrees(seed=seed).score_learn_many(_running_minmax(_log(stream.X)))


def _river(model: object, stream: Stream) -> np.ndarray:
    names = [f"x{j}" for j in range(stream.X.shape[1])]
    return RiverDetector(model, names, score_scale="rank", warmup=250).score_learn_many(_log(stream.X))


def _river_trees(stream: Stream, seed: int) -> np.ndarray:
    return _river(preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(n_trees=10, height=8, seed=seed), stream)


def _river_svm(stream: Stream, seed: int) -> np.ndarray:  # noqa: ARG001 - has no randomness
    return _river(preprocessing.StandardScaler() | anomaly.OneClassSVM(nu=0.1), stream)


def _trivial(stream: Stream, seed: int) -> np.ndarray:  # noqa: ARG001 - has no randomness
    """The largest distance of any log feature from its running mean, in running deviations."""
    X = _log(stream.X)
    n = np.arange(1, len(X) + 1)[:, None]
    mean, square = np.cumsum(X, axis=0) / n, np.cumsum(X**2, axis=0) / n
    spread = np.sqrt(np.maximum(square - mean**2, 0.0)) + 1e-3
    z = np.abs(X[1:] - mean[:-1]) / spread[:-1]
    return np.r_[np.nan, z.max(axis=1)]


MODELS: dict[str, Scorer] = {
    "RSHash (ours)": _rs_hash, "HST 25×8 (ours)": _half_space_trees, "River HST 10×8": _river_trees,
    "River OneClassSVM": _river_svm, "largest z": _trivial,
}  # fmt: skip


def _measure(scorer: Scorer, stream: Stream, first: int, seed: int) -> dict[str, float]:
    start = time.perf_counter()
    score = scorer(stream, seed)
    cost = (time.perf_counter() - start) / len(score) * 1e6
    y, score = stream.y[max(first, SKIP) :], np.nan_to_num(score[max(first, SKIP) :], nan=-1.0)
    return {"auc": roc_auc(y, score), "ap": average_precision(y, score), "us": cost, "anomalies": float(y.mean())}


def run(folder: Path, seeds: int, rows: int) -> list[dict[str, object]]:
    """One record per set, case and model: mean figures and the range of the AUC over the seeds."""
    records: list[dict[str, object]] = []
    for full in load(folder):
        whole = full.take(np.arange(min(len(full.y), rows)))
        for case, (protocol, share) in CASES.items():
            results: dict[str, list[dict[str, float]]] = {name: [] for name in MODELS}
            for seed in range(1, seeds + 1):
                rng = np.random.default_rng(seed)
                stream, first = order(thin(whole, share, rng) if share else whole, protocol, rng)
                if stream.y[max(first, SKIP) :].sum() < 30:
                    continue  # fewer anomalies tell nothing
                for name, scorer in MODELS.items():
                    results[name].append(_measure(scorer, stream, first, seed))
            for name, found in results.items():
                if found:
                    mean = {key: float(np.mean([r[key] for r in found])) for key in found[0]}
                    auc = [r["auc"] for r in found]
                    spread = {"auc_low": min(auc), "auc_high": max(auc), "seeds": len(found)}
                    records.append({"set": whole.name, "case": case, "model": name} | mean | spread)
    return records


def _show(records: list[dict[str, object]]) -> None:
    table = Table(title="ROC AUC / average precision; µs an event in the last row")
    for column in ("set", "case", "anomalies", *MODELS):
        table.add_column(column, justify="left" if column in ("set", "case") else "right")
    cases = dict.fromkeys((r["set"], r["case"]) for r in records)
    for name, case in cases:
        cells = {r["model"]: r for r in records if (r["set"], r["case"]) == (name, case)}
        best = max(float(r["auc"]) for r in cells.values())
        texts = []
        for model in MODELS:
            text = f"{cells[model]['auc']:.3f}/{cells[model]['ap']:.2f}"
            texts.append(f"[bold]{text}[/bold]" if float(cells[model]["auc"]) >= best else text)
        table.add_row(str(name), str(case), f"{cells[next(iter(MODELS))]['anomalies']:.1%}", *texts)
    for label, key in (("mean", "auc"), ("µs", "us")):
        values = [np.mean([float(r[key]) for r in records if r["model"] == m]) for m in MODELS]
        table.add_row(label, "", "", *(f"{v:.3f}" if key == "auc" else f"{v:.1f}" for v in values))
    Console(width=150).print(table)


def main() -> None:
    """Run what the data folder holds; without one say so and succeed, since a clone has none."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WARDWATCH_DATA", str(Path(__file__).resolve().parents[2] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=60_000, help="at most so many rows of each set")
    parser.add_argument("--json", type=Path, help="write every record to this file")
    options = parser.parse_args()
    records = run(options.data, options.seeds, options.rows) if options.data.is_dir() else []
    if not records:
        print("no labelled data found: give its folder with --data or WARDWATCH_DATA")
        return
    _show(records)
    if options.json:
        options.json.write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
