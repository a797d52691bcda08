"""An incident as text for people: a line in a list, or a page."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.cli.printable import printable
from pipeline.oversight.attack_names import attack_name
from schemas.incident import Incident

_WIDTH = 110
_OPEN = ("New", "In Progress")
_SHOWN_PARTIES = 12
_ID = 12


def incident_line(row: Mapping[str, Any]) -> str:
    """Urgency, since when, the sentence; how much is behind it."""
    silenced = f", {row['silenced']:,} silenced" if row["silenced"] else ""
    counts = f"{_many(row['alerts'], 'alert')}, {_many(row['findings'], 'finding')}{silenced}"
    head = f"{row['priority'].upper():<8}  {row['since']}  {row['incident_id'][:_ID]}"
    mark = "" if row["status"] == "New" else f" ({row['status']})"
    return printable(f"{head}  {row['sentence']}  [risk {row['risk']:.0f}, {counts}]{mark}")


def incident_summary(incidents: Iterable[Incident]) -> list[str]:
    """Open incidents as a list, the most urgent first, under a heading; nothing where there is none."""
    opened = [i for i in incidents if i.status in _OPEN]
    opened.sort(key=lambda i: (-i.priority_id, -i.unmapped.peak_risk, i.start_time))
    if not opened:
        return []
    lines = [f"{_many(len(opened), 'incident')}, the most urgent first:"]
    return lines + [incident_line(_row(incident)) for incident in opened]


def _row(incident: Incident) -> dict[str, Any]:
    detail = incident.unmapped
    return {
        "priority": incident.priority,
        "since": _time(incident.start_time / 1000),
        "incident_id": detail.incident_id,
        "sentence": incident.message,
        "risk": detail.risk,
        "alerts": detail.alerts,
        "findings": detail.findings,
        "silenced": detail.silenced,
        "status": incident.status,
    }


def incident_page(document: Mapping[str, Any]) -> Iterator[str]:
    """All that is known of one."""
    detail = document["unmapped"]
    yield from _wrapped(document["message"])
    yield ""
    silenced = f", {detail['silenced']:,} of them told nobody again" if detail["silenced"] else ""
    yield from _pairs(
        {
            "incident": f"{detail['incident_id']}, {detail['kind'].replace('_', ' ')}, {document['status']}",
            "priority": f"{document['priority']}, severity {document['severity']}",
            "time": f"{_time(document['start_time'] / 1000)} to {_time(document['end_time'] / 1000)} UTC",
            "risk": f"{detail['risk']:.0f} of 100, at most {detail['peak_risk']:.0f}",
            "told since": detail["opened_because"],
            "how sure": f"{document['confidence_score']} % that at least one finding is right",
            "behind it": f"{_many(detail['alerts'], 'alert')}, {_many(detail['findings'], 'finding')}{silenced}",
            "next": "; ".join(f"{t} {attack_name(t)}".strip() for t in detail.get("next_techniques", [])),
        }
    )
    yield from _parties(detail["parties"])
    yield from _timeline(detail["timeline"], detail["alerts"])
    if document.get("desc"):
        yield from ("", "Normal would have been")
        yield from _wrapped(document["desc"], "  ")
    if detail.get("sql"):
        yield from ("", "The events behind it: wardwatch sql with")
        yield from (f"  {printable(line)}" for line in detail["sql"].splitlines())


def _parties(parties: list[Mapping[str, Any]]) -> Iterator[str]:
    yield from ("", "Who is involved")
    for party in parties[:_SHOWN_PARTIES]:
        life = "life support, " if party.get("life_support") else ""
        extra = ", ".join(p for p in (party.get("name"), party.get("device_class"), party.get("department")) if p)
        about = f" ({extra})" if extra else ""
        yield printable(
            f"  {party['role']:<8} {party['type']} {party['value']}{about}: {life}criticality {party['criticality']}"
        )
    if len(parties) > _SHOWN_PARTIES:
        yield f"  and {len(parties) - _SHOWN_PARTIES} more"


def _timeline(entries: list[Mapping[str, Any]], alerts: int) -> Iterator[str]:
    rest = f" (the {len(entries)} that say most, of {alerts:,} alerts)" if alerts > len(entries) else ""
    yield from ("", f"Timeline{rest}")
    tactic = None
    for entry in entries:
        if entry["tactic"] != tactic:
            tactic = entry["tactic"]
            yield f"  {tactic or 'Without a tactic'}"
        often = f" ×{entry['count']:,}" if entry["count"] > 1 else ""
        technique = f", {', '.join(entry['techniques'][:3])}" if entry["techniques"] else ""
        yield from _wrapped(
            f"{_time(entry['first_ts'])}  {entry['sentence']} [{entry['detector']}{often}{technique},"
            f" {entry['p_true']:.0%} likely, alert {entry['alert_id'][:_ID]}]",
            "    ",
        )


def _pairs(pairs: Mapping[str, str]) -> Iterator[str]:
    for name, value in pairs.items():
        if value:
            yield printable(f"  {name:<11} {value}")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(printable(text), _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _time(ts: float) -> str:
    return datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%d %H:%M")
