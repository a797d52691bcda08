"""Makes topics and tables."""

import click

from pipeline.runtime.run import configure_logging, prepare
from pipeline.settings import load_settings


@click.command()
def run() -> None:
    """Make the topics and tables that are missing; safe to repeat."""
    configure_logging()
    topics, versions = prepare(load_settings())
    print(f"topics made: {', '.join(topics) or 'none were missing'}")
    print(f"tables: {f'brought to version {versions[-1]}' if versions else 'up to date'}")
