"""The classifier of one source's alerts, taught by verdicts."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.models.feedback_forest import FeedbackForest

MEMORY = 256
"""Judged alerts of each kind that the trees are grown from: years of verdicts of a small team, and 1 ms a label."""
_TREES, _LEAF_ROWS = 40, 3
"""Leaves of at least three judged alerts, so that a single wrong verdict decides nothing."""
_FADE = 0.98
"""Of what is remembered of past mistakes, by verdict: about the last fifty count."""
_LOSS_CAP = 3.0
"""Nats: one surprising verdict does not undo what the others showed."""
ENOUGH = 20.0
"""With ten of the rarer verdict the classifier has up to half of the word."""
_PATIENCE = 50


class SourceModel:
    """A River classifier, `FeedbackForest`, and how well it has done beside the plain record of verdicts.

    Before each label is learned, both guess it: whichever had the smaller log loss of late has more of the word
    (Vovk 1990, aggregating). A label that is taken back or changed makes the forest learn all kept ones again, at
    most once in 50 notes, as `settle` is told their number: 0.1 s with a full memory.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rows: dict[str, tuple[np.ndarray, np.ndarray, bool]] = {}
        self._real = 0
        self._forest = self._new_forest()
        self._stale, self._renewed_at = False, -_PATIENCE
        self._loss = [0.0, 0.0]

    def _new_forest(self) -> FeedbackForest:
        return FeedbackForest(_TREES, MEMORY, leaf_rows=_LEAF_ROWS, seed=self._seed)

    @property
    def labels(self) -> tuple[int, int]:
        """Judged alerts that are kept: (not real, real)."""
        return (len(self._rows) - self._real, self._real)

    def learn(self, alert_id: str, x: np.ndarray, c: np.ndarray, real: bool, record: float) -> None:
        """Learn one judged alert; `record`: the probability that the plain record of verdicts gave it before."""
        old = self._rows.get(alert_id)
        if old is not None:
            if old[2] != real:
                self._rows[alert_id] = (old[0], old[1], real)
                self._real += 1 if real else -1
                self._stale = True
            return
        guess = float(self.proba(x[None], c[None])[0])
        if not math.isnan(guess):
            for i, p in enumerate((guess, record)):
                right = min(max(p if real else 1.0 - p, 1e-6), 1.0)
                self._loss[i] = _FADE * self._loss[i] + min(-math.log(right), _LOSS_CAP)
        self._rows[alert_id] = (x, c, real)
        self._real += real
        if self.labels[real] > MEMORY:
            del self._rows[next(key for key, row in self._rows.items() if row[2] == real)]
            self._real -= real
        if not self._stale:  # else it is learned with all others
            self._forest.learn_many(x[None], np.array([real]), c[None])

    def forget(self, alert_id: str) -> None:
        """Take a label back."""
        row = self._rows.pop(alert_id, None)
        if row is not None:
            self._real -= row[2]
            self._stale = True

    def proba(self, x: np.ndarray, c: np.ndarray) -> np.ndarray:
        """float64[n]: probability that alerts are real; NaN before both kinds were judged."""
        unreal, real = self.labels
        if not (unreal and real):
            return np.full(len(x), np.nan)
        vote = np.clip(self._forest.vote_many(x, c), 0.01, 0.99)
        odds = vote / (1.0 - vote) * (real + 1.0) / (unreal + 1.0)
        return np.asarray(odds / (1.0 + odds))

    @property
    def say(self) -> float:
        """How much of the word the classifier has beside the record, 0 to 1."""
        rarer = 2.0 * min(self.labels)
        return rarer / (rarer + ENOUGH) / (1.0 + math.exp(min(max(self._loss[0] - self._loss[1], -30.0), 30.0)))

    def settle(self, notes: int) -> None:
        """Learn anew if a label was taken back since; `notes`: how many were taken so far."""
        if self._stale and notes - self._renewed_at >= _PATIENCE:
            self._stale, self._renewed_at = False, notes
            self._forest = self._new_forest()
            for x, c, real in self._rows.values():
                self._forest.learn_many(x[None], np.array([real]), c[None])

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """JSON-ready part, and arrays."""
        rows = list(self._rows.values())
        arrays = {f"forest/{name}": array for name, array in self._forest.state().items()}
        if rows:
            arrays |= {"X": np.array([r[0] for r in rows]), "C": np.array([r[1] for r in rows])}
        plain = {"ids": list(self._rows), "real": [r[2] for r in rows], "loss": self._loss}
        return plain | {"stale": self._stale, "renewed_at": self._renewed_at}, arrays

    def load(self, plain: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave. Raises CheckpointError when it does not fit."""
        ids, real = plain["ids"], plain["real"]
        x, c = arrays.get("X", np.zeros((0, 1))), arrays.get("C", np.zeros((0, 1), np.uint64))
        if not len(ids) == len(real) == len(x) == len(c):
            raise CheckpointError("state of a classifier of alerts: its parts are of different sizes")
        self._rows = {str(i): (x[n].copy(), c[n].copy(), bool(real[n])) for n, i in enumerate(ids)}
        self._real = sum(map(bool, real))
        self._loss = [float(v) for v in plain["loss"]]
        self._stale, self._renewed_at = bool(plain["stale"]), int(plain["renewed_at"])
        self._forest = self._new_forest()
        self._forest.load({k.removeprefix("forest/"): v for k, v in arrays.items() if k.startswith("forest/")})
