"""Fraud by providers in Medicare-like inpatient claims: risk without labels, and with a few that come late."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.quality.measures import average_precision, roc_auc
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.provider_claims import Played, play
from pipeline.models.feedback_forest import FeedbackForest

title = "Provider fraud"
protocol = """28,369 inpatient claims of 1,438 providers, 301 of them labelled as fraud, in date order (claim start)
through `claims.provider_outlier` with 8 key groups, each claim scored before it is learned. Risk of a provider: the
score at its last claim. No label is used: the first rows are the detector beside the trivial baselines over the whole
set. "Late": a random tenth of the providers gets its verdict at a random moment in the second half of the year; a
FeedbackForest learns the detector's features of the provider as they stood then, and at the end votes on the providers
that never had a verdict (all figures of these rows are over those; mean over 10 draws). "Both" multiplies the odds of
the risk and of the vote. Ceiling: gradient boosting with all labels, 5-fold by provider, on the detector's features and
the totals (needs `--peers` with scikit-learn)."""
_PEERS_FILE = Path(__file__).resolve().parents[2] / "peers" / "boosted_providers.py"
SHARE, DRAWS = 0.1, 10


def run(options: Options) -> list[Row]:
    """A row a score."""
    folder = options.path("health", "provider_fraud")
    played = play(folder)
    last = played.last()
    rows = [
        _row("claims.provider_outlier", "none", played.fraud, played.risk[last]),
        _row("claims per provider", "none", played.fraud, played.claims),
        _row("amount per provider", "none", played.fraud, played.amount),
    ]
    rows += _late(played)
    X = np.column_stack([played.features[last], played.risk[last], played.claims, played.amount])
    boosted = _boosted(X, played.fraud, options.peers)
    if boosted is not None:
        rows.append(_row("gradient boosting, offline", "all, 5-fold", played.fraud, boosted))
    return rows


def _row(name: str, labels: str, fraud: np.ndarray, risk: np.ndarray) -> Row:
    return {"risk": name, "labels": labels, "AUC": roc_auc(fraud, risk), "AP": average_precision(fraud, risk)}


def _late(played: Played) -> Iterator[Row]:
    """Mean figures over the providers without a verdict."""
    found: dict[str, list[tuple[float, float]]] = {}
    last = played.last()
    for seed in range(1, DRAWS + 1):
        known, vote = _voted(played, seed)
        rest = ~known
        odds = _odds(played.risk[last]) * _odds(vote)
        scores = {
            "FeedbackForest": vote, "both": odds, "claims.provider_outlier, same providers": played.risk[last],
            "amount per provider, same providers": played.amount,
        }  # fmt: skip
        for name, risk in scores.items():
            figures = roc_auc(played.fraud[rest], risk[rest]), average_precision(played.fraud[rest], risk[rest])
            found.setdefault(name, []).append(figures)
    for name, figures in found.items():
        auc, precision = np.mean(figures, axis=0)
        labels = "none" if "same" in name else "10 %, late"
        yield {"risk": name, "labels": labels, "AUC": float(auc), "AP": float(precision)}


def _voted(played: Played, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(providers that had a verdict bool[p], the forest's vote on each at the end float64[p])."""
    rng = np.random.default_rng(seed)
    known = rng.random(len(played.fraud)) < SHARE
    begin, end = float(np.median(played.ts)), float(played.ts[-1])
    forest = FeedbackForest(trees=100, leaf_rows=5, seed=seed)
    for moment, provider in sorted((rng.uniform(begin, end), int(p)) for p in np.flatnonzero(known)):
        at = played.last(moment)[provider]
        if at >= 0:
            forest.learn_many(played.features[at : at + 1], played.fraud[provider : provider + 1])
    return known, forest.vote_many(played.features[played.last()])


def _odds(share: np.ndarray) -> np.ndarray:
    clipped = np.clip(share, 1e-3, 1 - 1e-3)
    return np.asarray(clipped / (1.0 - clipped))


def _boosted(X: np.ndarray, fraud: np.ndarray, python: str | None) -> np.ndarray | None:
    """Out-of-fold risk of offline boosting, None without an environment that has it."""
    if python is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "x.npz", Path(folder) / "risk.npy"
        np.savez(source, X=X, y=fraud)
        done = subprocess.run([python, str(_PEERS_FILE), str(source), str(target)], capture_output=True, check=False)
        return np.load(target) if done.returncode == 0 else None
