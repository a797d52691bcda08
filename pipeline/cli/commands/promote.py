"""A challenger takes its champion's place."""

import click

from pipeline.cli.champion import give
from pipeline.learning.champion_order import PROMOTE


@click.command()
@click.argument("detector")
@click.option("--as", "who", default="", metavar="WHO", help="Who orders it.")
@click.option("--why", default="", help="In a sentence.")
@click.option("--db", metavar="DIR|URL", help="Where challengers are looked up; else the configured server.")
def run(detector: str, who: str, why: str, db: str | None) -> int:
    """Put the challenger of a detector in front: its findings are told from now on, and the former champion goes on in
    shadow, for the way back.

    \b
    wardwatch promote network.flow_anomaly --as a.meier --why "it found what was right and less that was wrong"
    """
    give(PROMOTE, detector, who, why, db)
    return 0
