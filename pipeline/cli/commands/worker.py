"""Runs one worker."""

from typing import Annotated

import typer

from pipeline.runtime.run import configure_logging, run_worker
from pipeline.settings import load_settings


def run(
    make_keys: Annotated[
        bool, typer.Option("--make-keys", help="Make missing keys in the data folder (one machine only).")
    ] = False,
) -> None:
    """Score events from Kafka into ClickHouse until stopped. Settings come from WARDWATCH_… and wardwatch.toml."""
    configure_logging()
    raise typer.Exit(run_worker(load_settings(), make_keys=make_keys))
