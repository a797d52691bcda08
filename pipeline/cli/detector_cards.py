"""A model card a detector, Markdown and HTML: its page, and beside it what it did here, as a database tells it."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from pipeline.cli.detector_pages import INDEX, detector_text, index_text, table_row
from pipeline.cli.detector_seen import Seen
from pipeline.cli.markdown import to_html
from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector
from pipeline.errors import UsageError
from pipeline.evaluation.html import page

_SEEN_AT_MOST = 12  # formats named
_UNTOLD = "No database was asked: nothing is known of what it did (`--db`)."
_LIMITS = (
    "It tells what is unusual or matches a rule; whether that is an attack, fraud or a breach is for people to say. "
    "Its scores rank alerts and are no probabilities. Verdicts are given on alerts only, so what it missed is not in "
    "these figures. Nothing is done to a person on its word: that needs two approvals."
)


def write_cards(folder: Path, seen: Mapping[str, Seen] | None, options: Mapping[str, Mapping[str, Any]]) -> int:
    """Write all cards and the index; the number of detectors. Raises UsageError where that cannot be.

    `seen`: by detector id, None where no database was asked; `options`: of this installation, by detector id.
    """
    known = catalogue()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, cls in known.items():
            text = card_text(cls, None if seen is None else seen.get(name), options.get(name, {}))
            _write(folder / f"{name}.md", cls.title, text)
        _write(folder / INDEX, "Detectors", index_text(list(known.values()), "--cards"))
    except OSError as error:
        raise UsageError(f"cannot write cards to {folder}: {error.strerror}; choose a folder to write to") from error
    return len(known)


def _write(path: Path, title: str, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".html").write_text(page(escape(title), [to_html(text)]), encoding="utf-8")


def card_text(cls: type[Detector], seen: Seen | None, options: Mapping[str, Any]) -> str:
    """One card as Markdown."""
    return detector_text(cls, _sections(cls, seen, options))


def _sections(cls: type[Detector], seen: Seen | None, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "In force here", "\n".join(_in_force(cls, seen, options))
    if seen is None:
        yield "What it did here", _UNTOLD
    else:
        yield "What it has seen", _data(seen)
        yield "What it raised", "\n".join(_raised(seen))
        yield "How often it was right", _right(seen)
        yield "Drift", _drift(seen)
        if seen.fairness:
            yield "Whom it is about", "\n".join(f"- {text}" for text in seen.fairness)
    yield "Limits", _LIMITS


def _in_force(cls: type[Detector], seen: Seen | None, options: Mapping[str, Any]) -> Iterator[str]:
    learned = cls.threshold is None
    which = ("alerts_per_day", cls.alerts_per_day) if learned else ("threshold", cls.threshold)
    yield table_row("setting", "here", "as delivered")
    yield "|---|---|---|"
    for name, value in (*cls.defaults.items(), which):
        yield table_row(f"`{name}`", f"`{options.get(name, value)!r}`", f"`{value!r}`")
    told = [r for r in seen.raised if r.alerts] if seen else []
    if told:
        low, high = min(r.threshold_low for r in told), max(r.threshold_high for r in told)
        yield ""
        if learned:
            yield f"The threshold it learned was {low:.6g} to {high:.6g} when it raised alerts."
        else:
            yield f"It raised alerts from a score of {low:.6g}" + (f" to {high:.6g} on." if high > low else " on.")


def _data(seen: Seen) -> str:
    if not seen.scored or seen.first is None or seen.last is None:
        return "Nothing: no event of this database was for it."
    text = f"{seen.scored:,} events from {seen.first:%Y-%m-%d %H:%M} to {seen.last:%Y-%m-%d %H:%M} UTC"
    formats = [f for f in seen.formats if f][:_SEEN_AT_MOST]
    text += f", of format {', '.join(formats)}" if formats else ""
    text += f"; model version {', '.join(v for v in seen.versions if v)}" if any(seen.versions) else ""
    return text + (f"; {seen.cost_us:.2f} µs an event." if seen.cost_us is not None else ".")


def _raised(seen: Seen) -> Iterator[str]:
    if not seen.raised:
        yield "No alerts."
        return
    yield table_row("status", "alerts", "findings", "about so many", "first", "last")
    yield "|---|---|---|---|---|---|"
    for r in seen.raised:
        first, last = (f"{t:%Y-%m-%d %H:%M}" for t in (r.first, r.last))
        yield table_row(r.status, f"{r.alerts:,}", f"{r.findings:,}", f"{r.entities:,}", first, last)


def _right(seen: Seen) -> str:
    r = seen.right
    if r is None:
        return "Nobody has judged one of its alerts yet (`wardwatch feedback`)."
    share = f"{r.trues / r.decided:.0%}; between {r.low:.0%} and {r.high:.0%}, nine times in ten"
    return (
        f"In {r.trues} of {r.decided} judged alerts ({share}). {r.falses} were errors, {r.expected} seen rightly and "
        "allowed here."
    )


def _drift(seen: Seen) -> str:
    if seen.drifts is None:
        return "This database keeps no record of drift."
    if not seen.drifts:
        return "None was seen."
    return f"{seen.drifts:,} times; the last: {seen.drift}"
