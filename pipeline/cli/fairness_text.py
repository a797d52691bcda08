"""A report of fairness in words and figures, for a terminal, a program and a page."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from pipeline.cli.fairness_data import Asked, Found
from pipeline.evaluation.html import page, raw_table
from pipeline.oversight.disparity import LEAST_FLAGGED, LEAST_PEOPLE, SHIFT, SURE, Group, Rate

NOTE = (
    "People are compared with everybody else; intervals hold 95 times in 100, and what is called a difference stands "
    f"after correction for the number of groups (Holm, {SURE:.0%}). Groups of fewer than {LEAST_PEOPLE} people are "
    "too small to say. A difference is a reason to look, no proof of unfairness: work differs, too. An alert about a "
    "person leads to no automatic action without two approvals."
)
_HEADS = (
    "group", "people", "accesses", "alerts", "flagged a 1,000", "times the others", "flagged in error a 1,000",
    "in error, times the others", "errors among judged",
)  # fmt: skip
_SMALL, _ALL = "too small to say", "no others to compare"
_LOG_SPAN = math.log(5.0)  # the scale of the picture: a fifth to five times


def sentences(groups: Sequence[Group], found: Found) -> Iterator[str]:
    """What stands out, in plain words; what cannot be said, too."""
    for g in groups:
        if not g.too_small and g.flagged.p < SURE:
            yield _sentence(g, g.flagged, "flagged")
        if not g.too_small and g.wronged.p < SURE:
            yield _sentence(g, g.wronged, "flagged in error")
    alerts, judged = len(found.flags), sum(bool(f.verdict) for f in found.flags)
    if not any(g.differs for g in groups):
        flagged = len({f.user for f in found.flags})
        if flagged < LEAST_FLAGGED:
            yield f"{flagged} people were flagged: too few to compare groups."
        else:
            yield "No group is flagged more or less often than the others beyond what chance explains."
    if not judged:
        why = "nobody has judged any of these alerts yet"
        why = why if found.verdicts_kept else "this database keeps no verdicts yet"
        yield f"How often alerts are errors is not known: {why} (wardwatch feedback)."
    elif judged < alerts:
        yield f"{judged:,} of {alerts:,} alerts were judged; the others count as no errors."
    gone = alerts - found.placed
    if gone:
        yield f"{gone:,} of the alerts: about people who opened no chart in that time, who are in no group."


def _sentence(g: Group, rate: Rate, what: str) -> str:
    who = f"People of {g.attribute} {g.name}" if g.attribute != SHIFT else f"People in the {g.name} shift"
    times = f"{rate.ratio:.2g} times" if rate.ratio < 10 else f"{rate.ratio:.0f} times"
    return (
        f"{who} are {what} {times} as often as the others ({rate.ratio_low:.2g} to {rate.ratio_high:.2g}): "
        f"{rate.count} of {rate.total}."
    )


def lines(groups: Sequence[Group], found: Found, asked: Asked) -> Iterator[str]:
    """The report for a terminal."""
    users = len({a.user for a in found.active})
    of = f" of {asked.detector}" if asked.detector else ""
    yield f"{users:,} people at work, {len(found.flags):,} alerts about people{of}"
    yield ""
    yield from (f"- {text}" for text in sentences(groups, found))
    attribute = ""
    for g in groups:
        if g.attribute != attribute:
            attribute = g.attribute
            yield ""
            head = f"{'people':>7}{'alerts':>8}{'per 1,000':>11}{'times the others':>24}{'errors':>16}"
            yield f"{'by ' + attribute:<28}{head}"
        yield _line(g)
    yield ""
    yield NOTE


def _line(g: Group) -> str:
    name = g.name if len(g.name) <= 26 else g.name[:25] + "…"
    if g.people < LEAST_PEOPLE:
        return f"{name:<28}{g.people:>7,}{'-':>8}{'-':>11}{_SMALL:>24}{'-':>16}"
    ratio = _compared(g, g.flagged)
    mark = (" more" if g.flagged.ratio > 1 else " less") if g.differs else ""
    errors = f"{g.false} of {g.judged}" if g.judged else "-"
    return f"{name:<28}{g.people:>7,}{g.alerts:>8,}{1000 * g.flagged.share:>11,.0f}{ratio + mark:>24}{errors:>16}"


def _compared(g: Group, rate: Rate) -> str:
    if g.too_small:
        return _SMALL if g.others else _ALL
    if math.isnan(rate.ratio):
        return "-"
    return f"{rate.ratio:.2f} ({rate.ratio_low:.2f} to {rate.ratio_high:.2f})"


def document(groups: Sequence[Group], found: Found, asked: Asked) -> dict[str, Any]:
    """JSON-ready."""
    return {
        "detector": asked.detector or None, "since": asked.since.isoformat(), "timezone": asked.zone,
        "people": len({a.user for a in found.active}), "alerts": len(found.flags),
        "judged": sum(bool(f.verdict) for f in found.flags), "sentences": list(sentences(groups, found)),
        "groups": [_plain(g) for g in groups if g.people >= LEAST_PEOPLE],
        "left_out": [g.name for g in groups if g.people < LEAST_PEOPLE], "note": NOTE,
    }  # fmt: skip


def _plain(g: Group) -> dict[str, Any]:
    low, high = g.false_share
    return {
        "attribute": g.attribute, "group": g.name, "people": g.people, "accesses": g.accesses, "alerts": g.alerts,
        "alerts_per_1000_accesses": 1000 * g.alerts / g.accesses if g.accesses else None, "judged": g.judged,
        "errors": g.false, "errors_among_judged_low": low, "errors_among_judged_high": high,
        "flagged": _rate(g.flagged), "flagged_in_error": _rate(g.wronged), "too_small": g.too_small,
        "differs": g.differs,
    }  # fmt: skip


def _rate(rate: Rate) -> dict[str, Any]:
    values = {"people": rate.count, "per_1000": 1000 * rate.share, "low": 1000 * rate.low, "high": 1000 * rate.high}
    ratios = {"ratio": rate.ratio, "ratio_low": rate.ratio_low, "ratio_high": rate.ratio_high, "p": rate.p}
    return values | {name: value if math.isfinite(value) else None for name, value in ratios.items()}


def html(groups: Sequence[Group], found: Found, asked: Asked) -> str:
    """The report as a page that needs nothing else."""
    of = f" of {asked.detector}" if asked.detector else ""
    parts = [
        "<h1>Whom alerts are about</h1>",
        f"<p>{len({a.user for a in found.active}):,} people at work, {len(found.flags):,} alerts about people"
        f"{escape(of)}.</p>",
        *(f'<p class="warn">{escape(text)}</p>' for text in sentences(groups, found)),
    ]
    for attribute in dict.fromkeys(g.attribute for g in groups):
        rows = [_cells(g) for g in groups if g.attribute == attribute]
        parts += [f"<h2>By {escape(attribute)}</h2>", raw_table((*_HEADS, "a fifth … five times"), rows)]
    return page("Whom alerts are about", [*parts, f"<p><small>{escape(NOTE)}</small></p>"])


def _cells(g: Group) -> list[str]:
    if g.people < LEAST_PEOPLE:
        return [escape(g.name), f"{g.people:,}", *["-"] * 3, _SMALL, *["-"] * 3, ""]
    kind = (" class='more'" if g.flagged.ratio > 1 else " class='less'") if g.differs else ""
    low, high = g.false_share
    judged = f"{g.false} of {g.judged} ({low:.0%} to {high:.0%})" if g.judged else "-"
    # Without a verdict nobody knows of an error: that is not the same as none.
    errors = (_thousand(g.wronged), _compared(g, g.wronged)) if g.judged else ("-", "-")
    cells = (
        g.name, f"{g.people:,}", f"{g.accesses:,}", f"{g.alerts:,}", _thousand(g.flagged), _compared(g, g.flagged),
        *errors, judged,
    )  # fmt: skip
    return [*(f"<span{kind if k == 5 else ''}>{escape(cell)}</span>" for k, cell in enumerate(cells)), _picture(g)]


def _thousand(rate: Rate) -> str:
    return f"{1000 * rate.share:,.0f} ({1000 * rate.low:,.0f} to {1000 * rate.high:,.0f})"


def _picture(g: Group) -> str:
    """The ratio with its interval on a logarithmic scale; the line in the middle is as often as the others."""
    if g.too_small or math.isnan(g.flagged.ratio):
        return ""
    at, low, high = (_place(r) for r in (g.flagged.ratio, g.flagged.ratio_low, g.flagged.ratio_high))
    colour = "#a33a00" if g.differs and at > 80 else "#1c6b4a" if g.differs else "#5c6f7a"
    return (
        '<svg width="160" height="16" role="img" aria-label="ratio with its interval">'
        '<line x1="80" y1="0" x2="80" y2="16" stroke="#b8c4cb"/>'
        f'<line x1="{low:.0f}" y1="8" x2="{high:.0f}" y2="8" stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{at:.0f}" cy="8" r="4" fill="{colour}"/></svg>'
    )


def _place(ratio: float) -> float:
    log = math.log(ratio) if 0.0 < ratio < math.inf else math.copysign(_LOG_SPAN, ratio - 1.0)
    return 80.0 + 76.0 * min(max(log / _LOG_SPAN, -1.0), 1.0)
