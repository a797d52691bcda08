"""Sessions of a log: HDFS blocks by their events, after clean training and from a cold start."""

import csv
import gzip
import time
from collections.abc import Callable

import numpy as np
from river import anomaly, preprocessing

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from pipeline.models.metrics import average_precision, roc_auc
from pipeline.models.session_surprise import SessionSurprise

title = "Sessions: HDFS"
protocol = """HDFS sessions of event ids. *Frozen*: learned on the 4,855 normal sessions for training, then 7,000 other
normal ones and all 16,838 abnormal ones without learning; F1 at the published prevalence (16,838 of 570,204: each
normal session counts for 79), threshold without labels: the highest score of what was learned, scored again (peers
too). *Cold*: all 11,855 normal sessions and 3 % drawn abnormal ones in random order, each scored before it is learned,
the first 200 not counted; threshold without labels 4 nats for ours, the contamination itself (the highest 3 %) as a
gift for peers. Mean over the seeds. Peers see counts by event: River HalfSpaceTrees (25 trees, scaled) and
OneClassSVM, and `sequence never seen`."""

Sessions = list[tuple[str, ...]]
Scorer = Callable[[Sessions, Sessions], tuple[np.ndarray, np.ndarray]]
"""(learned, tested without learning) → scores of both, the first before learning."""
PUBLISHED_NORMAL = 553_366
COLD_SHARE, SKIPPED = 0.03, 200


def _read(options: Options) -> tuple[Sessions, Sessions, Sessions]:
    def lines(name: str) -> list[str]:
        with gzip.open(options.path("logs", "hdfs_sessions", name), "rt") as file:
            return [line for line in file if line.strip()]

    robust = [row for name in ("robust_log_train.csv.gz", "robust_log_valid.csv.gz") for row in csv.reader(lines(name))]
    normal = [tuple(text.split()) for text, label in robust if label == "0"]
    train, bad = ([tuple(line.split()) for line in lines(name)] for name in ("hdfs_train.gz", "hdfs_test_abnormal.gz"))
    return train, normal, bad


def _ours(learned: Sessions, tested: Sessions) -> tuple[np.ndarray, np.ndarray]:
    model = SessionSurprise()
    return model.score_learn_sessions(learned), model.score_learn_sessions(tested, learn=False)


def _never_seen(learned: Sessions, tested: Sessions) -> tuple[np.ndarray, np.ndarray]:
    seen: set[tuple[str, ...]] = set()
    first = []
    for session in learned:
        first.append(float(session not in seen))
        seen.add(session)
    return np.array(first), np.array([float(s not in seen) for s in tested])


def _river(make: Callable[[], object]) -> Scorer:
    def run(learned: Sessions, tested: Sessions) -> tuple[np.ndarray, np.ndarray]:
        model = make()
        names = sorted({e for s in (*learned, *tested) for e in s})
        rows = [{e: s.count(e) for e in names} for s in (*learned, *tested)]
        out = np.empty(len(rows))
        for i, x in enumerate(rows):
            out[i] = model.score_one(x)  # type: ignore[attr-defined]
            if i < len(learned):
                model.learn_one(x)  # type: ignore[attr-defined]
        return out[: len(learned)], out[len(learned) :]

    return run


CONTENDERS: dict[str, Scorer] = {
    "SessionSurprise (ours)": _ours,
    "River HST 25": _river(lambda: preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(n_trees=25, height=8, seed=1)),
    "River OneClassSVM": _river(lambda: preprocessing.StandardScaler() | anomaly.OneClassSVM(nu=0.1)),
    "sequence never seen": _never_seen,
}


def _f1(fired: np.ndarray, bad: np.ndarray, weight: np.ndarray) -> float:
    hits = (weight * (fired & bad)).sum()
    return float(2 * hits / ((weight * fired).sum() + (weight * bad).sum()))


def _frozen(scorer: Scorer, train: Sessions, normal: Sessions, bad: Sessions) -> dict[str, float]:
    begin = time.perf_counter()
    _, scores = scorer(train, [*train, *normal, *bad])
    cost = (time.perf_counter() - begin) / (len(train) + len(scores)) * 1e6
    again, score = scores[: len(train)], scores[len(train) :]
    y = np.arange(len(score)) >= len(normal)
    weight = np.where(y, 1.0, PUBLISHED_NORMAL / len(normal))
    threshold = np.nanmax(again)
    fired = score > threshold if threshold < score.max() else score >= threshold
    return {"auc": roc_auc(y, score), "ap": average_precision(y, score), "f1": _f1(fired, y, weight), "us": cost}


def _cold(scorer: Scorer, stream: Sessions, y: np.ndarray, ours: bool) -> dict[str, float]:
    begin = time.perf_counter()
    score, _ = scorer(stream, [])
    cost = (time.perf_counter() - begin) / len(stream) * 1e6
    score, y = np.nan_to_num(score[SKIPPED:]), y[SKIPPED:]
    threshold = 4.0 if ours else np.quantile(score, 1.0 - COLD_SHARE)
    fired = score > threshold if threshold < score.max() else score >= threshold
    f1 = _f1(fired, y, np.ones(len(y)))
    return {"auc": roc_auc(y, score), "ap": average_precision(y, score), "f1": f1, "us": cost}


def run(options: Options) -> list[Row]:
    """ROC AUC, average precision, F1 and µs a session."""
    train, normal, bad = _read(options)
    _ours(train[:5], train[:5])  # compile before anything is timed
    rows: list[Row] = []
    for name, scorer in CONTENDERS.items():
        rows.append({"case": "frozen", "model": name, "seeds": 1} | _told(_frozen(scorer, train, normal, bad)))
    for name, scorer in CONTENDERS.items():
        found = []
        for seed in range(1, options.seeds + 1):
            rng = np.random.default_rng(seed)
            good = [*train, *normal]
            few = rng.choice(len(bad), int(COLD_SHARE / (1 - COLD_SHARE) * len(good)), replace=False)
            both = [*good, *(bad[i] for i in few)]
            order = rng.permutation(len(both))
            found.append(_cold(scorer, [both[i] for i in order], order >= len(good), scorer is _ours))
        mean = {key: float(np.mean([f[key] for f in found])) for key in found[0]}
        rows.append({"case": "cold, 3 %", "model": name, "seeds": options.seeds} | _told(mean))
    return rows


def _told(found: dict[str, float]) -> Row:
    return {"ROC AUC": round(found["auc"], 4), "AP": round(found["ap"], 4), "F1": round(found["f1"], 4),
            "µs": round(found["us"], 1)}  # fmt: skip
