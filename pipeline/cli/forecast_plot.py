"""A picture of one series: the last week, what is expected of the next day, and the ranges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.cli.forecast_text import Said
from pipeline.errors import UsageError

_SIZE, _DPI = (9.0, 4.0), 130
_OURS, _BEFORE, _TRUTH = "#0b6e99", "#9aa5ad", "#333333"


def plot(observed: Sequence[tuple[int, float]], hours: Sequence[Said], path: Path) -> None:
    """Write a PNG: observed (seconds since 1970, value) by hour, forecasts of single hours. UsageError without the
    extra or where the file cannot be written."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - optional extra
    except ImportError:
        raise UsageError("--plot needs matplotlib: pip install 'wardwatch[plots]', or leave it away") from None
    figure = Figure(_SIZE, dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    axes.plot(_moments([s for s, _ in observed]), [y for _, y in observed], color=_TRUTH, lw=1, label="came")
    at = _moments([r.from_s for r in hours])
    for low, high, alpha, name in (("low_95", "high_95", 0.15, "95 % range"), ("low", "high", 0.3, "80 % range")):
        bottom, top = (np.array([getattr(r, end) for r in hours], np.float64) for end in (low, high))
        axes.fill_between(at, bottom, top, color=_OURS, alpha=alpha, lw=0, label=name)
    axes.plot(at, [r.expected for r in hours], color=_OURS, lw=1.5, label="expected")
    before = np.array([r.last_week for r in hours], np.float64)
    axes.plot(at, before, color=_BEFORE, lw=1, ls="--", label="last week")
    axes.set_title(f"{hours[0].name}: {hours[0].what} an hour")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", ncols=5, fontsize="small")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {path}: {error}; choose a writable file that ends in .png") from error


def _moments(seconds: Sequence[int]) -> np.ndarray:
    return np.array(seconds, "datetime64[s]")
