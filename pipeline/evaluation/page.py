"""An evaluation as one HTML page that needs nothing else: figures, pictures inside, columns."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.evaluation.document import PROTOCOL, order_text, warnings
from pipeline.evaluation.evaluate import Evaluation
from pipeline.evaluation.html import page, table

PAGE = "report.html"


def write_page(result: Evaluation, title: str, pictures: Sequence[Path], folder: Path) -> Path:
    """The page with the pictures in it."""
    parts = [
        f"<h1>{escape(title)}</h1>", _summary(result),
        *(f'<p class="warn">{escape(w)}</p>' for w in warnings(result.data)),
        *(f"<p><small>{escape(note)}</small></p>" for note in result.data.notes), _cards(result), _budgets(result),
        _taught(result), _compared(result), *(_picture(path) for path in pictures), _kinds(result), _columns(result),
        f"<p><small>{escape(PROTOCOL)}.</small></p>",
    ]  # fmt: skip
    text = page(title, parts)
    path = folder / PAGE
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    return path


def _summary(result: Evaluation) -> str:
    data = result.data
    attacks = int((data.labels.attack & result.counts).sum())
    benign = ", ".join(repr(b) for b in data.labels.benign[:6])
    return (
        f"<p>{data.frame.rows:,} rows, in order {escape(order_text(data))}; {int(result.counts.sum()):,} count"
        f" (the first {result.warmup:,} are warm-up), {attacks:,} of them attacks. Benign: {escape(benign)}"
        f" in column <code>{escape(data.labels.column)}</code>.</p>"
    )


def _cards(result: Evaluation) -> str:
    cards = (
        (f"{result.ours.auc:.3f}", "ROC AUC", "an attack scores above a benign row so often; guessing is 0.5"),
        (f"{result.ours.ap:.3f}", "average precision", "how many of the highest scores are attacks"),
        (f"{result.ours.caught_at['1%']:.1%}", "found", "of the attacks, at one false alarm in a hundred benign rows"),
        (f"{result.ours.us_per_event:.1f} µs", "an event", result.model),
    )
    return '<div class="cards">' + "".join(
        f'<div><div class="big">{escape(v)}</div>{escape(n)}<br><small>{escape(t)}</small></div>' for v, n, t in cards
    ) + "</div>"  # fmt: skip


def _budgets(result: Evaluation) -> str:
    rows = [(b.name, f"{b.alerts:,.0f}", f"{b.recall:.1%}", f"{b.precision:.1%}") for b in result.ours.budgets]
    note = ""
    if result.stated_rate:
        note = f"<p><small>There is no event time: a day is stated to have {result.stated_rate:,.0f} rows.</small></p>"
    return "<h2>At an alert budget</h2>" + table(("budget", "alerts", "attacks found", "alerts right"), rows) + note


def _taught(result: Evaluation) -> str:
    if result.taught is None:
        return ""
    taught, f = result.taught
    benign, attacks = taught.labels
    return (
        f"<h2>With labels</h2><p>{attacks:,} attacks and {benign:,} benign rows had labels, each {taught.late_rows:,}"
        f" rows late: ROC AUC {f.auc:.3f}, average precision {f.ap:.3f}, {f.caught_at['1%']:.1%} of the attacks found"
        f" at 1 % false alarms, {f.us_per_event:,.1f} µs an event ({f.model}).</p>"
    )


def _compared(result: Evaluation) -> str:
    if not result.compared:
        return ""
    rows = [
        (f.model if k else f"wardwatch ({f.model})", f"{f.auc:.3f}", f"{f.ap:.3f}", f"{f.caught_at['1%']:.1%}",
         f"{f.us_per_event:,.1f}")
        for k, f in enumerate(result.compared)
    ]  # fmt: skip
    heads = ("model", "ROC AUC", "average precision", "found at 1 % false alarms", "µs an event")
    return f"<h2>Beside other detectors, on the same {result.compared_rows:,} rows</h2>" + table(heads, rows)


def _kinds(result: Evaluation) -> str:
    rows = [(k.name, f"{k.rows:,}", f"{k.auc:.3f}", f"{k.caught:.1%}") for k in result.kinds]
    return "<h2>Kinds of attack</h2>" + table(("label", "rows", "ROC AUC", "found at 1 % false alarms"), rows)


def _columns(result: Evaluation) -> str:
    frame = result.data.frame
    used = [(name, kind) for name, kind in frame.kinds.items()]
    left = list(frame.dropped.items())
    return (
        f"<h2>Columns used ({len(used)})</h2>" + table(("column", "taken for"), used[:500])
        + f"<h2>Columns left out ({len(left)})</h2>" + table(("column", "why"), left[:500])
    )  # fmt: skip


def _picture(path: Path) -> str:
    try:
        content = base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    return f'<p><img alt="{escape(path.stem.replace("_", " "))}" src="data:image/png;base64,{content}"></p>'
