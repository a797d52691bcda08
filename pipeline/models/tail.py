"""Thresholds from an alert budget: the user says how many alerts a day, the stream's own tail says where."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from pipeline.errors import UsageError
from pipeline.models.base import Array, GroupState
from pipeline.models.kernels import ascending

DAY_S = 86_400.0
CEILING = 1.0 - 1e-9  # scores at or above are one tie: -log1p(-score) stays finite
KEEP = 512  # peaks remembered: an order statistic of the 20th-largest is then within about 20 %
RECENT = 512  # raw scores remembered, to lower the base of the tail when the stream drifts down
BASE = 0.95  # peaks are what lies over this quantile; SPOT takes .98, too few after a short warm-up
ENOUGH = 8.0  # with fewer expected peaks beyond a level, extrapolate by GPD instead of counting

FIRST_DAY_SHARE = 0.01  # while the rate is not known, no more than this share may fire
PATIENCE = 10.0  # a budget overspent this many times in a day is drift: then what fires is learned after all

# columns of `num`, float64, and of `idx`, int64: one group's scalars
BASE_Y, OVER, CLOCK_S, COUNT, ELAPSED_S, FIRED, LEVEL = range(7)
LEARNED, N_PEAKS, PEAK_AT, N_RECENT, RECENT_AT = range(5)


@njit(cache=True, nogil=True)  # pragma: no cover
def _add_peak(y: float, ring: Array, ranked: Array, idx: Array) -> None:
    """Put y in the ring (oldest out) and keep `ranked`, the same values, ascending; both float64[KEEP]."""
    n = idx[N_PEAKS]
    if n == KEEP:
        at = np.searchsorted(ranked, ring[idx[PEAK_AT]])
        for j in range(at, KEEP - 1):
            ranked[j] = ranked[j + 1]
        n -= 1
    at = np.searchsorted(ranked[:n], y)
    for j in range(n, at, -1):
        ranked[j] = ranked[j - 1]
    ranked[at] = y
    ring[idx[PEAK_AT]] = y
    idx[PEAK_AT] = (idx[PEAK_AT] + 1) % KEEP
    idx[N_PEAKS] = n + 1


@njit(cache=True, nogil=True)  # pragma: no cover
def _rebase(base: float, num: Array, idx: Array, ring: Array, ranked: Array, recent: Array) -> None:
    """Move the foot of the tail to `base`: drop the peaks below it, or take in recent scores above it.

    Going down, the recent scores stand for what was under the old foot, so only as many of the newest peaks
    stay as belong beside them; otherwise an old, higher tail would outvote the present one.
    """
    n = idx[N_PEAKS]
    first = idx[PEAK_AT] if n == KEEP else 0
    old = ring.copy()
    idx[N_PEAKS] = 0
    idx[PEAK_AT] = 0
    stay = n
    if base < num[BASE_Y]:
        for j in range(idx[N_RECENT]):
            if base < recent[j] <= num[BASE_Y]:
                _add_peak(recent[j], ring, ranked, idx)
        stay = min(n, int(idx[N_PEAKS] * num[OVER] / max(1.0 - BASE - num[OVER], 1e-3)))
        num[OVER] = 1.0 - BASE
    else:
        num[OVER] *= 0.5
    for j in range(n - stay, n):
        y = old[(first + j) % KEEP]
        if y > base:
            _add_peak(y, ring, ranked, idx)
    num[BASE_Y] = base


@njit(cache=True, nogil=True)  # pragma: no cover
def _level(share: float, num: Array, idx: Array, ranked: Array) -> float:
    """The level that a `share` of the normal scores exceeds: counted where there are peaks, else a GPD's."""
    n = idx[N_PEAKS]
    base = num[BASE_Y]
    inside = share / num[OVER]  # share of the peaks
    if n == 0 or inside >= 1.0:
        return base
    if n * inside >= ENOUGH:
        return ranked[n - 1 - int(n * inside)]
    mean = 0.0
    for j in range(n):
        mean += ranked[j] - base
    mean /= n
    var = 0.0
    for j in range(n):
        var += (ranked[j] - base - mean) ** 2
    var /= n
    # Moments (Hosking and Wallis 1987). The shape is held in -0.5..0.3: beyond, variance is not a guide.
    ratio = mean * mean / max(var, 1e-12)
    shape = min(max(0.5 * (1.0 - ratio), -0.5), 0.3)
    scale = mean * (1.0 - shape)
    rise = -scale * np.log(inside) if abs(shape) < 1e-6 else scale / shape * (inside ** (-shape) - 1.0)
    # Never under what was counted: the fit is a smooth guess, the peaks were seen.
    return max(base + rise, ranked[n - 1 - int(n * inside)])


@njit(cache=True, nogil=True)  # pragma: no cover
def _foot(recent: Array, idx: Array) -> float:
    """The BASE quantile of the recent scores."""
    n = idx[N_RECENT]
    return ascending(recent, n)[int(BASE * (n - 1))]


@njit(cache=True, nogil=True)  # pragma: no cover
def _learn(y: float, num: Array, idx: Array, ring: Array, ranked: Array, recent: Array, warmup: int) -> None:
    """Take one normal score into the tail, and move the tail's foot when the stream has moved."""
    recent[idx[RECENT_AT]] = y
    idx[RECENT_AT] = (idx[RECENT_AT] + 1) % RECENT
    idx[N_RECENT] = min(idx[N_RECENT] + 1, RECENT)
    idx[LEARNED] += 1
    if idx[LEARNED] <= warmup:
        if idx[LEARNED] == warmup:
            _rebase(_foot(recent, idx), num, idx, ring, ranked, recent)
        return
    over = y > num[BASE_Y]
    num[OVER] += ((1.0 if over else 0.0) - num[OVER]) / min(idx[LEARNED], 5000)
    if over:
        _add_peak(y, ring, ranked, idx)
        if num[OVER] > 2.0 * (1.0 - BASE) and idx[N_PEAKS] == KEEP:
            _rebase(ranked[KEEP // 2], num, idx, ring, ranked, recent)
    elif num[OVER] < 0.5 * (1.0 - BASE) and idx[RECENT_AT] == 0 and idx[N_RECENT] == RECENT:
        lower = _foot(recent, idx)
        if lower < num[BASE_Y]:
            _rebase(lower, num, idx, ring, ranked, recent)


@njit(cache=True, nogil=True)  # pragma: no cover
def _advance(time_s: float, num: Array, half_life_s: float) -> None:
    """Move the group's event clock; late rows, wild timestamps and gaps over a day add no time."""
    if np.isfinite(time_s):
        step = time_s - num[CLOCK_S]
        if not abs(step) <= DAY_S:
            num[CLOCK_S] = time_s
        elif step > 0.0:
            num[CLOCK_S] = time_s
            keep = 0.5 ** (step / half_life_s)
            num[COUNT] *= keep
            num[ELAPSED_S] = num[ELAPSED_S] * keep + step
            num[FIRED] *= 0.5 ** (step / DAY_S)
    num[COUNT] += 1.0


@njit(cache=True, nogil=True)  # pragma: no cover
def _share(num: Array, budget: float) -> float:
    """The share of events that may fire, from the budget (alerts per day) and the event rate."""
    # Less than six hours count as six: a ten-minute capture may spend a quarter of the day's budget.
    per_day = num[COUNT] / max(num[ELAPSED_S], DAY_S / 4.0) * DAY_S
    # What the last day spent tightens: a tail estimated from few peaks overspends about twofold, and FIRED is
    # 1.44 budgets when a budget is spent every day, so the square settles at about one budget.
    thrift = (budget / max(num[FIRED], budget)) ** 2
    return min(budget * thrift / per_day, FIRST_DAY_SHARE if num[ELAPSED_S] < DAY_S else 1.0 - BASE)


@njit(cache=True, nogil=True)  # pragma: no cover
def _exceeds(
    scores: Array, time_s: Array, groups: Array, num: Array, idx: Array, ring: Array, ranked: Array,
    recent: Array, budget: float, warmup: int, half_life_s: float, fires: Array, threshold: Array,
) -> None:  # fmt: skip
    """scores, time_s float64[n]; groups int32[n]; num float64[groups, 7]; idx int64[groups, 5];
    ring, ranked float64[groups, KEEP]; recent float64[groups, RECENT]; fires bool[n]; threshold float64[n]."""
    for i in range(scores.shape[0]):
        g = groups[i]
        fires[i] = False
        threshold[i] = np.nan
        if np.isnan(scores[i]):
            continue
        _advance(time_s[i], num[g], half_life_s)
        score = min(max(scores[i], 0.0), CEILING)
        y = -np.log1p(-score)
        if idx[g, LEARNED] >= warmup:
            # What is under the tail's foot cannot fire, and moves the level too little to compute it again.
            if y > num[g, BASE_Y] or np.isnan(num[g, LEVEL]):
                num[g, LEVEL] = _level(_share(num[g], budget), num[g], idx[g], ranked[g])
            threshold[i] = min(-np.expm1(-max(num[g, LEVEL], num[g, BASE_Y])), CEILING)
            fires[i] = score > threshold[i]
        if fires[i]:
            num[g, FIRED] += 1.0
            # A budget's worth of fires belongs to the normal tail, which would else be cut off and sink; but no
            # single one may lift it by more than a factor e. What comes on top is not learned.
            if num[g, FIRED] <= budget + 1.0:
                y = min(y, num[g, LEVEL] + 1.0)
            elif num[g, FIRED] <= PATIENCE * (budget + 1.0):
                continue
        _learn(y, num[g], idx[g], ring[g], ranked[g], recent[g], warmup)


class TailThreshold(GroupState):
    """A causal threshold on scores in [0, 1] that lets about `alerts_per_day` of them through.

    Peaks over threshold as SPOT does it (Siffer et al., KDD 2017), changed for scores like ours: the tail is
    taken of `-log(1 - score)`, so that bounded scores have no end to fit; the last 512 peaks are counted where
    they suffice, and a generalised Pareto tail by moments extends them where they do not; the foot of the tail
    follows drift both ways; only scores strictly above fire, so ties never flood.

    The budget is for all groups together and split evenly. The rate of events is measured in event time with
    the given half-life; late rows, wild timestamps and gaps over a day add no time to it. Less than six hours
    count as six, so that a ten-minute capture has a few findings too; in the first day at most 1 % of the
    events fire, and a new stream may overspend two- to threefold. What fires is not learned, unless the budget
    is overspent tenfold within a day: that is drift, not an attack. Cold start: `warmup` scores per group with
    threshold NaN. NaN scores never fire and are not learned. State: 13 KiB per group, 0.2 µs an event.

    >>> rng = np.random.default_rng(7)
    >>> tail = TailThreshold(alerts_per_day=20)
    >>> fires, threshold = tail.exceeds_many(rng.random(86_400) ** 2, np.arange(2 * 86_400.0, step=2))
    >>> int(fires[43_200:].sum()), round(float(threshold[-1]), 3)
    (15, 0.999)
    """

    def __init__(self, alerts_per_day: float, groups: int = 1, warmup: int = 100, half_life_d: float = 7.0) -> None:
        if not (0 < alerts_per_day < np.inf and groups >= 1 and 20 <= warmup <= RECENT and half_life_d > 0):
            raise UsageError(f"alerts_per_day and half_life_d must be positive, warmup 20 to {RECENT}")
        self.alerts_per_day = float(alerts_per_day)
        self.groups = groups
        self.warmup = warmup
        self.half_life_d = float(half_life_d)
        self._build((1,))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        num = np.zeros(7)
        num[BASE_Y] = np.inf
        num[OVER] = 1.0 - BASE
        num[[CLOCK_S, LEVEL]] = np.nan
        rings = {name: np.zeros(size) for name, size in (("ring", KEEP), ("ranked", KEEP), ("recent", RECENT))}
        return {"num": num, "idx": np.zeros(5, dtype=np.int64), **rings}

    def _identity(self) -> tuple[Any, ...]:
        # The budget is not part of it: an operator may change it without losing what was learned.
        return (self.warmup, self.half_life_d)

    def exceeds_many(
        self, scores: npt.ArrayLike, time_s: npt.ArrayLike, groups: npt.ArrayLike | None = None
    ) -> tuple[Array, Array]:
        """(fires bool[n], threshold float64[n]) of scores [n] at event times [n], seconds, in row order."""
        s: Array = np.require(scores, dtype=np.float64, requirements=["C", "W"])
        t: Array = np.require(time_s, dtype=np.float64, requirements=["C", "W"])
        if s.ndim != 1 or t.shape != s.shape:
            raise UsageError(f"scores {s.shape} and time_s {t.shape} must be columns of equal length")
        fires, threshold = np.zeros(len(s), dtype=np.bool_), np.empty(len(s))
        a = self._state
        _exceeds(
            s, t, self._group_column(groups, len(s)), a["num"], a["idx"], a["ring"], a["ranked"], a["recent"],
            self.alerts_per_day / self.groups, self.warmup, self.half_life_d * DAY_S, fires, threshold,
        )  # fmt: skip
        return fires, threshold
