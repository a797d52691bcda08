"""The classifier of one source's alerts, taught by verdicts."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.learning.blend import Blend, log_odds
from pipeline.models.feedback_forest import FeedbackForest

MEMORY = 256
"""Judged alerts of each kind that the trees are grown from: years of verdicts of a small team, and 1 ms a label."""
_TREES, _LEAF_ROWS = 40, 3
"""Leaves of at least three judged alerts, so that a single wrong verdict decides nothing."""
_PATIENCE = 50
_MEAN = np.array([0.0, 1.0, 0.1, 1.0, 0.5])
_SPREAD = np.array([0.5, 0.5, 0.7, 0.7, 0.5])
"""Weights of a constant, of the record of verdicts, of the score's rank, of the score and of the forest, before any
verdict was held against them: the record and the detector's own order stand, the forest has half a say."""
Row = tuple[np.ndarray, np.ndarray, bool, np.ndarray]
"""Columns, codes, whether it was real, and the guesses before that was known."""


class SourceModel:
    """A River classifier, `FeedbackForest`, blended with the plain record of verdicts and the detector's own order.

    How much each has to say is learned from its guesses before each label (`Blend`). A label that is taken back or
    changed makes the forest learn all kept ones again, at most once in 50 notes, as `settle` is told their number:
    0.1 s with a full memory.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rows: dict[str, Row] = {}
        self._real = 0
        self._forest = self._new_forest()
        self._blend = Blend(_MEAN, _SPREAD)
        self._stale, self._renewed_at = False, -_PATIENCE

    def _new_forest(self) -> FeedbackForest:
        return FeedbackForest(_TREES, MEMORY, leaf_rows=_LEAF_ROWS, seed=self._seed)

    @property
    def labels(self) -> tuple[int, int]:
        """Judged alerts that are kept: (not real, real)."""
        return (len(self._rows) - self._real, self._real)

    @property
    def has_say(self) -> bool:
        """Whether the forest has seen alerts that were judged real and ones that were not."""
        return min(self._forest.seen) > 0

    def learn(self, alert_id: str, x: np.ndarray, c: np.ndarray, real: bool, known: np.ndarray) -> None:
        """Learn one judged alert; `known`: log odds by the record, the score's rank and the score, float64[3]."""
        old = self._rows.get(alert_id)
        if old is not None:
            if old[2] != real:
                self._rows[alert_id] = (old[0], old[1], real, old[3])
                self._real += 1 if real else -1
                self._stale = True
                self._fit()
            return
        self._rows[alert_id] = (x, c, real, np.append(known, self._guess(x[None], c[None])))
        self._real += real
        if self.labels[real] > MEMORY:
            del self._rows[next(key for key, row in self._rows.items() if row[2] == real)]
            self._real -= real
        self._fit()
        if not self._stale:  # else it is learned with all others
            self._forest.learn_many(x[None], np.array([real]), c[None])

    def forget(self, alert_id: str) -> None:
        """Take a label back."""
        row = self._rows.pop(alert_id, None)
        if row is not None:
            self._real -= row[2]
            self._stale = True
            self._fit()

    def _fit(self) -> None:
        rows = list(self._rows.values())
        self._blend.fit(np.array([r[3] for r in rows]), np.array([r[2] for r in rows], bool))

    def _guess(self, x: np.ndarray, c: np.ndarray) -> np.ndarray:
        """float64[n]: log odds by the forest, both kinds weighing the same; 0 before both were judged."""
        if not self.has_say:
            return np.zeros(len(x))
        return log_odds(np.clip(self._forest.vote_many(x, c), 0.05, 0.95))

    def proba(self, x: np.ndarray, c: np.ndarray, known: np.ndarray) -> np.ndarray:
        """float64[n]: probability that alerts are real; `known`: float64[n, 3] as in `learn`."""
        return self._blend.proba(np.column_stack([known, self._guess(x, c)]))

    def settle(self, notes: int) -> None:
        """Learn anew if a label was taken back since; `notes`: how many were taken so far."""
        if self._stale and notes - self._renewed_at >= _PATIENCE:
            self._stale, self._renewed_at = False, notes
            self._forest = self._new_forest()
            for x, c, real, _ in self._rows.values():
                self._forest.learn_many(x[None], np.array([real]), c[None])

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """JSON-ready part, and arrays."""
        rows = list(self._rows.values())
        arrays = {f"forest/{name}": array for name, array in self._forest.state().items()}
        if rows:
            arrays |= {name: np.array([r[i] for r in rows]) for name, i in (("X", 0), ("C", 1), ("guesses", 3))}
        plain = {"ids": list(self._rows), "real": [r[2] for r in rows], "blend": self._blend.state()}
        return plain | {"stale": self._stale, "renewed_at": self._renewed_at}, arrays

    def load(self, plain: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave. Raises CheckpointError when it does not fit."""
        ids, real = plain["ids"], plain["real"]
        x, c, guesses = (arrays.get(name, np.zeros((0, 1))) for name in ("X", "C", "guesses"))
        if not len(ids) == len(real) == len(x) == len(c) == len(guesses):
            raise CheckpointError("state of a classifier of alerts: its parts are of different sizes")
        self._rows = {str(i): (x[n].copy(), c[n].copy(), bool(real[n]), guesses[n].copy()) for n, i in enumerate(ids)}
        self._real = sum(map(bool, real))
        self._blend.load(plain["blend"])
        self._stale, self._renewed_at = bool(plain["stale"]), int(plain["renewed_at"])
        self._forest = self._new_forest()
        self._forest.load({k.removeprefix("forest/"): v for k, v in arrays.items() if k.startswith("forest/")})
