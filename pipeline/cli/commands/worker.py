"""Runs one worker."""

import click

from pipeline.runtime.run import configure_logging, run_worker
from pipeline.settings import load_settings


@click.command()
@click.option("--make-keys", is_flag=True, help="Make missing keys in the data folder (one machine only).")
def run(make_keys: bool) -> int:
    """Score events from Kafka into ClickHouse until stopped.

    Settings come from WARDWATCH_… in the environment and from wardwatch.toml.
    """
    configure_logging()
    return run_worker(load_settings(), make_keys=make_keys)
