"""Few labels that come late: one in a hundred rows, a thousand rows after it passed."""

import numpy as np

from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.late_labels import models
from benchmarks.quality.options import Options
from benchmarks.quality.streams import Stream, load
from pipeline.models.metrics import average_precision, roc_auc

title = "Few labels, late"
LATE = 1_000
protocol = """NSL-KDD and WUSTL-EHMS (the columns that give its label away left out) in the order in which they were
recorded. A random hundredth of the rows gets its label, 1,000 rows late; every row is scored when it passes, with what
is known then. ROC AUC and average precision over all rows (before both classes were seen River's models give one
constant) and over the rows from 1,500 on, when some labels have come; mean and range over seeds, which draw the
labelled rows (one seed for River's forest, which takes minutes). River's models get signed log1p, scaled, and
categories as 32 hashed indicators each."""
SETS = ("nsl-kdd", "wustl-ehms")
KNOWN_FROM = 1_500
SLOW = ("River ARFClassifier(10)",)


def run(options: Options) -> list[dict[str, object]]:
    """A row a set and model."""
    streams = [s for s in load(options.data) if s.name in SETS] if options.data.is_dir() else []
    if not streams:
        raise DataAbsentError("neither NSL-KDD nor WUSTL-EHMS is in the data folder")
    rows: list[dict[str, object]] = []
    for stream in (s.take(np.arange(min(len(s.y), options.rows))) for s in streams):
        for name, model in models(stream, LATE).items():
            seeds = 1 if name in SLOW else options.seeds
            rows.append(_figures(stream, name, [model(seed) for seed in range(1, seeds + 1)]))
    return rows


def _figures(stream: Stream, name: str, scores: list[np.ndarray]) -> dict[str, object]:
    whole = [roc_auc(stream.y, s) for s in scores]
    later = [roc_auc(stream.y[KNOWN_FROM:], s[KNOWN_FROM:]) for s in scores]
    precision = [average_precision(stream.y, s) for s in scores]
    return {
        "set": stream.name, "model": name, "AUC": float(np.mean(whole)),
        "AUC range": f"{min(whole):.3f}–{max(whole):.3f}",
        f"AUC from row {KNOWN_FROM}": float(np.mean(later)), "AP": float(np.mean(precision)),
    }  # fmt: skip
