"""Randomised hashing for mixed columns: density at two microseconds an event, that bursts do not poison."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from pipeline.errors import UsageError
from pipeline.models import density_kernels as k
from pipeline.models.base import Array
from pipeline.models.detector import GroupDetector
from pipeline.models.kernels import leaf

STRIDE = 4  # every fourth learned row is remembered, so that the ring of rows spans four times its length
REFRESH = 32  # calibrated rows between refreshes of the tail sums


@njit(cache=True, nogil=True)  # pragma: no cover
def _start(
    ring: Array, ring_c: Array, fit_: Array, plan: tuple[Array, Array, Array, Array],
    hist: Array, hist_n: Array, sub: Array, sub_n: Array, cal: Array, num: Array,
) -> None:  # fmt: skip
    """End of the warm-up: scale, count and calibrate on its rows, each as if it had not been counted itself."""
    member, per_unit, shift, salt = plan
    changed = np.zeros(ring.shape[1], np.bool_)
    k.fit(ring, fit_[0], fit_[1], True, changed)
    k.rebuild(ring, ring_c, fit_, plan, changed, True, hist, hist_n, sub, sub_n, num)
    bins, cells = np.empty(hist.shape[1], np.int64), np.empty(member.shape[0], np.int64)
    row, z = np.empty(ring.shape[1]), np.empty(ring.shape[1])
    for i in range(ring.shape[0]):
        row[:] = ring[i]
        k.locate(row, ring_c[i], fit_[0], fit_[1], member, per_unit, shift, salt, z, bins, cells)
        k.calibrate(k.surprise(bins, cells, hist, hist_n, sub, sub_n, num, 1.0), cal, 1e18)
    k.sum_tails(cal, num)


@njit(cache=True, nogil=True)  # pragma: no cover
def _remember(
    g: int, row: Array, codes: Array, plan: tuple[Array, Array, Array, Array], fit_: Array, ring: Array, ring_c: Array,
    hist: Array, hist_n: Array, sub: Array, sub_n: Array, cal: Array, num: Array, idx: Array,
) -> None:  # fmt: skip
    """Keep a normal row for scales and usual ranges; end the warm-up, or fit the scales anew, when it is time. Arrays
    of all groups: to take one group's is counted, and seldom needed."""
    at, kept = idx[g, k.LEARNED], ring.shape[1]
    idx[g, k.LEARNED] += 1
    if idx[g, k.SEEN] <= kept or at % STRIDE == 0:
        place = idx[g, k.AT]
        for j in range(row.shape[0]):
            ring[g, place, j] = row[j]
        for j in range(codes.shape[0]):
            ring_c[g, place, j] = codes[j]
        idx[g, k.AT] = (place + 1) % kept
    if idx[g, k.SEEN] == kept:
        _start(ring[g], ring_c[g], fit_[g], plan, hist[g], hist_n[g], sub[g], sub_n[g], cal[g], num[g])
    elif at + 1 == idx[g, k.NEXT_FIT]:
        idx[g, k.NEXT_FIT] *= 4
        changed = np.empty(ring.shape[2], np.bool_)
        if k.fit(ring[g], fit_[g, 0], fit_[g, 1], False, changed):
            k.rebuild(
                ring[g], ring_c[g], fit_[g], plan, changed, False, hist[g], hist_n[g], sub[g], sub_n[g], num[g]
            )  # fmt: skip


@leaf  # pragma: no cover
def _judge(
    g: int, row: Array, codes: Array, plan: tuple[Array, Array, Array, Array], settings: Array, learn: bool,
    fit_: Array, hist: Array, hist_n: Array, sub: Array, sub_n: Array, cal: Array, num: Array, idx: Array,
    z: Array, bins: Array, cells: Array, weight: Array,
) -> tuple[float, bool]:  # fmt: skip
    """(tail probability of a row, whether it is normal), and learns it; the last four arrays are spent."""
    member, per_unit, shift, salt = plan
    k.locate(row, codes, fit_[g, 0], fit_[g, 1], member, per_unit, shift, salt, z, bins, cells)
    u = k.surprise(bins, cells, hist[g], hist_n[g], sub[g], sub_n[g], num[g], 0.0)
    p = min(k.rank(u, cal[g], num[g]), 1.0)
    if not learn:
        return p, False
    normal = k.guard(p, settings, num[g], idx[g], weight)
    for s in range(2):
        if weight[s] > 0.0:
            k.count(s, weight[s], settings[s], bins, cells, hist[g], hist_n[g], sub[g], sub_n[g], num[g])
    if normal:
        k.calibrate(u, cal[g], settings[4])
        idx[g, k.SINCE] += 1
        if idx[g, k.SINCE] % REFRESH == 0:
            k.sum_tails(cal[g], num[g])
    return p, normal


@njit(cache=True, nogil=True)  # pragma: no cover
def _score_learn(
    X: Array, C: Array, groups: Array, plan: tuple[Array, Array, Array, Array], settings: Array, learn: bool,
    fit_: Array, ring: Array, ring_c: Array, hist: Array, hist_n: Array, sub: Array, sub_n: Array,
    cal: Array, num: Array, idx: Array, out: Array,
) -> None:  # fmt: skip
    """X float64[n, d]; C uint64[n, m]; groups int32[n]; fit_ float64[g, 2, d] (median, spread); ring float32
    [g, W, d]; ring_c uint64[g, W, m]; settings = half-lives slow, fast, guard tail, patience; out float64[n];
    the others as in density_kernels, with the group in front."""
    n, d = X.shape
    kept = ring.shape[1]
    bins, cells = np.empty(hist.shape[2], np.int64), np.empty(sub.shape[2], np.int64)
    row, z, weight = np.empty(d), np.empty(d), np.empty(2)
    for i in range(n):
        g, code = groups[i], C[i]
        for j in range(d):
            row[j] = np.float32(k.squash(X[i, j]))  # as the ring keeps it: a median must equal itself
        out[i], normal = np.nan, True
        if idx[g, k.SEEN] >= kept:
            p, normal = _judge(
                g, row, code, plan, settings, learn, fit_, hist, hist_n, sub, sub_n, cal, num, idx, z, bins, cells,
                weight,
            )  # fmt: skip
            out[i] = 1.0 - p
        if learn:
            idx[g, k.SEEN] += 1
            if normal:
                _remember(g, row, code, plan, fit_, ring, ring_c, hist, hist_n, sub, sub_n, cal, num, idx)


class RSHash(GroupDetector):
    """Subspace density by randomised hashing (after RS-Hash, Sathe and Aggarwal 2016), guarded against poisoning.

    One decayed histogram per column and hashed counts over `subspaces` random sets of one to three columns with
    random bin widths and shifts, of signed log1p values in units of a robust spread; categories enter by their
    hash. A row's surprise is its mean -log frequency, over a slow reference and a fast adaptive memory. The
    score is 1 minus the tail probability of that surprise among the group's own past, so 0.999 means one in a
    thousand in every group and at any time; beyond what was seen it still grows.

    Guard: the tenth that is least usual is learned at a small weight only, a burst (five extremes within about
    thirty rows) not at all, nor does it recalibrate; a burst of more than `patience` rows (fewer before 1,000
    rows are learned) is taken as the new normal, by the fast memory first. Each warm-up row is calibrated as if
    it had not been counted, so a dirty warm-up costs little. A column that was constant in the warm-up is
    scaled anew when it starts to vary.

    Any numbers; NaN is unknown and has no say, ±Inf are clipped. Cold start: `warmup` rows score NaN. About 2 µs
    for 40 columns, 1.4 for 10; a group's state is 180 KiB for 10 columns, 230 for 40 (see `state_bytes`).

    >>> rng = random.Random(7)
    >>> model = RSHash(seed=7)
    >>> for _ in range(1000):
    ...     model.learn_one({"bytes": rng.lognormvariate(6, 1), "proto": rng.choice(["tcp", "udp"])})
    >>> model.score_one({"bytes": 400.0, "proto": "tcp"}) < 0.5
    True
    >>> model.score_one({"bytes": 5e8, "proto": "x"}) > 0.99
    True
    """

    def __init__(
        self,
        subspaces: int = 80,
        warmup: int = 256,
        half_life: tuple[float, float] = (100_000.0, 1_000.0),
        guard: float = 0.9,
        patience: int = 20_000,
        seed: int = 1,
        groups: int = 1,
        features: Sequence[str] | None = None,
        categorical: Sequence[str] | None = None,
    ) -> None:
        if groups < 1 or subspaces < 1 or not 32 <= warmup <= 4096 or min(half_life) <= 1 or not 0 < guard < 1:
            raise UsageError("groups, subspaces >= 1; warmup 32 to 4096; half-lives over 1 row; 0 < guard < 1")
        self.subspaces = subspaces
        self.warmup = warmup
        self.half_life = half_life
        self.guard = guard
        self.patience = patience
        self.seed = seed
        self.groups = groups
        self.features = features
        self.categorical = categorical
        self._settings = np.array([*half_life, 1.0 - guard, patience, 20_000.0])

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        d, m = dims
        if d + m == 0:
            raise UsageError("a model needs at least one column")
        self._plan = draw_subspaces(d + m, self.subspaces, self.seed)
        idx = np.zeros(k.SCALARS, dtype=np.int64)
        idx[k.NEXT_FIT] = 4 * self.warmup
        return {
            "fit": np.stack([np.zeros(d), np.ones(d)]),
            "ring": np.zeros((self.warmup, d), np.float32),
            "ring_c": np.zeros((self.warmup, m), np.uint64),
            "hist": np.zeros((2, d + m, k.BINS), np.float32),
            "hist_n": np.zeros((2, d + m)),
            "sub": np.zeros((2, self.subspaces, k.CELLS), np.float32),
            "sub_n": np.zeros((2, self.subspaces)),
            "cal": np.zeros((2, k.RANKS + 1)),
            "num": np.array([1.0, 1.0, 0.0, 0.0, 0.25]),
            "idx": idx,
        }

    def _identity(self) -> tuple[Any, ...]:
        plan = hashlib.blake2b(b"".join(a.tobytes() for a in self._plan), digest_size=8).hexdigest()
        return (plan, tuple(map(float, self._settings)))

    def _run(self, X: Array, C: Array, groups: Array, learn: bool) -> Array:
        self._build((X.shape[1], C.shape[1]))
        out = np.empty(len(X))
        s = self._state
        _score_learn(
            X, C, groups, self._plan, self._settings, learn, s["fit"], s["ring"], s["ring_c"], s["hist"],
            s["hist_n"], s["sub"], s["sub_n"], s["cal"], s["num"], s["idx"], out,
        )  # fmt: skip
        return out

    def ready(self, group: int = 0) -> bool:
        """Whether the group's warm-up is over."""
        return self._dims is not None and bool(self._state["idx"][group, k.SEEN] >= self.warmup)

    def usual_range(self, group: int = 0) -> tuple[Array, Array]:
        """(low float64[d], high float64[d]): 1 % to 99 % of the rows learned of late, in the inputs' units; NaN
        where nothing is known yet."""
        if self._dims is None:
            raise UsageError("the model has seen no event yet")
        rows = self._state["ring"][group][: min(int(self._state["idx"][group, k.SEEN]), self.warmup)]
        low, high = np.full(self._dims[0], np.nan), np.full(self._dims[0], np.nan)
        for j in range(self._dims[0]):
            known = rows[:, j][~np.isnan(rows[:, j])].astype(np.float64)
            if known.size:
                ends = np.quantile(known, (0.01, 0.99), method="closest_observation")
                low[j], high[j] = np.sign(ends) * np.expm1(np.abs(ends))
        return low, high

    def contributions(self, x_row: npt.ArrayLike, c_row: npt.ArrayLike = (), group: int = 0) -> Array:
        """Nats, float64[d + m], >= 0: by how much each column is rarer than is usual for it, alone and (shared
        evenly) in the subspaces it is part of. All zero while warming up."""
        x, c = np.asarray(x_row, dtype=np.float64), np.asarray(c_row, dtype=np.uint64)
        self._build((len(x), len(c)))
        self._check_group(group)
        out = np.zeros(len(x) + len(c))
        if not self.ready(group):
            return out
        s = {name: array[group] for name, array in self._state.items()}
        bins, cells = np.empty(len(out), np.int64), np.empty(self.subspaces, np.int64)
        row = np.array([k.squash(v) for v in x], dtype=np.float64)
        k.locate(row, c, s["fit"][0], s["fit"][1], *self._plan, np.empty(len(row)), bins, cells)
        alone = _excess(bins, s["hist"], s["hist_n"])
        joint = _excess(cells, s["sub"], s["sub_n"])
        member = self._plan[0]
        size = (member >= 0).sum(axis=1)
        for j in range(len(out)):
            part = (member == j).any(axis=1)
            out[j] = alone[j] + (joint[part] / size[part]).mean() if part.any() else alone[j]
        return out


def draw_subspaces(columns: int, subspaces: int, seed: int) -> tuple[Array, Array, Array, Array]:
    """Random subspaces of one to three columns: member int64[T, 3], cells a spread and shift in cells float64[T, 3],
    salt uint64[T].

    Widths of cells are log-uniform over 1 to 16 spreads: from the bulk of a column to its far tail in a few bins.
    """
    rng = random.Random(seed)
    member = np.full((subspaces, 3), -1, np.int64)
    for t in range(subspaces):
        size = min(columns, 1 + t % 3)
        member[t, :size] = rng.sample(range(columns), size)
    width = np.array([[float(np.exp(rng.uniform(0.0, np.log(16.0)))) for _ in range(3)] for _ in member])
    shift = np.array([[rng.random() for _ in range(3)] for _ in member])
    return member, 1.0 / width, shift, np.array([rng.getrandbits(63) for _ in member], np.uint64)


def _excess(where: Array, counts: Array, totals: Array) -> Array:
    """Mean over both memories of the surprise at `where` above that table's expected surprise; 0 if unknown."""
    out = np.zeros(len(where))
    for table, total in zip(counts, totals, strict=True):
        share = table / np.maximum(total, 1e-300)[:, None]
        surprise = -np.log(share + 1e-6)
        usual = (share * surprise).sum(axis=1)
        out += np.maximum(surprise[np.arange(len(where)), where] - usual, 0.0) / len(counts)
    return np.where(where >= 0, out, 0.0)
