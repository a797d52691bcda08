"""What was decided and done about incidents."""

import logging
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any, get_args

import click
import orjson

from pipeline.cli.database import database_of, told
from pipeline.cli.printable import printable
from pipeline.errors import SinkError, UsageError
from pipeline.sinks.clickhouse import ClickHouse
from schemas.action import ActionState

_NAMES = (
    "at", "action_id", "revision", "incident_id", "playbook", "step", "action", "connector", "target_type", "target",
    "state", "severity", "why", "told_at", "effect_at", "undo_at", "approvals_needed", "approved_by", "attempts",
    "detail", "reference",
)  # fmt: skip
_TIMES = ("at", "told_at", "effect_at", "undo_at")
_COLUMNS = ", ".join(f"formatDateTime({n}, '%Y-%m-%d %H:%i:%S') AS {n}_" if n in _TIMES else n for n in _NAMES)
_LIST = f"""SELECT {_COLUMNS} FROM current_actions WHERE action != 'playbook'
    AND ({{state:String}} = '' OR state = {{state:String}})
    AND ({{incident:String}} = '' OR incident_id = {{incident:String}}) ORDER BY at DESC LIMIT {{limit:UInt32}}"""
_ONE = f"""SELECT {_COLUMNS} FROM actions WHERE startsWith(action_id, {{id:String}})
    ORDER BY action_id, revision LIMIT 1000"""
_SHORTEST = 6
_COLOURS = {"waiting": "yellow", "failed": "red", "undo_failed": "red", "done": "green", "started": "cyan"}


@click.command()
@click.argument("action_id", required=False)
@click.option("--state", default="", type=click.Choice(("", *get_args(ActionState))), help="Only those in this state.")
@click.option("--incident", default="", metavar="INCIDENT_ID", help="Only those about this incident.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000), help="The latest so many.")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def run(action_id: str | None, state: str, incident: str, limit: int, db: str | None, as_json: bool) -> int:
    """List actions as they stand, the latest first, or tell the life of one (its id, or the beginning of it).

    \b
    wardwatch actions --state waiting
    wardwatch actions 3f9a21bc
    """
    if action_id is not None and (state or incident):
        raise UsageError("an ACTION_ID says all: leave --state and --incident out")
    if action_id is not None and len(action_id) < _SHORTEST:
        raise UsageError(f"write at least {_SHORTEST} characters of the action's id")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with closing(database_of(db)) as database:
            rows = _rows(database, action_id, {"state": state, "incident": incident, "limit": limit})
    except SinkError as error:
        raise told(error) from error
    if action_id is not None and len({row["action_id"] for row in rows}) > 1:
        raise UsageError(f"several actions begin with {action_id}: write more of the id")
    for row in rows:
        if as_json:
            print(orjson.dumps(row).decode())
        elif action_id is None:
            _show(row)
        else:
            _tell(row)
    if not rows:
        print("no action matches" if action_id is None else f"no action begins with {action_id}", file=sys.stderr)
    return 0 if rows or action_id is None else 1


def _rows(database: ClickHouse, action_id: str | None, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = database.query(_LIST, **asked) if action_id is None else database.query(_ONE, id=action_id)
    return [dict(zip(_NAMES, row, strict=True)) for row in found]


def _show(row: Mapping[str, Any]) -> None:
    """One line, and why below it."""
    until = f", until {row['undo_at']} UTC" if row["undo_at"] and row["state"] == "done" else ""
    line = f"{row['at']}  {row['state']:<11}  {row['action']} {row['target']}{until}  [{row['action_id']}]"
    click.secho(printable(line), fg=_COLOURS.get(row["state"]))
    approvals = (
        f" ({len(row['approved_by'])} of {row['approvals_needed']} approvals)" if row["approvals_needed"] else ""
    )
    click.secho(f"    {printable(row['why'])}{approvals}", dim=True)


def _tell(row: Mapping[str, Any]) -> None:
    """A step of one action's life."""
    if row["revision"] == 1:
        print(
            printable(f"{row['action']} {row['target_type']} {row['target']}, through {row['connector'] or 'nothing'}")
        )
        print(printable(f"incident {row['incident_id']}, playbook {row['playbook']}, step {row['step']}"))
    print(printable(f"{row['at']}  {row['state']:<12} {row['why']}"))
    words = {
        "approved by": ", ".join(row["approved_by"]),
        "answer": row["detail"],
        "reference": row["reference"],
        "until": row["undo_at"] or "",
    }
    for name, value in words.items():
        if value:
            print(printable(f"    {name}: {value}"))
