"""Incidents as they stand, and one of them in full."""

import logging
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import click
import orjson

from pipeline.cli.database import database_of, told
from pipeline.cli.incident_text import incident_line, incident_page
from pipeline.errors import SinkError, UsageError
from pipeline.sinks.clickhouse import ClickHouse

_LIST = """SELECT incident_id, kind, status, severity, priority, subject, subject_type, sentence, risk, peak_risk,
    tactics, detectors, alerts, findings, silenced, opened_because, formatDateTime(first_seen, '%Y-%m-%d %H:%i'),
    formatDateTime(last_seen, '%Y-%m-%d %H:%i') FROM current_incidents
    WHERE {resolved:UInt8} OR status != 'Resolved' LIMIT {limit:UInt32}"""
_NAMES = (
    "incident_id", "kind", "status", "severity", "priority", "subject", "subject_type", "sentence", "risk",
    "peak_risk", "tactics", "detectors", "alerts", "findings", "silenced", "opened_because", "since", "last",
)  # fmt: skip
_ONE = """SELECT incident_id, document, merged_into FROM (SELECT * FROM incidents FINAL)
    WHERE startsWith(incident_id, {id:String}) OR has(alert_ids, {id:String}) ORDER BY last_seen DESC LIMIT 10"""
_LEAST_ID = 4


@click.command()
@click.argument("incident_id", metavar="[ID]", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="The first so many.")
@click.option("--all", "resolved", is_flag=True, help="Those that are resolved, too.")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; of one incident its OCSF document.")
def run(incident_id: str | None, limit: int, resolved: bool, db: str | None, as_json: bool) -> int:
    """List incidents, the most urgent first, or show one: its timeline, who is involved, the risk, and a query for
    the events behind it. ID is an incident's, the beginning of it, or that of one of its alerts.

    \b
    wardwatch incidents
    wardwatch incidents 3f9a
    """
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    if incident_id is not None and len(incident_id) < _LEAST_ID:
        raise UsageError(f"{incident_id}: give at least {_LEAST_ID} characters of the incident's id")
    try:
        with closing(database_of(db)) as database:
            if incident_id is not None:
                _show(_found(database, incident_id), as_json)
            else:
                _list(database, limit, resolved, as_json)
    except SinkError as error:
        raise told(error) from error
    return 0


def _list(database: ClickHouse, limit: int, resolved: bool, as_json: bool) -> None:
    rows = [dict(zip(_NAMES, row, strict=True)) for row in database.query(_LIST, limit=limit, resolved=int(resolved))]
    for row in rows:
        print(orjson.dumps(row).decode() if as_json else incident_line(row))
    if not rows:
        print("no incident is open; single alerts are shown by wardwatch alerts", file=sys.stderr)


def _found(database: ClickHouse, asked: str, *, follow: bool = True) -> Mapping[str, Any]:
    """The document. UsageError where there is none, or several."""
    rows = database.query(_ONE, id=asked)
    whole = [row for row in rows if row[0] == asked]
    rows = whole or [row for row in rows if not row[2]] or rows
    if not rows:
        raise UsageError(f"no incident has the id {asked}, or an alert of that id; wardwatch incidents lists them")
    if len(rows) > 1:
        shown = ", ".join(row[0][:12] for row in rows[:5])
        raise UsageError(f"several incidents begin with {asked}: {shown}; give more of the id")
    _, document, merged_into = rows[0]
    if merged_into and follow:
        print(f"incident {asked} became part of {merged_into}", file=sys.stderr)
        return _found(database, merged_into, follow=False)
    found: Mapping[str, Any] = orjson.loads(document)
    return found


def _show(document: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print(orjson.dumps(document).decode())
        return
    for line in incident_page(document):
        print(line)
