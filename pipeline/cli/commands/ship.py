"""Files and pipes to Kafka."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from pipeline.cli import interrupts
from pipeline.cli.entry import EXIT_INTERRUPTED
from pipeline.cli.following import follow_all, stop_signal
from pipeline.cli.progress import Progress
from pipeline.cli.shipper import Shipper
from pipeline.errors import SinkError, UsageError
from pipeline.ingest.follow import FollowOptions
from pipeline.ingest.listing import list_files
from pipeline.ingest.merge import Result, read_paths
from pipeline.ingest.reader import Manner, forced_format
from pipeline.settings import load_settings
from schemas.sources import INPUTS

_AUTO = "auto"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--topic", default=_AUTO, show_default=True, help="Only events of this topic; auto: each to its own.")
@click.option("--format", "form", help="The format of the files, instead of recognising it.")
@click.option("--mapping", type=click.Path(path_type=Path), help="YAML file that describes a CSV or JSON.")
@click.option("--host", help="The machine that wrote log records which name none.")
@click.option("--years-ahead", type=click.IntRange(0, 300), default=0, help="Dates were moved so far to de-identify.")
@click.option("--follow", is_flag=True, help="Go on with what is appended, until Ctrl-C.")
@click.option("--only-new", is_flag=True, help="With --follow: leave out what stands in the files already.")
@click.option("--rate", type=float, help="Records a second, at most.")
def run(
    paths: tuple[Path, ...],
    topic: str,
    form: str | None,
    mapping: Path | None,
    host: str | None,
    years_ahead: int,
    follow: bool,
    only_new: bool,
    rate: float | None,
) -> int:
    """Send files, folders and archives (or - for standard input) to Kafka, each event to the topic of its source.

    Files are merged in event time. What cannot be read goes to the topic deadletter, with the reason. Missing
    topics are made. Exit 1 when Kafka did not take everything.
    """
    if topic != _AUTO and topic not in INPUTS:
        raise UsageError(f"no topic of events is called {topic!r}; there are {', '.join(INPUTS)} (or auto)")
    if only_new and not follow:
        raise UsageError("--only-new needs --follow")
    if rate is not None and not rate > 0:
        raise UsageError("--rate has to be above zero")
    settings = load_settings()
    manner = Manner.now(mask=settings.identifiers == "pseudonyms", host=host, years_ahead=years_ahead)
    forced_format(form, mapping)  # a wrong option is told before anything is made in Kafka
    with ExitStack() as stack:
        if follow:
            stop = stack.enter_context(stop_signal())
            options = FollowOptions(form, mapping, manner, from_start=not only_new)
            records: Iterable[Result] = follow_all(paths, stop.is_set, options)
        else:
            list_files(paths)
            records = read_paths(paths, format=form, mapping=mapping, manner=manner)
        only = None if topic == _AUTO else topic
        shipper = stack.enter_context(Shipper(settings, only, live=follow or rate is not None))
        return _ship(_limited(records, rate), shipper)


def _ship(records: Iterable[Result], shipper: Shipper) -> int:
    started = time.monotonic()
    interrupted, fault = False, ""
    try:
        with Progress("shipping") as progress:
            for record in records:
                shipper.ship(record)
                progress.advance()
    except KeyboardInterrupt:
        interrupts.taken()
        interrupted = True
    except SinkError as error:
        fault = str(error)
    try:
        shipper.flush()
    except SinkError as error:
        fault = fault or str(error)
    if shipper.lost:
        fault = f"Kafka did not take {shipper.lost:,} of {shipper.records:,} records ({shipper.reason()})"
    _say(_summary(shipper, time.monotonic() - started, interrupted=interrupted))
    if fault:
        raise SinkError(f"{fault}; ship again when it does: events keep their ids")
    return EXIT_INTERRUPTED if interrupted else 0


def _summary(shipper: Shipper, seconds: float, *, interrupted: bool) -> str:
    sources = ", ".join(f"{name} {count:,}" for name, count in sorted(shipper.sent.items()) if name != "deadletter")
    began = "interrupted after" if interrupted else "shipped"
    lost = f", {shipper.lost:,} LOST" if shipper.lost else ""
    return (
        f"{began} {shipper.records:,} records: {sources or 'no events'}; {shipper.sent['deadletter']:,} dead letters"
        f"{lost}; {seconds:.1f} s, {shipper.records / max(seconds, 1e-3):,.0f}/s"
    )


def _limited(records: Iterable[Result], rate: float | None) -> Iterator[Result]:
    """Records no faster than `rate` a second; a pause is not made up for by a burst longer than a second."""
    if rate is None:
        yield from records
        return
    due = time.monotonic()
    for record in records:
        now = time.monotonic()
        if due > now:
            time.sleep(due - now)
        due = max(due, now - 1.0) + 1.0 / rate
        yield record


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
