"""Few labels that come late: one in a hundred rows, a thousand rows after it passed."""

from collections.abc import Callable

import numpy as np
from river import forest, linear_model, preprocessing

from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.options import Options
from benchmarks.quality.streams import Stream, load
from pipeline.evaluation.few_labels import late_labels
from pipeline.models.default import default_detector
from pipeline.models.metrics import average_precision, roc_auc
from pipeline.models.semi_supervised_forest import SemiSupervisedForest

title = "Few labels, late"
SHARE, LATE = 0.01, 1_000
protocol = """NSL-KDD and WUSTL-EHMS (the columns that give its label away left out) in the order in which they were
recorded. A random hundredth of the rows gets its label, 1,000 rows late; every row is scored when it passes, with what
is known then. ROC AUC and average precision over all rows (before both classes were seen River's models give one
constant) and over the rows from 1,500 on, when some labels have come; mean and range over seeds, which draw the
labelled rows (one seed for River's forest, which takes minutes). River's models get signed log1p, scaled, and
categories as 32 hashed indicators each."""
SETS = ("nsl-kdd", "wustl-ehms")
KNOWN_FROM = 1_500
UNDECIDED = 0.2
SLOW = ("River ARFClassifier(10)",)
Learn = Callable[[int], None]
Score = Callable[[int], float]


def run(options: Options) -> list[dict[str, object]]:
    """A row a set and model."""
    streams = [s for s in load(options.data) if s.name in SETS] if options.data.is_dir() else []
    if not streams:
        raise DataAbsentError("neither NSL-KDD nor WUSTL-EHMS is in the data folder")
    rows: list[dict[str, object]] = []
    for stream in (s.take(np.arange(min(len(s.y), options.rows))) for s in streams):
        surprise = default_detector(1, 1).score_learn_many(stream.X, C=stream.C)
        models: dict[str, Callable[[int], np.ndarray]] = {
            "SemiSupervisedForest (ours)": lambda seed, s=stream: late_labels(
                SemiSupervisedForest(seed=seed), s.X, s.C, s.y, _labelled(s, seed), LATE
            )[0],
            "no labels (ours)": lambda _, u=surprise: np.nan_to_num(u, nan=UNDECIDED),
            "River LogisticRegression": lambda seed, s=stream: _river(s, _logistic(), seed),
            "River ARFClassifier(10)": lambda seed, s=stream: _river(
                s, forest.ARFClassifier(n_models=10, seed=seed), seed
            ),
        }
        for name, model in models.items():
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


def _labelled(stream: Stream, seed: int) -> np.ndarray:
    return np.flatnonzero(np.random.default_rng(seed).random(len(stream.y)) < SHARE)


def _logistic() -> object:
    return preprocessing.StandardScaler() | linear_model.LogisticRegression()


def _river(stream: Stream, model: object, seed: int) -> np.ndarray:
    log = np.sign(stream.X) * np.log1p(np.abs(stream.X))
    words = (stream.C % np.uint64(32)).astype(int)
    names = [f"x{j}" for j in range(log.shape[1])]

    def row(i: int) -> dict[str, float]:
        return dict(zip(names, log[i].tolist(), strict=True)) | {f"c{j}={w}": 1.0 for j, w in enumerate(words[i])}

    out, due = np.full(len(log), UNDECIDED), {int(r) + LATE: int(r) for r in _labelled(stream, seed)}
    learned: set[bool] = set()
    for i in range(len(log)):
        if i in due:
            label = bool(stream.y[due[i]])
            model.learn_one(row(due[i]), label)  # type: ignore[attr-defined]
            learned.add(label)
        if len(learned) == 2:
            out[i] = model.predict_proba_one(row(i)).get(True, 0.0)  # type: ignore[attr-defined]
    return out
