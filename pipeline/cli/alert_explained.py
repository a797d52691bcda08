"""One alert explained for people who are no specialists: the lines of `wardwatch explain`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.cli.alert_record import AlertRecord
from pipeline.cli.printable import printable

_SURE = {
    "Low": "just over the line",
    "Medium": "clearly over the line",
    "High": "far over the line",
}
_VERDICTS = {"true": "right", "false": "an error", "benign_expected": "seen rightly, and allowed here"}
_BAR = 10
_UNITS = {"B": ("GB", "MB", "kB")}


def explained(record: AlertRecord) -> Iterator[str]:
    """The lines, in order."""
    own, info = record.document["unmapped"], record.document["finding_info"]
    yield f"{record.document['severity'].upper()}  {info['title']}  [{record.detector}]"
    yield printable(record.document["message"])
    yield ""
    for heading, text in _facts(record):
        if text:
            yield f"  {heading:<14}{printable(text)}"
    yield ""
    yield "What moved the score"
    yield from _features(own["features"])
    yield ""
    yield f"This detector before: {_before(record.before)}"
    yield f"This alert: {_said(record)}"
    yield ""
    yield from _events(record)
    yield ""
    yield "The events in SQL"
    yield f"  {printable(record.query) or 'none are known'}"


def _facts(record: AlertRecord) -> Iterator[tuple[str, str]]:
    own, info = record.document["unmapped"], record.document["finding_info"]
    yield "about", f"{own['entity_type']} {own['entity']}"
    often = f", {record.count:,} times" if record.count > 1 else ""
    yield "seen", f"{_time(record.first_ms)} to {_time(record.last_ms)} UTC{often}"
    yield "status", record.status + (f": {why}" if (why := record.document.get("status_detail")) else "")
    sure = str(record.document.get("confidence") or "")
    yield "how sure", f"{sure or 'unknown'}{f', {_SURE[sure]}' if sure in _SURE else ''}: {_scores(own)}"
    yield "normal", str(own["normal"])
    yield "it misses", record.misses
    yield "ATT&CK", "; ".join(f"{t} {name}".strip() for t, name in record.techniques.items())
    yield "lists", ", ".join(f"{name} (version {version})" for name, version in own.get("lists", {}).items())
    yield "model", f"{record.detector}, version {info['analytic']['version']}"


def _scores(own: Mapping[str, Any]) -> str:
    score, threshold = float(own["score"]), float(own["threshold"])
    digits = 3 if min(score, threshold) < 0.999 else 6
    return f"score {score:.{digits}f}, told from {threshold:.{digits}f} on"


def _features(features: list[Mapping[str, Any]]) -> Iterator[str]:
    if not features:
        yield "  nothing is told about it"
        return
    head = ("what", "value", "usual for it", "usual for its peers", "share of the score")
    rows = [head, *(_row(f) for f in features)]
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield printable("  " + "  ".join((*cells, row[4])).rstrip())


def _row(f: Mapping[str, Any]) -> tuple[str, ...]:
    unit = str(f.get("unit", ""))
    share = float(f.get("contribution") or 0.0)
    full = round(share * _BAR)
    return (
        str(f["name"]).replace("_", " "), shown(f["value"], unit),
        _range(f.get("usual_low"), f.get("usual_high"), unit), _range(f.get("peer_low"), f.get("peer_high"), unit),
        f"{'█' * full}{'·' * (_BAR - full)} {share:4.0%}",
    )  # fmt: skip


def shown(value: object, unit: str = "") -> str:
    """A number with its unit as people say it.

    >>> shown(340e6, "B"), shown(19.0), shown(0.0093), shown("yes")
    ('340 MB', '19', '0.0093', 'yes')
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    for name, size in zip(_UNITS.get(unit, ()), (1e9, 1e6, 1e3), strict=False):
        if abs(value) >= size:
            return f"{value / size:,.3g} {name}"
    number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{number} {'bytes' if unit == 'B' else unit}".rstrip()


def _range(low: float | None, high: float | None, unit: str) -> str:
    if low is None and high is None:
        return "-"
    if low is None or high is None:
        return f"up to {shown(high, unit)}" if low is None else f"from {shown(low, unit)}"
    return f"{shown(low)} to {shown(high, unit)}" if low != high else shown(high, unit)


def _before(before: Mapping[str, Any] | None) -> str:
    """How often it was right, with an interval that holds nine times in ten."""
    if not before or not before["decided"]:
        return "nobody has judged one of its alerts yet (wardwatch feedback)"
    n, right = int(before["decided"]), int(before["trues"])
    told = f"right in {right} of {n} judged alerts ({right / n:.0%}"
    told += f", between {float(before['precision_low']):.0%} and {float(before['precision_high']):.0%})"
    allowed = f", {before['expected']} seen rightly and allowed" if before["expected"] else ""
    return f"{told}; {before['falses']} errors{allowed}"


def _said(record: AlertRecord) -> str:
    said = [
        f"{v['who']} says {_VERDICTS.get(str(v['verdict']), str(v['verdict']))}" + (f": {v['why']}" if v["why"] else "")
        for v in record.verdicts
    ]
    parts = said or ["nobody has judged it yet"]
    if record.assessment:
        likely = f"{float(record.assessment['p_true']):.0%}"
        parts.append(f"real with a probability of {likely} by what was said of its like")
        if record.assessment["incident_id"]:
            parts.append(f"part of incident {record.assessment['incident_id']}")
    return printable("; ".join(parts))


def _events(record: AlertRecord) -> Iterator[str]:
    places = record.document["finding_info"]["related_events"]
    yield f"Events behind it ({len(record.events)} of {record.count:,}, found in the log at the places below)"
    for event in record.events:
        cells = (event["ts"][:19].replace("T", " "), event["kind"], event["entity"], event["action"], event["object"],
                 event["outcome"])  # fmt: skip
        yield printable("  " + "  ".join(str(c) for c in cells if c))
    if not record.events:
        yield "  none of them is in this database any more"
    spots = ", ".join(f"{p['topic']}/{p['partition']}/{p['offset']}" for p in places[:8])
    yield f"  topic/partition/offset: {printable(spots)}{' …' if len(places) > 8 else ''}"


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
