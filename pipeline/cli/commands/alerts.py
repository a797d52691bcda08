"""Alerts as they are raised."""

import sys
from contextlib import closing

import click

from pipeline.cli import interrupts
from pipeline.cli.alert_stream import alert_stream
from pipeline.cli.alert_text import alert_line
from pipeline.cli.printable import printable
from pipeline.settings import load_settings
from schemas.alert import Alert

_COLOURS = {1: "blue", 2: "cyan", 3: "yellow", 4: "red", 5: "magenta"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One OCSF document a line on stdout, nothing else.")
@click.option("--from-beginning", is_flag=True, help="Those that are there already, too.")
@click.option("--max", "most", type=click.IntRange(min=1), metavar="N", help="End after so many.")
@click.option("--idle-exit", type=click.FloatRange(min=0), metavar="SECONDS", help="End when none came for so long.")
def run(as_json: bool, from_beginning: bool, most: int | None, idle_exit: float | None) -> int:
    """Print alerts as they come, until Ctrl-C.

    An alert comes again, with its new count, when it goes on (update) and when it ends (closed).
    """
    told = 0
    watching = alert_stream(load_settings(), from_beginning=from_beginning, idle_exit_s=idle_exit)
    try:
        with closing(watching) as alerts:
            for alert in alerts:
                if isinstance(alert, str):
                    print(alert, file=sys.stderr, flush=True)
                    continue
                if as_json:
                    print(alert.to_json().decode(), flush=True)
                else:
                    _show(alert)
                told += 1
                if told == most:
                    break
    except KeyboardInterrupt:
        interrupts.taken()  # the way to end it
    return 0


def _show(alert: Alert) -> None:
    """Two lines: what happened; about whom, and what would have been normal."""
    grave = alert.severity_id >= 4
    click.secho(alert_line(alert), fg=_COLOURS.get(alert.severity_id), bold=grave)
    kind, entity = alert.unmapped.get("entity_type", "entity"), alert.unmapped.get("entity", "unknown")
    parts = [f"{kind} {entity}"]
    if alert.unmapped.get("normal"):
        parts.append(f"normal: {alert.unmapped['normal']}")
    parts += [a.technique.uid for a in alert.finding_info.attacks]
    if alert.status_detail:
        parts.append(alert.status_detail)
    click.secho("    " + printable(" · ".join(map(str, parts))), dim=True)
    sys.stdout.flush()
