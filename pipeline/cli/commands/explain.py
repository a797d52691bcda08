"""Why an alert was raised, in words for people who are no specialists."""

import logging
from contextlib import closing

import click
import orjson

from pipeline.cli.alert_explained import explained
from pipeline.cli.alert_record import ASK, alert_record
from pipeline.cli.database import database_of, told
from pipeline.errors import SinkError, UsageError


@click.command()
@click.argument("alert_id")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else.")
def run(alert_id: str, db: str | None, as_json: bool) -> int:
    """Explain the alert ALERT_ID (or the beginning of its id): what happened, what moved the score, what would have
    been normal, what is usual for it and its peers, the events behind it, and how often its detector was right before.

    \b
    wardwatch sql 'SELECT alert_id, sentence FROM current_alerts LIMIT 5'
    wardwatch explain 2f1c9a
    """
    if not alert_id.strip():
        raise UsageError(f"the alert's id is empty; {ASK}")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with closing(database_of(db)) as database:
            record = alert_record(database, alert_id.strip())
    except SinkError as error:
        raise told(error) from error
    if as_json:
        print(orjson.dumps(record.to_plain(), option=orjson.OPT_INDENT_2, default=str).decode())
        return 0
    for line in explained(record):
        print(line)
    return 0
