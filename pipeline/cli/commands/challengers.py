"""Challengers in shadow and how they compare."""

import logging
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import click
import orjson

from pipeline.cli.challenging import standing
from pipeline.cli.database import database_of, told
from pipeline.cli.printable import printable
from pipeline.errors import SinkError


@click.command()
@click.argument("detector", required=False, default="")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def run(detector: str, db: str | None, as_json: bool) -> int:
    """Compare challengers with the detectors they would replace: what both found, what only one did, what verdicts
    say of it. A challenger is declared in the settings, or begins by itself when a detector's scores drift.

    \b
    WARDWATCH_CHALLENGERS='{"network.port_scan": {"ports": 40}}' wardwatch worker
    wardwatch challengers
    wardwatch promote network.port_scan --as a.meier --why "half as many false alarms"
    wardwatch rollback network.port_scan --as a.meier --why "missed the scan of Tuesday"
    """
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with closing(database_of(db)) as database:
            rows = standing(database, detector)
    except SinkError as error:
        raise told(error) from error
    for row in rows:
        plain = row | {"since": row["since"].isoformat(), "latest": row["latest"].isoformat()}
        print(orjson.dumps(plain).decode() if as_json else printable(_line(row)))
    if not rows:
        print("no challenger runs: declare one in the settings, or wait for a drift", file=sys.stderr)
    return 0


def _line(row: Mapping[str, Any]) -> str:
    what = "fresh instance" if row["kind"] == "fresh" else f"options {row['options']}"
    state = "PROMOTED" if row["promoted"] else "in shadow"
    found = f"{row['both']} found by both, {row['only_champion']} by the champion only, {row['only_challenger']} by it"
    verdicts = "no verdicts"
    if row["champion_true"] + row["champion_false"] + row["challenger_true"] + row["challenger_false"]:
        verdicts = (
            f"verdicts: champion {row['champion_true']} right {row['champion_false']} wrong,"
            f" challenger {row['challenger_true']} right {row['challenger_false']} wrong"
        )
    return (
        f"{row['detector']}  {what}, {state} for {row['days']:g} days in {row['key_groups']} key groups,"
        f" {row['events']:,} events: {found}; {verdicts}. {row['recommendation']}."
    )
