"""Figures that several parts take: ROC AUC, average precision, precision and recall among the highest scores."""

import numpy as np


def roc_auc(y: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half; NaN scores count as lower than all others."""
    _, inverse, counts = np.unique(np.nan_to_num(score, nan=-np.inf), return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    bad = int(np.count_nonzero(y))
    if bad in (0, len(y)):
        return float("nan")
    return float((rank[y.astype(bool)].sum() - bad * (bad + 1) / 2) / (bad * (len(y) - bad)))


def average_precision(y: np.ndarray, score: np.ndarray) -> float:
    """Average precision; equal scores are one step, so that ties earn nothing; NaN scores are lowest."""
    values, inverse = np.unique(-np.nan_to_num(score, nan=-np.inf), return_inverse=True)
    hits = np.bincount(inverse, y.astype(float), len(values)).cumsum()
    shown = np.bincount(inverse, minlength=len(values)).cumsum()
    recall = np.diff(hits / max(hits[-1], 1.0), prepend=0.0)
    return float((recall * hits / shown).sum())
