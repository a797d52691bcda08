"""The default anomaly model: an ensemble of density and distance for mixed columns that needs no settings."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.errors import UsageError
from pipeline.models import crowd_kernels as crowd
from pipeline.models import density_kernels as k
from pipeline.models import ensemble_step as step
from pipeline.models.base import Array
from pipeline.models.density import draw_subspaces
from pipeline.models.detector import GroupDetector

WIDEST_COVARIANCE = 64  # columns; its state and its cost grow with their square, and beyond it is left out


class DensityEnsemble(GroupDetector):
    """Nine surprises of one row, each as a tail probability among the group's own past, in a weighted root mean square.

    Four are hashed counts as in `RSHash`: per column and in `subspaces` random sets of one to three columns, over a
    slow and a fast memory. Four are city-block distances to remembered rows: to the nearest ones (the mean of the
    nearest of each of a few lots) and to all, of a reference that spans the last 100,000 normal rows and of the
    `recent` last ones. One is the distance by the covariance of the central half of the reference, refitted as it
    grows. Numbers enter as signed log1p, categories by their hash. So single columns, combinations, broken relations,
    local gaps and far values all count; the nearest of the reference weighs most, and none alone decides. The distance
    to all rows and the central half hold while up to half of what was learned is foul.

    Learning is guarded as in `RSHash`: what is least usual enters the counts at a small weight and the reference
    rarely, a burst not at all before it has lasted `patience` rows. A full reference is renewed slowly, since what came
    first is cleaner than what attackers mix in later; its least central 3 % go whenever it is refitted (at 256, 1,024,
    4,096, 16,384 normal rows, then every 16,384). A crowd beside usual rows that stay as they were (`crowd_kernels`)
    enters neither counts nor calibration at more than its due share, for `patience` rows; one so large that it is a
    burst, for ten times as many. If after one warm-up, or at one of eight more looks until four, the far half of what
    is remembered lies closer together than what is nearer its centre, the model starts anew without that half, and
    holds it to be an attack as long.

    The score is 1 minus the tail probability: .999 is one in a thousand in every group and at any time. Any numbers;
    NaN is unknown and counts as the middle. Cold start: `warmup` rows score NaN. On two busy cores 2.3 to 2.9 µs an
    event for 6 to 9 columns and 3.1 to 4.6 for 39 to 41; state of a group: 265 KiB for 10 columns, 605 for 44.

    Sources: Sathe and Aggarwal, Subspace Outlier Detection in Linear Time with Randomized Hashing, ICDM 2016 (counts);
    Bhatia et al., MemStream, WWW 2022 (a memory guarded by its own score); Rousseeuw and Van Driessen, A Fast
    Algorithm for the Minimum Covariance Determinant Estimator, Technometrics 1999 (central half).

    >>> rng = random.Random(7)
    >>> model = DensityEnsemble(seed=7)
    >>> for _ in range(1000):
    ...     out = rng.lognormvariate(6, 1)
    ...     model.learn_one({"out": out, "back": out * rng.lognormvariate(1, 0.1), "proto": rng.choice(["tcp", "udp"])})
    >>> model.score_one({"out": 400.0, "back": 1100.0, "proto": "tcp"}) < 0.5
    True
    >>> model.score_one({"out": 5e8, "back": 1100.0, "proto": "x"}) > 0.99
    True
    """

    def __init__(
        self,
        subspaces: int = 64,
        warmup: int = 256,
        reference: int = 1024,
        recent: int = 128,
        half_life: tuple[float, float] = (100_000.0, 1_000.0),
        guard: float = 0.9,
        patience: int = 20_000,
        seed: int = 1,
        groups: int = 1,
        features: Sequence[str] | None = None,
        categorical: Sequence[str] | None = None,
    ) -> None:
        if groups < 1 or subspaces < 1 or not 32 <= warmup <= reference <= 4096 or not 1 <= recent <= 4096:
            raise UsageError("groups, subspaces, recent >= 1; 32 <= warmup <= reference <= 4096")
        if min(half_life) <= 1 or not 0 < guard < 1:
            raise UsageError("half-lives over 1 row; 0 < guard < 1")
        self.subspaces = subspaces
        self.warmup = warmup
        self.reference = reference
        self.recent = recent
        self.half_life = half_life
        self.guard = guard
        self.patience = patience
        self.seed = seed
        self.groups = groups
        self.features = features
        self.categorical = categorical
        self._settings = np.array([*half_life, 1.0 - guard, patience, warmup, reference])

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        d, m = dims
        if d + m == 0:
            raise UsageError("a model needs at least one column")
        self._plan = draw_subspaces(d + m, self.subspaces, self.seed)
        rows, square = self.reference + self.recent, d if d <= WIDEST_COVARIANCE else 0
        idx = np.zeros(step.SCALARS, dtype=np.int64)
        idx[k.NEXT_FIT] = 4 * self.warmup
        idx[step.RANDOM] = random.Random(self.seed).getrandbits(62) | 1
        fits = np.zeros((5, d))
        fits[[1, 3, 4]] = 1.0
        return {
            "fits": fits,
            "rows": np.zeros((rows, d), np.float32),
            "near": np.zeros((d, rows), np.float32),
            "codes": np.zeros((m, rows), np.uint64),
            "mean": np.zeros(d),
            "whiten": np.zeros((square, square)),
            "hist": np.zeros((2, d + m, k.BINS), np.float32),
            "hist_n": np.zeros((2, d + m)),
            "sub": np.zeros((2, self.subspaces, k.CELLS), np.float32),
            "sub_n": np.zeros((2, self.subspaces)),
            "cal": np.zeros((step.PARTS + 1, 2, k.RANKS + 1)),
            "tails": np.zeros((step.PARTS + 1, 5)),
            "num": np.array([1.0, 1.0, 0.0, *crowd.USUAL_SHARES]),
            "idx": idx,
        }

    def _identity(self) -> tuple[Any, ...]:
        plan = hashlib.blake2b(b"".join(a.tobytes() for a in self._plan), digest_size=8).hexdigest()
        return (plan, self.recent, tuple(map(float, self._settings)))

    def _run(self, X: Array, C: Array, groups: Array, learn: bool) -> Array:
        self._build((X.shape[1], C.shape[1]))
        out = np.empty(len(X))
        step.score_learn(X, C, groups, self._plan, self._settings, learn, self._arrays(), out)
        return out

    def _arrays(self) -> tuple[Array, ...]:
        return tuple(self._state[name] for name in step.STATE)

    def ready(self, group: int = 0) -> bool:
        """Whether the group's warm-up is over."""
        return self._dims is not None and bool(self._state["idx"][group, k.SEEN] >= self.warmup)
