"""Pictures of an evaluation: ROC, precision and recall, score over time. matplotlib is an optional extra."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import UsageError
from pipeline.evaluation.evaluate import Evaluation
from pipeline.models.metrics import Ranking

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROC, PRECISION, OVER_TIME = "roc.png", "precision_recall.png", "score_over_time.png"
_SIZE, _DPI = (7.0, 5.0), 130
_MOST_POINTS = 4_000
"""Of each class in the picture over time; more would hide each other."""
_OURS, _ATTACK, _BENIGN = "#0b6e99", "#c0392b", "#9aa5ad"


def check_plots() -> None:
    """Raises UsageError when matplotlib is not installed: better before a long run than after it."""
    try:
        import matplotlib  # noqa: PLC0415
    except ImportError:
        raise UsageError("plots need matplotlib: pip install 'wardwatch[plots]', or leave --out away") from None
    assert matplotlib  # noqa: S101


def write_plots(result: Evaluation, folder: Path) -> list[Path]:
    """Three PNG files in an existing folder."""
    y = result.data.labels.attack
    named = [(f"wardwatch ({result.model})", Ranking.of(y[result.counts], result.scores[result.counts]))]
    if result.passes:
        kept = result.counts[result.compared_at]
        truth = y[result.compared_at][kept]
        named = [(p.model, Ranking.of(truth, p.scores[kept])) for p in result.passes]
        named[0] = (f"wardwatch ({result.model})", named[0][1])
    return [_roc(named, folder / ROC), _precision(named, folder / PRECISION), _over_time(result, folder / OVER_TIME)]


def _new(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - optional extra

    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure, axes


def _save(figure: Figure, path: Path) -> Path:
    try:
        figure.savefig(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def _draw(axes: Axes, k: int, across: np.ndarray, up: np.ndarray, label: str) -> None:
    style = {"color": _OURS, "linewidth": 2.4, "zorder": 3} if k == 0 else {"linewidth": 1.2, "alpha": 0.85}
    axes.plot(across, up, label=label, **style)


def _roc(named: list[tuple[str, Ranking]], path: Path) -> Path:
    figure, axes = _new(
        "Attacks found against false alarms (ROC)", "share of benign rows alerted", "share of attacks found"
    )
    for k, (name, ranking) in enumerate(named):
        wrong, right = ranking.roc()
        _draw(axes, k, wrong, right, f"{name}  {ranking.roc_auc():.3f}")
    axes.plot([0, 1], [0, 1], color="#bbbbbb", linestyle=":", linewidth=1, label="guessing  0.500")
    axes.legend(loc="lower right", fontsize=8, frameon=False, title="area under the curve", title_fontsize=8)
    return _save(figure, path)


def _precision(named: list[tuple[str, Ranking]], path: Path) -> Path:
    figure, axes = _new(
        "How many alerts are right (precision and recall)", "share of attacks found", "share of alerts that are right"
    )
    for k, (name, ranking) in enumerate(named):
        recall, right = ranking.hits / max(ranking.attacks, 1), ranking.hits / ranking.shown
        _draw(axes, k, recall, right, f"{name}  {ranking.average_precision():.3f}")
    base = named[0][1].attacks / max(named[0][1].rows, 1)
    axes.axhline(base, color="#bbbbbb", linestyle=":", linewidth=1, label=f"guessing  {base:.3f}")
    axes.set_ylim(0, 1.03)
    axes.legend(loc="best", fontsize=8, framealpha=0.8, title="average precision", title_fontsize=8)
    return _save(figure, path)


def _over_time(result: Evaluation, path: Path) -> Path:
    """One in how many rows scores as high, on a log axis, for attacks and benign rows in stream order."""
    rows = np.flatnonzero(result.counts)
    scores = np.nan_to_num(result.scores[rows], nan=-1.0)
    ascending = np.sort(scores)
    rarity = len(rows) / np.maximum(len(rows) - np.searchsorted(ascending, scores, side="left"), 1)
    attack = result.data.labels.attack[rows]
    seconds = result.data.seconds
    known = seconds is not None and np.isfinite(seconds[rows]).all()
    across = (seconds[rows] - seconds[rows][0]) / 3600.0 if known and seconds is not None else rows.astype(float)
    figure, axes = _new(
        "Scores as the stream went by", "hours since the first row" if known else "row of the stream",
        "one in … rows scores as high",
    )  # fmt: skip
    for of, colour, name in ((~attack, _BENIGN, "benign"), (attack, _ATTACK, "attack")):
        at = np.flatnonzero(of)
        at = at[:: max(len(at) // _MOST_POINTS, 1)]
        axes.scatter(
            across[at],
            rarity[at],
            s=6,
            color=colour,
            alpha=0.55,
            linewidths=0,
            label=f"{name} ({int(of.sum()):,} rows)",
        )
    axes.set_yscale("log")
    axes.axhline(100.0, color=_OURS, linewidth=1, linestyle="--", label="highest 1 % of the rows")
    axes.legend(loc="upper left", fontsize=8, framealpha=0.8)
    return _save(figure, path)
