"""A replay's outcome, for people and for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

import orjson

from pipeline.cli.printable import printable
from pipeline.runtime.replay.difference import (
    BEYOND,
    CHANGED,
    EXAMPLES,
    ONLY_PRODUCTION,
    ONLY_REPLAY,
    VERDICTS,
    AlertDifference,
    Difference,
)
from pipeline.runtime.replay.replay import ReplaySummary

_TITLES = {ONLY_PRODUCTION: "only in production", ONLY_REPLAY: "only in the replay", CHANGED: "changed"}
_COLUMNS = ("detector", "production", "replay", "only production", "only replay", "changed", "same", "not comparable")


def done(summary: ReplaySummary) -> Iterator[str]:
    """What was read and written, and what was missing; for stderr."""
    said = "interrupted after" if summary.interrupted else "replayed"
    sources = ", ".join(f"{name} {count:,}" for name, count in sorted(summary.by_source.items()))
    read = summary.events + summary.warm_up_events
    rate = read / max(summary.seconds, 1e-3)
    warm = f" after {summary.warm_up_events:,} to warm up" if summary.warm_up_events else ""
    copies = f", {summary.copies:,} copies left out" if summary.copies else ""
    yield (
        f"{said} {summary.events:,} events ({sources or 'none'}){warm}: {summary.rows:,} scored,"
        f" {summary.dead_letters:,} dead letters{copies}; {summary.seconds:.1f} s, {rate:,.0f}/s"
    )
    for topic in dict.fromkeys(s.topic for s in summary.slices):
        yield f"  {topic}, offsets by partition: {', '.join(_read(summary, topic)) or 'none'}"
    gone = [(s.topic, s.partition, *s.gone) for s in summary.slices if s.gone]
    for topic, partition, first, last in [*gone, *summary.lost]:
        yield f"  {topic}[{partition}]: offsets {first}–{last} are gone, retention took them"
    if not summary.warm_up_events and any(s.warm > s.held[0] or s.held[0] for s in summary.slices):
        yield "  models started fresh where reading began: --warm-up all lets them learn from what lies before"
    if not summary.lists_from_topics:
        yield "  lists and devices from files only: their topics are not there"
    yield f"  query them: SELECT * FROM {summary.database}.current_alerts"


def _read(summary: ReplaySummary, topic: str) -> Iterator[str]:
    for s in summary.slices:
        after = summary.reached.get(f"{topic}[{s.partition}]")
        if s.topic == topic and after is not None:
            short = f" (of {s.end - 1})" if summary.interrupted and after < s.end else ""
            yield f"{s.partition}: {s.start}–{after - 1}{short}"


def compared(summary: ReplaySummary, difference: Difference) -> Iterator[str]:
    """The table of alerts by detector, and the gravest examples; for stdout."""
    span = f"{_time(difference.first_event)} to {_time(difference.last_event)}"
    yield f"alerts of {', '.join(sorted(summary.by_source))}, events of {span}"
    if difference.production_events < summary.rows:
        yield f"production has scored only {difference.production_events:,} of these {summary.rows:,} events"
    yield ""
    yield from _table(difference)
    told = [sum(d.production_told for d in difference.detectors), sum(d.replay_told for d in difference.detectors)]
    yield ""
    yield f"told, not silenced by allow-list or budget: production {told[0]:,}, replay {told[1]:,}"
    if difference.count(BEYOND):
        yield "not comparable: they also count events before or after what was read"
    for verdict, title in _TITLES.items():
        total = difference.count(verdict)
        if total:
            yield ""
            more = f", the first {EXAMPLES}" if total > EXAMPLES else ""
            yield f"{title} ({total:,}{more}):"
            yield from (_example(a) for a in difference.examples if a.verdict == verdict)


def _table(difference: Difference) -> Iterator[str]:
    rows = [
        (d.detector, *(f"{n:,}" for n in (d.production, d.replay, *(getattr(d, v) for v in VERDICTS))))
        for d in difference.detectors
    ]
    names = ("production", "replay", *VERDICTS)
    rows.append(("all", *(f"{sum(getattr(d, name) for d in difference.detectors):,}" for name in names)))
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    for row in (_COLUMNS, *rows):
        yield _aligned(row, widths)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
    return "  ".join(cells)


def _example(a: AlertDifference) -> str:
    parts = [f"count {_both(f'{a.production_count:,}', f'{a.replay_count:,}', a)}"]
    parts.append(f"score {_both(f'{a.production_score:.3g}', f'{a.replay_score:.3g}', a)}")
    parts.append(f"{_both(a.production_status, a.replay_status, a)}")
    what = f"{_time(a.first_seen)}  {a.severity.upper():<8}  {a.detector}  {a.entity_type} {a.entity}"
    return printable(f"  {what}  ({', '.join(parts)}): {a.sentence}")


def _both(production: str, replay: str, a: AlertDifference) -> str:
    """What is in one of them, or both where they differ."""
    if not a.production_count:
        return replay
    return production if not a.replay_count or production == replay else f"{production} → {replay}"


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%SZ")


def as_json(summary: ReplaySummary) -> str:
    """Everything, one document."""
    return orjson.dumps(asdict(summary), option=orjson.OPT_INDENT_2).decode()
