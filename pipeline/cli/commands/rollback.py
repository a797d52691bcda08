"""A promoted challenger goes back into the shadow."""

import click

from pipeline.cli.champion import give
from pipeline.learning.champion_order import ROLLBACK


@click.command()
@click.argument("detector")
@click.option("--as", "who", default="", metavar="WHO", help="Who orders it.")
@click.option("--why", default="", help="In a sentence.")
@click.option("--db", metavar="DIR|URL", help="Where challengers are looked up; else the configured server.")
def run(detector: str, who: str, why: str, db: str | None) -> int:
    """Put the former champion of a detector in front again; its challenger goes back into the shadow. Nothing of what
    either has learned is lost.

    \b
    wardwatch rollback network.flow_anomaly --as a.meier --why "it misses what the old one found"
    """
    give(ROLLBACK, detector, who, why, db)
    return 0
