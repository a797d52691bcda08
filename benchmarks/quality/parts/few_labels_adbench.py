"""Few labels that come late, on the public collection ADBench: what they bring on tables of all kinds."""

from collections.abc import Iterator

import numpy as np

from benchmarks.quality.late_labels import models
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.parts.adbench import half_of, load
from benchmarks.quality.streams import Stream, shuffled
from pipeline.models.metrics import average_precision, roc_auc

title = "Few labels, late, in the tables of ADBench"
protocol = """The sets and halves of `adbench`, shuffled by the seed, and in the recorded order where each quarter has a
twentieth of the anomalies. A random hundredth of the rows gets its label, a twentieth of the stream late. ROC AUC and
average precision over all rows, from the first on, means over seeds; then the means of either half. River's models as
in `few_labels`."""
FASTER = ("SemiSupervisedForest (ours)", "no labels (ours)", "River LogisticRegression")


def run(options: Options) -> list[Row]:
    """A row a set, order and model; then the means of either half."""
    rows: list[Row] = []
    for whole in load(options.path("adbench"), options.rows):
        for order, streams in _orders(whole, options.seeds):
            made = [models(stream, max(len(stream.y) // 20, 1)) for stream in streams]
            for name in FASTER:
                scores = [one[name](seed) for seed, one in enumerate(made, 1)]
                rows.append({
                    "set": whole.name, "half": half_of(whole.name), "order": order, "model": name,
                    "AUC": float(np.mean([roc_auc(s.y, x) for s, x in zip(streams, scores, strict=True)])),
                    "AP": float(np.mean([average_precision(s.y, x) for s, x in zip(streams, scores, strict=True)])),
                })  # fmt: skip
    return rows + _means(rows)


def _orders(whole: Stream, seeds: int) -> Iterator[tuple[str, list[Stream]]]:
    yield "shuffled", [shuffled(whole, np.random.default_rng(seed), len(whole.y)) for seed in range(1, seeds + 1)]
    if all(part.sum() >= 0.05 * whole.y.sum() for part in np.array_split(whole.y, 4)):
        yield "recorded", [whole] * seeds


def _means(rows: list[Row]) -> list[Row]:
    out: list[Row] = []
    for half, order, model in dict.fromkeys((r["half"], r["order"], r["model"]) for r in rows):
        mine = [r for r in rows if (r["half"], r["order"], r["model"]) == (half, order, model)]
        mean = {key: float(np.mean([float(str(r[key])) for r in mine])) for key in ("AUC", "AP")}
        out.append({"set": "mean", "half": half, "order": order, "model": model, **mean, "sets": len(mine)})
    return out
