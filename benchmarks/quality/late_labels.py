"""A hundredth of a stream's rows get their label, late: what our classifier and River's say of every row meanwhile."""

from collections.abc import Callable

import numpy as np
from river import forest, linear_model, preprocessing

from benchmarks.quality.streams import Stream
from pipeline.evaluation.few_labels import late_labels
from pipeline.models.default import default_detector
from pipeline.models.semi_supervised_forest import SemiSupervisedForest

SHARE = 0.01
UNDECIDED = 0.2


def models(stream: Stream, late: int) -> dict[str, Callable[[int], np.ndarray]]:
    """By name: scores float64[n] for a seed, which draws the labelled rows; a label comes `late` rows after its row."""
    surprise = np.nan_to_num(default_detector(1, 1).score_learn_many(stream.X, C=stream.C), nan=UNDECIDED)
    return {
        "SemiSupervisedForest (ours)": lambda seed: late_labels(
            SemiSupervisedForest(seed=seed), stream.X, stream.C, stream.y, _labelled(stream, seed), late
        )[0],
        "no labels (ours)": lambda _: surprise,
        "River LogisticRegression": lambda seed: _river(stream, _logistic(), seed, late),
        "River ARFClassifier(10)": lambda seed: _river(
            stream, forest.ARFClassifier(n_models=10, seed=seed), seed, late
        ),
    }


def _labelled(stream: Stream, seed: int) -> np.ndarray:
    return np.flatnonzero(np.random.default_rng(seed).random(len(stream.y)) < SHARE)


def _logistic() -> object:
    return preprocessing.StandardScaler() | linear_model.LogisticRegression()


def _river(stream: Stream, model: object, seed: int, late: int) -> np.ndarray:
    log = np.sign(stream.X) * np.log1p(np.abs(stream.X))
    words = (stream.C % np.uint64(32)).astype(int)
    names = [f"x{j}" for j in range(log.shape[1])]

    def row(i: int) -> dict[str, float]:
        return dict(zip(names, log[i].tolist(), strict=True)) | {f"c{j}={w}": 1.0 for j, w in enumerate(words[i])}

    out, due = np.full(len(log), UNDECIDED), {int(r) + late: int(r) for r in _labelled(stream, seed)}
    learned: set[bool] = set()
    for i in range(len(log)):
        if i in due:
            label = bool(stream.y[due[i]])
            model.learn_one(row(due[i]), label)  # type: ignore[attr-defined]
            learned.add(label)
        if len(learned) == 2:
            out[i] = model.predict_proba_one(row(i)).get(True, 0.0)  # type: ignore[attr-defined]
    return out
