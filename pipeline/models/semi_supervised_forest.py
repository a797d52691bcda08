"""A classifier that has a say from the first row on: unsupervised at first, and taught by few labels that come late."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from river import base as river_base

from pipeline.errors import CheckpointError, UsageError
from pipeline.models.base import MAX_COLUMNS, Array, mixed_columns
from pipeline.models.default import default_detector
from pipeline.models.feedback_forest import LARGEST, FeedbackForest
from pipeline.models.named_columns import NamedColumns
from pipeline.models.observed_rows import ObservedRows, WaitingRows
from pipeline.models.recent_means import RecentMeans

_MOST_SURPRISE = math.log(1000.0)
"""Beyond one row in a thousand, how rare a row is says no more of whether it is an attack."""
_KAPPA = 0.5
"""Of the calibrator kappa p^(kappa - 1), which makes of a tail probability p a likelihood ratio that on usual rows is 1
on the mean (Vovk and Wang, E-values: calibration, combination and applications, Annals of Statistics 2021)."""
_FADES = 10.0
"""Labelled attacks after which the surprise has half its say."""
_SURE = 0.01
"""No vote counts as surer than this: behind one of 1 there may be a single labelled row."""
_ALONE = -math.log(2.0)
"""Log odds before both classes were labelled: trees vote far below even on usual rows, so that what is judged without
them would outrank what comes after."""


class SemiSupervisedForest(NamedColumns, river_base.Classifier):
    """Trees from labels, and the surprise of an online anomaly model as what to believe before there are any.

    Every row that passes is learned by the anomaly model (`default_detector`) and by fading means of its numbers,
    labelled or not. When a label comes, however late, the row is learned as it looked when it passed. Half of the trees
    (`FeedbackForest`) see the row and its surprise, half also its recent means, since attacks come in runs; a half
    weighs as much as its votes on labelled rows were right before it learned them (Bayesian model averaging by log
    loss, both classes weighing the same). The surprise is added to the log odds of the vote as a likelihood ratio,
    whose say fades as 10 / (10 + labelled attacks).

    Numbers of any scale and NaN (unknown), ±Inf clipped; categories as 64-bit hashes, 0 is unknown. A table too wide
    for recent means (4,096 columns with them) has none.

    Batches: `observe_many` takes rows in, in their order, and returns them as they look now: keep those whose labels
    may come. `vote_many` and `learn_many` take such rows. One by one it is a River classifier of False and True. As
    with River's `learn_during_predict` a row passes when `predict_proba_one` judges it: call that once a row.
    `learn_one` finds it among the last `waiting` rows (of equal ones the last); one that is not there is learned as it
    would look now. `predict_proba_one` corrects the vote for the share of attacks among the labels, or for `prior`
    where the truth is known.

    Cold start: .33, after 256 rows by surprise, by labels once there are some of both classes. On two busy cores to
    observe a row takes 0.2 µs more than the anomaly model's 3 to 6, a vote 3 to 4 µs with 200 labels and 6 to 18 with a
    full memory, a label 0.1 to 0.4 ms; one by one some 45 µs a row. State: 12 MiB, the anomaly model's, and four times
    `memory` rows.

    >>> rng = np.random.default_rng(7)
    >>> forest = SemiSupervisedForest(seed=7)
    >>> bad = rng.random(2000) < 0.1
    >>> rows = [{"bytes": rng.lognormal(9 if b else 5), "proto": rng.choice(["tcp", "udp"])} for b in bad]
    >>> for i, x in enumerate(rows):
    ...     risk = forest.predict_proba_one(x)[True]
    ...     if i >= 500 and i % 20 == 0:  # one label in twenty, 500 rows late
    ...         forest.learn_one(rows[i - 500], bool(bad[i - 500]))
    >>> forest.labels
    (67, 8)
    >>> forest.predict_one({"bytes": 90.0, "proto": "tcp"}), forest.predict_one({"bytes": 5000.0, "proto": "tcp"})
    (False, True)
    """

    def __init__(
        self,
        trees: int = 100,
        memory: int = 1024,
        renewal: float = 0.25,
        half_lives: tuple[float, ...] = (5.0, 40.0),
        waiting: int = 10_000,
        prior: float | None = None,
        seed: int = 1,
        features: Sequence[str] | None = None,
        categorical: Sequence[str] | None = None,
    ) -> None:
        if trees < 2 or waiting < 1 or (prior is not None and not 0 < prior < 1):
            raise UsageError("trees from 2, waiting from 1 row, prior is a share of attacks between 0 and 1")
        self.trees = trees
        self.memory = memory
        self.renewal = renewal
        self.half_lives = half_lives
        self.waiting = waiting
        self.prior = prior
        self.seed = seed
        self.features = features
        self.categorical = categorical
        self._anomaly = default_detector(1, seed)
        self._means = RecentMeans(half_lives)
        self._halves = tuple(FeedbackForest(trees // 2, memory, renewal, seed=s) for s in (seed, seed + 1))
        self._waiting = WaitingRows(waiting)
        self._loss, self._judged = np.zeros((2, 2)), np.zeros(2)

    @property
    def labels(self) -> tuple[int, int]:
        """Labels learned so far: (benign, attack)."""
        return self._halves[0].seen

    def observe_many(self, X: npt.ArrayLike, C: npt.ArrayLike | None = None) -> ObservedRows:
        """Rows pass, in order: X float64[n, d], C uint64[n, m]. What they look like now, for votes and late labels."""
        x, c = mixed_columns(X, C)
        return self._seen(x, c, self._anomaly.score_learn_many(x, C=c), True)

    def _seen(self, x: Array, c: Array, score: Array, learn: bool) -> ObservedRows:
        plain = np.sign(x) * np.log1p(np.minimum(np.abs(x), LARGEST))
        surprise = np.minimum(-np.log(np.maximum(1.0 - score, 1e-300)), _MOST_SURPRISE)
        recent = np.zeros((len(x), 0))
        if x.shape[1] * (1 + len(self.half_lives)) + 1 + c.shape[1] <= MAX_COLUMNS:
            recent = self._means.transform_many(plain, learn=learn)[:, x.shape[1] :]
        return ObservedRows(np.column_stack([plain, surprise]), recent, c)

    def vote_many(self, rows: ObservedRows) -> Array:
        """float64[n]: how much rows look like attacks, 0 to 1, both classes weighing the same."""
        known = np.nan_to_num(math.log(_KAPPA) + (1.0 - _KAPPA) * rows.surprise)
        odds = known * _FADES / (_FADES + self.labels[1]) + self._trees_say(rows)
        return np.asarray(1.0 / (1.0 + np.exp(-odds)))

    def _trees_say(self, rows: ObservedRows) -> Array:
        """float64[n]: log odds."""
        if not all(self.labels):
            return np.full(len(rows), _ALONE)
        vote = np.clip(self._weights() @ self._votes(rows), _SURE, 1.0 - _SURE)
        return np.asarray(np.log(vote / (1.0 - vote)))

    def _votes(self, rows: ObservedRows) -> Array:
        """float64[2, n]: of the trees without and with recent means."""
        return np.array([h.vote_many(x, rows.codes) for h, x in zip(self._halves, _views(rows), strict=True)])

    def _weights(self) -> Array:
        """float64[2], of the halves: by their mean log loss on either class, times the labels it was measured on."""
        if not self._judged.all():
            return np.full(2, 0.5)
        loss = (self._loss / self._judged).mean(axis=1) * self._judged.sum()
        weight = np.exp(loss.min() - loss)
        return np.asarray(weight / weight.sum())

    def learn_many(self, rows: ObservedRows, y: npt.ArrayLike) -> None:
        """Labels of rows that passed, in the order in which they come: y bool[n]."""
        truth = np.asarray(y, bool)
        if truth.shape != (len(rows),):
            raise UsageError(f"y has shape {truth.shape}, not ({len(rows)},)")
        for i in range(len(rows)):
            row, label = rows[i : i + 1], truth[i : i + 1]
            if all(self.labels):
                vote = np.clip(self._votes(row)[:, 0], _SURE, 1.0 - _SURE)
                self._loss[:, int(label[0])] -= np.log(vote if label[0] else 1.0 - vote)
                self._judged[int(label[0])] += 1.0
            for half, x in zip(self._halves, _views(row), strict=True):
                half.learn_many(x, label, row.codes)

    def predict_proba_one(self, x: Mapping[str, Any]) -> dict[bool, float]:
        """Probabilities of False and True; the event passes, so call it once an event."""
        row, codes = self._row(x)
        seen = self.observe_many(row, codes)
        self._waiting.keep(_content(row, codes), seen)
        vote = float(self.vote_many(seen)[0])
        share = self.prior or (self.labels[1] + 1.0) / (sum(self.labels) + 2.0)
        odds = vote / (1.0 - vote) * share / (1.0 - share)
        return {False: 1.0 / (1.0 + odds), True: odds / (1.0 + odds)}

    def learn_one(self, x: Mapping[str, Any], y: bool) -> None:
        """The label of an event, True for an attack, as it looked when it passed."""
        row, codes = self._row(x)
        seen = self._waiting.get(_content(row, codes))
        if seen is None:
            seen = self._seen(row, codes, self._anomaly.score_many(row, C=codes), False)
        self.learn_many(seen, [y])

    def state(self) -> dict[str, Array]:
        """Copies of all arrays."""
        arrays = {f"{part}/{name}": a for part, held in self._parts().items() for name, a in held.items()}
        return arrays | {"loss": self._loss.copy(), "judged": self._judged.copy()}

    def _parts(self) -> dict[str, dict[str, Array]]:
        parts = {"anomaly": self._anomaly.state(0), "means": self._means.state(), "waiting": self._waiting.state()}
        return parts | {f"half{i}": half.state() for i, half in enumerate(self._halves)}

    def load(self, state: Mapping[str, Array]) -> None:
        """Put back what `state` gave. Raises CheckpointError, and changes nothing, when it does not fit."""
        other = SemiSupervisedForest(
            self.trees, self.memory, self.renewal, self.half_lives, self.waiting, seed=self.seed
        )
        record = (("loss", self._loss), ("judged", self._judged))
        if any(name not in state or state[name].shape != held.shape for name, held in record):
            raise CheckpointError("state of a semi-supervised forest is incomplete: it is of another version")
        parts: dict[str, dict[str, Array]] = {name: {} for name in other._parts()}
        for name, array in state.items():
            part, _, rest = name.partition("/")
            if rest and part in parts:
                parts[part][rest] = array
        other._anomaly.load(0, parts["anomaly"])
        other._means.load(parts["means"])
        other._waiting.load(parts["waiting"])
        for i, half in enumerate(other._halves):
            half.load(parts[f"half{i}"])
        self._anomaly, self._means, self._halves, self._waiting = (
            other._anomaly, other._means, other._halves, other._waiting
        )  # fmt: skip
        self._loss, self._judged = np.array(state["loss"]), np.array(state["judged"])


def _views(rows: ObservedRows) -> tuple[Array, Array]:
    """The columns of the trees without and with recent means."""
    return rows.row, np.column_stack([rows.row, rows.recent])


def _content(row: Array, codes: Array) -> int:
    """A number for what an event holds."""
    digest = hashlib.blake2b(row.tobytes() + codes.tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
