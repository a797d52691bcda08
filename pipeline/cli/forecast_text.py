"""Forecasts and what they were worth, in sentences and tables for people."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.printable import printable
from pipeline.forecast.backtest import Judged
from pipeline.forecast.open_hours import Key

DAY_S, WEEK_S = 86_400, 7 * 86_400
_WIDE = 180
_ALIKE = 0.05
"""Differences below a twentieth are not worth a word."""
_UNITS = {"events": "events", "risk": "points of risk"}
_SPANS = {3600: "hour", DAY_S: "24 hours", WEEK_S: "7 days"}


@dataclass(frozen=True, slots=True)
class Said:
    """One row of `current_forecasts`."""

    scope: str
    name: str
    what: str
    made_s: int
    from_s: int
    to_s: int
    expected: float
    low: float | None
    high: float | None
    low_95: float | None
    high_95: float | None
    last_week: float | None

    @property
    def span_s(self) -> int:
        """Seconds it covers."""
        return self.to_s - self.from_s

    @property
    def is_sum(self) -> bool:
        """Whether it covers all of the next day or week."""
        return self.from_s == self.made_s and self.span_s in (DAY_S, WEEK_S)


def sentence(said: Said) -> str:
    """One forecast for a reader who is not a specialist.

    >>> row = Said("department", "Surgery", "events", 0, 0, 86_400, 1340.2, 1180.0, 1510.0, 1100.0, 1600.0, 1290.0)
    >>> sentence(row)
    'Surgery: about 1,340 events in the next 24 hours, in four cases of five between 1,180 and 1,510; much as in the same hours last week (1,290).'
    """  # noqa: E501
    words = (
        f"{printable(said.name)}: about {number(said.expected)} {_UNITS[said.what]} in the next {_SPANS[said.span_s]}"
    )
    if said.low is not None and said.high is not None:
        words += f", in four cases of five between {number(said.low)} and {number(said.high)}"
    return f"{words}; {_compared(said)}."


def _compared(said: Said) -> str:
    before = said.last_week
    if before is None:
        return "there is no last week to compare with yet"
    if abs(said.expected - before) <= max(_ALIKE * before, 1.0):
        return f"much as in the same hours last week ({number(before)})"
    more = said.expected > before
    part = f"{abs(said.expected / before - 1):.0%} " if before >= 1 else ""
    return f"{part}{'more' if more else 'less'} than in the same hours last week ({number(before)})"


def number(value: float | None) -> str:
    """Whole from ten on."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"


def console() -> Console:
    """As wide as the terminal; wide enough for every column where there is none."""
    return Console(width=None if sys.stdout.isatty() else _WIDE)


def forecast_table(rows: Iterable[Said]) -> Table:
    """Expected, range and last week's value, a line a span."""
    table = _table(
        "scope", "name", "what", "from (UTC)", "span", right=("expected", "80 % range", "95 % range", "last week")
    )
    for r in rows:
        begin = datetime.fromtimestamp(r.from_s, UTC).strftime("%a %m-%d %H:%M")
        cells = (r.scope.replace("_", " "), printable(r.name), r.what, begin, _SPANS.get(r.span_s, "day"))
        ends = _range(r.low, r.high), _range(r.low_95, r.high_95)
        table.add_row(*map(Text, (*cells, number(r.expected), *ends, number(r.last_week))))
    return table


def accuracy_sentence(forecasts: int, inside: float | None, inside_95: float | None, ratio: float | None) -> str:
    """How good forecasts like these were so far."""
    if not forecasts or inside is None or inside_95 is None:
        return "how good they are is known when their time has come."
    told = (
        f"of {forecasts:,} forecasts so far {inside:.0%} came inside the 80 % range and {inside_95:.0%} inside the 95 %"
    )
    if ratio is None:
        return f"{told}."
    word = "smaller" if ratio < 1 else "larger"
    return f"{told}; their error was {abs(1 - ratio):.0%} {word} than that of saying 'as last week'."


def backtest_table(keys: Sequence[Key], judged: Sequence[Judged]) -> Table:
    """A line a scope and span."""
    right = (
        "series",
        "forecasts",
        "mean",
        "error",
        "as last week",
        "as yesterday",
        "better",
        "inside 80 %",
        "inside 95 %",
        "pinball",
    )
    table = _table("scope", "what", "span", right=right)
    for j in judged:
        for scope, what in sorted({(scope, what) for scope, _, what in keys}):
            rows = np.array([k for k, key in enumerate(keys) if (key[0], key[2]) == (scope, what)])
            table.add_row(scope.replace("_", " "), what, j.span, *backtest_cells(j, rows))
    return table


def backtest_cells(judged: Judged, rows: np.ndarray) -> tuple[str, ...]:
    """Figures of some series: their number and that of forecasts, mean of the truth, errors of ours and of the naive,
    how many series are nearer than last week, coverage, pinball loss over last week's."""
    errors = {name: error[rows] for name, error in judged.errors().items()}
    ours, before = errors["wardwatch"], errors["last week"]
    inside, inside_95 = (share[rows].mean() for share in judged.inside())
    loss, naive = (loss[rows].sum() for loss in judged.pinball())
    better = int((ours < before).sum())
    return (
        f"{len(rows):,}", f"{judged.truth[rows].size:,}", number(float(judged.truth[rows].mean())),
        *(f"{errors[name].mean():,.2f}" for name in ("wardwatch", "last week", "yesterday")),
        f"{better}/{len(rows)}", f"{inside:.1%}", f"{inside_95:.1%}", f"{loss / naive:.2f}" if naive else "-",
    )  # fmt: skip


def _range(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{number(low)} … {number(high)}"


def _table(*left: str, right: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table
