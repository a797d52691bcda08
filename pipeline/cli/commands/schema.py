"""The published descriptions of the data."""

import sys
from pathlib import Path

import click

from pipeline.errors import UsageError
from schemas.publish import PUBLISHED, differences, write

EXIT_STALE = 1


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; default: schemas/published.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that differ.")
def run(out: Path | None, check: bool) -> int:
    """Write JSON Schema of every document, AsyncAPI of the topics and ClickHouse's tables."""
    folder = out or PUBLISHED
    if check and not folder.is_dir():
        raise UsageError(f"{folder} is no folder: wardwatch schema writes it")
    try:
        stale = differences(folder) if check else []
        written = [] if check else write(folder)
    except OSError as error:
        raise UsageError(f"cannot use {folder}: {error.strerror}; choose another folder with --out") from error
    if written:
        print(f"{len(written)} files written to {folder}")
        return 0
    for name in stale:
        print(name)
    if stale:
        print(f"{len(stale)} files of {folder} differ from the models: run wardwatch schema", file=sys.stderr)
        return EXIT_STALE
    print(f"{folder} is up to date")
    return 0
