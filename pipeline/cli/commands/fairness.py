"""Whether some people are flagged, or flagged in error, more often than others."""

import logging
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from pipeline.cli.database import database_of, told
from pipeline.cli.fairness_data import SHIFTS, Asked, attributes_of, found_in, people_of, shifts_of, since_of, zone_of
from pipeline.cli.fairness_text import document, html, lines
from pipeline.cli.printable import printable
from pipeline.errors import SinkError, UsageError
from pipeline.oversight.disparity import disparities


@click.command()
@click.option("--by", default="department,role,shift", show_default=True, help="Attributes; role+shift combines two.")
@click.option("--detector", default="", metavar="ID|ROOM", help="Only alerts of one detector, or of a room (ehr).")
@click.option("--since", metavar="DATE|30d", help="Alerts and accesses since a day, or for so long.")
@click.option("--people", type=click.Path(path_type=Path), metavar="FILE", help="CSV: user, and further attributes.")
@click.option("--shifts", default=SHIFTS, show_default=True, help="Hours of the day that are a shift.")
@click.option("--timezone", default="UTC", show_default=True, help="In which shifts are told.")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE", help="Write a page there, too.")
def run(
    by: str,
    detector: str,
    since: str | None,
    people: Path | None,
    shifts: str,
    timezone: str,
    db: str | None,
    as_json: bool,
    html_file: Path | None,
) -> int:
    """Compare how often groups of people are flagged, and flagged in error, with everybody else.

    \b
    wardwatch fairness --db hospital.db
    wardwatch fairness --by role+shift --detector ehr --since 90d --html fairness.html
    wardwatch fairness --by union --people staff.csv
    """
    more = people_of(people) if people else {}
    begin = since_of(since, datetime.now(UTC))
    asked = Asked(attributes_of(by, more), detector, begin, zone_of(timezone), shifts_of(shifts), more)
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with closing(database_of(db)) as database:
            found = found_in(database, asked)
    except SinkError as error:
        raise told(error) from error
    if not found.active:
        raise UsageError(
            "the database knows of nobody at work in that time: accesses to records with their users are needed, "
            "judged against care (wardwatch why lists them)"
        )
    groups = disparities(found.active, found.flags, found.values, asked.attributes)
    if html_file is not None:
        try:
            html_file.write_text(html(groups, found, asked), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--html {html_file} cannot be written: {error.strerror}") from error
        print(f"written to {html_file}", file=sys.stderr)
    if as_json:
        print(orjson.dumps(document(groups, found, asked), option=orjson.OPT_INDENT_2).decode())
        return 0
    for line in lines(groups, found, asked):
        print(printable(line))
    return 0
