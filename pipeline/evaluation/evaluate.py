"""The whole evaluation of a labelled file: our model, its peers, the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.errors import UsageError
from pipeline.evaluation.dataset import Dataset
from pipeline.evaluation.few_labels import Taught, run_taught
from pipeline.evaluation.figures import DAY_S, Figures, Kind, Streamed, figures, kinds, streamed
from pipeline.evaluation.peers import PEERS, compared_rows, plain_numbers, run_baseline, run_peer
from pipeline.evaluation.prequential import Pass, run_default

Told = Callable[[str, int], Callable[[int], None]]
"""What is being done over how many rows → a tick for rows done."""
STATED_ROWS_PER_DAY = 86_400.0
"""One row a second: what stands for event time where there is none."""
LEAST_BUDGET_SPAN_S = 1.0


@dataclass(frozen=True)
class Options:
    """How to evaluate."""

    warmup: int | None = None
    """First rows that do not count; None: as many as our model gives no score for."""
    budget: float | None = None
    rows_per_day: float | None = None
    seeds: int = 1
    labels: float | None = None
    """Share of the labels that come, late, for a model beside ours."""
    compare: bool = False
    compare_rows: int | None = None


@dataclass(frozen=True)
class Evaluation:
    """All that came out; `scores` float64[n] are those of the first seed."""

    data: Dataset
    model: str
    seeds: tuple[int, ...]
    scores: np.ndarray
    counts: np.ndarray
    """bool[n]: the rows that count."""
    warmup: int
    days: float | None
    stated_rate: float | None
    """Rows a day where that was stated and not measured."""
    ours: Figures
    auc_by_seed: tuple[float, ...]
    ap_by_seed: tuple[float, ...]
    kinds: tuple[Kind, ...]
    streamed: Streamed | None
    taught: tuple[Taught, Figures] | None
    compared: tuple[Figures, ...]
    compared_rows: int
    passes: tuple[Pass, ...]
    """Of the comparison, for plots."""
    compared_at: np.ndarray


def evaluate(data: Dataset, options: Options, told: Told = lambda _, __: lambda ___: None) -> Evaluation:
    """Score the stream once a seed. Raises UsageError when too little is left to count."""
    n, y = data.frame.rows, data.labels.attack
    passes = [run_default(data.frame, seed, told(f"scoring, seed {seed}", n)) for seed in range(1, options.seeds + 1)]
    first = passes[0]
    if np.isnan(first.scores).all():
        raise UsageError(f"{n:,} rows are too few: the model has to see more before it scores any")
    warmup = _cold_rows(first.scores) if options.warmup is None else options.warmup
    counts = data.labels.known & (np.arange(n) >= warmup)
    _check(y[counts], warmup, n)
    days, rate = _days(data, counts, options)
    budgets = (options.budget,) if options.budget else ()
    by_seed = [figures(p.model, y[counts], p.scores[counts], days, budgets, p.us_per_event) for p in passes]
    threshold = None
    if days is not None:
        clock = _clock(data, rate)
        threshold = streamed(y, first.scores, counts, clock, options.budget or 10.0)
    taught = _taught(data, options.labels, counts, days, budgets, told) if options.labels else None
    compared, peers, at = _compare(data, options, counts, days, told) if options.compare else ((), (), np.arange(0))
    return Evaluation(
        data, first.model, tuple(range(1, options.seeds + 1)), first.scores, counts, warmup, days, rate, by_seed[0],
        tuple(f.auc for f in by_seed), tuple(f.ap for f in by_seed),
        tuple(kinds(y[counts], data.labels.kind[counts], data.labels.kinds, first.scores[counts])),
        threshold, taught, compared, len(at), peers, at,
    )  # fmt: skip


def _cold_rows(scores: np.ndarray) -> int:
    known = np.flatnonzero(~np.isnan(scores))
    return int(known[0]) if len(known) else 0


def _check(y: np.ndarray, warmup: int, n: int) -> None:
    if not 0 < y.sum() < len(y):
        missing = "attack" if not y.any() else "benign row"
        raise UsageError(
            f"no {missing} is among the {len(y):,} labelled rows that count ({n:,} rows, the first {warmup:,} are"
            " warm-up): give more rows or a smaller --warmup"
        )


def _days(data: Dataset, counts: np.ndarray, options: Options) -> tuple[float | None, float | None]:
    """(days that the rows which count span, the stated rows a day where nothing is measured)."""
    if data.seconds is not None:
        known = data.seconds[counts & ~np.isnan(data.seconds)]
        span = float(known[-1] - known[0]) if len(known) else 0.0
        if span >= LEAST_BUDGET_SPAN_S:
            return span / DAY_S, None
    if options.budget is None and options.rows_per_day is None:
        return None, None
    rate = options.rows_per_day or STATED_ROWS_PER_DAY
    return float(counts.sum()) / rate, rate


def _clock(data: Dataset, rate: float | None) -> np.ndarray:
    if rate is not None or data.seconds is None:
        return np.arange(data.frame.rows) * (DAY_S / (rate or STATED_ROWS_PER_DAY))
    return data.seconds


def _taught(
    data: Dataset, share: float, counts: np.ndarray, days: float | None, budgets: tuple[float, ...], told: Told
) -> tuple[Taught, Figures]:
    found = run_taught(data, share, 1, told("with labels", data.frame.rows))
    y, run = data.labels.attack[counts], found.run
    return found, figures(run.model, y, run.scores[counts], days, budgets, run.us_per_event)


def _compare(
    data: Dataset, options: Options, counts: np.ndarray, days: float | None, told: Told
) -> tuple[tuple[Figures, ...], tuple[Pass, ...], np.ndarray]:
    """Every model on the same rows, ours included."""
    columns = data.frame.X.shape[1] + data.frame.C.shape[1]
    at = compared_rows(data.frame.rows, columns, options.compare_rows)
    frame = data.frame if len(at) == data.frame.rows else data.frame.take(at)
    plain = plain_numbers(frame)
    passes = [run_default(frame, 1, told("comparing: wardwatch", len(at)))]
    passes += [run_peer(peer, plain, 1, told(f"comparing: {peer.name}", len(at))) for peer in PEERS]
    passes.append(run_baseline(plain))
    kept = counts[at]
    y = data.labels.attack[at][kept]
    budgets = (options.budget,) if options.budget else ()
    if not 0 < y.sum() < len(y):
        raise UsageError("--compare: the rows that River can be run on hold one class only; raise --compare-rows")
    # Fewer rows in the same time: budgets a day shrink with them, so that every model spends the same share.
    share = days * len(at) / data.frame.rows if days is not None else None
    found = tuple(figures(p.model, y, p.scores[kept], share, budgets, p.us_per_event) for p in passes)
    return found, tuple(passes), at
