"""What a pass is worth: areas, recall and precision at alert budgets, kind by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.models.metrics import Ranking
from pipeline.models.tail import TailThreshold

DAY_S = 86_400.0
SHARES = (0.001, 0.01, 0.05)
"""Alert rates, and false alarm rates, that are always shown."""
PER_DAY = (1.0, 10.0, 100.0)
MOST_KINDS = 40


@dataclass(frozen=True)
class Budget:
    """So many alerts, and what they are worth when the highest scores are looked at."""

    name: str
    alerts: float
    recall: float
    precision: float


@dataclass(frozen=True)
class Figures:
    """Of one model on the rows that count."""

    model: str
    auc: float
    ap: float
    budgets: tuple[Budget, ...]
    caught_at: dict[str, float]
    """Share of the attacks above the score that a share of the benign rows exceeds."""
    us_per_event: float


@dataclass(frozen=True)
class Kind:
    """One kind of attack against all benign rows."""

    name: str
    rows: int
    auc: float
    caught: float
    """Share of its rows above the score that 1 % of the benign rows exceed."""


@dataclass(frozen=True)
class Streamed:
    """What a threshold learned while streaming raises, as a worker's does."""

    alerts_per_day: float
    alerts: int
    right: int
    recall: float
    precision: float


def figures(
    model: str, y: np.ndarray, scores: np.ndarray, days: float | None, budgets: Sequence[float], us: float
) -> Figures:
    """`y` bool and `scores` of the rows that count; `days` that they span, None where nobody knows."""
    ranking = Ranking.of(y, scores)
    wanted = [(f"{share:.1%}".replace(".0%", "%") + " of rows", share * ranking.rows) for share in SHARES]
    if days is not None:
        wanted += [(f"{b:g} a day", b * days) for b in sorted({*PER_DAY, *budgets})]
    return Figures(
        model, ranking.roc_auc(), ranking.average_precision(), tuple(_budget(n, k, ranking) for n, k in wanted),
        {f"{s:.1%}".replace(".0%", "%"): _caught(ranking, s) for s in SHARES}, us,
    )  # fmt: skip


def _budget(name: str, alerts: float, ranking: Ranking) -> Budget:
    k = min(max(alerts, 1.0), float(ranking.rows))  # less than one alert cannot be looked at
    hits = ranking.hits_among(k)
    return Budget(name, k, hits / max(ranking.attacks, 1), hits / k)


def _caught(ranking: Ranking, share: float) -> float:
    wrong, right = ranking.roc()
    return float(np.interp(share, wrong, right))


def kinds(y: np.ndarray, kind: np.ndarray, names: Sequence[str], scores: np.ndarray) -> list[Kind]:
    """Every kind of attack, most rows first; `kind` int64[n] into `names`."""
    counted = np.bincount(kind[y], minlength=len(names))
    found = []
    for k in np.argsort(-counted, kind="stable")[:MOST_KINDS]:
        if counted[k]:
            rows = ~y | (kind == k)
            ranking = Ranking.of(y[rows], scores[rows])
            found.append(Kind(names[k] or "(empty)", int(counted[k]), ranking.roc_auc(), _caught(ranking, 0.01)))
    return found


def streamed(y: np.ndarray, scores: np.ndarray, counts: np.ndarray, seconds: np.ndarray, budget: float) -> Streamed:
    """A learned threshold over the whole stream; alerts on the rows that count (`counts` bool[n])."""
    fires, _ = TailThreshold(alerts_per_day=budget).exceeds_many(scores, seconds)
    fires &= counts
    alerts, right = int(fires.sum()), int((fires & y).sum())
    return Streamed(budget, alerts, right, right / max(int((y & counts).sum()), 1), right / max(alerts, 1))
