"""A synthetic hospital's events, with labelled attacks."""

import sys
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from pipeline.cli.progress import Progress
from pipeline.errors import UsageError
from pipeline.simulator import Emitted, Hospital, write_labels
from pipeline.simulator.playbill import story_kinds
from pipeline.simulator.stories.story import DIFFICULTIES

_STDOUT = "-"
_MOST_EVENTS_PER_S = 100_000
_START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning; fixed, so that the same arguments give the same bytes on any day."""


@click.command()
@click.option("--seconds", type=float, default=3600.0, show_default=True, help="Length of the span, in event time.")
@click.option("--rate", type=float, default=100.0, show_default=True, help="Events a second, in event time.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Same seed, same bytes.")
@click.option("--start", default=_START.isoformat(), show_default=True, help="First moment: ISO time (UTC), or now.")
@click.option(
    "--out", default=_STDOUT, show_default=True, metavar="FILE|DIR|-", help="DIR gets one file a topic, FILE all."
)
@click.option("--labels", type=click.Path(path_type=Path), help="Write which events belong to which story, here.")
@click.option("--stories", help="Kinds to play, with commas; each may name a difficulty: ransomware:hard. Else all.")
@click.option("--list-stories", is_flag=True, help="Print the kinds of stories and end.")
def run(
    seconds: float,
    rate: float,
    seed: int,
    start: str,
    out: str,
    labels: Path | None,
    stories: str | None,
    list_stories: bool,
) -> int:
    """Write the events of a hospital that never was, as JSON lines that scan and ship read.

    A name that ends in / or has no extension is a folder.
    """
    if list_stories:
        _list_stories()
        return 0
    if not 0 < rate <= _MOST_EVENTS_PER_S:
        raise UsageError(f"--rate has to lie between 0 and {_MOST_EVENTS_PER_S:,} events a second")
    chosen = None if stories is None else [name for name in stories.replace(" ", "").split(",") if name]
    hospital = Hospital(seed=seed, start_ts=_moment(start), events_per_s=rate, stories=chosen)
    events = hospital.events(seconds)
    written: Counter[str] = Counter()
    with ExitStack() as stack, Progress("simulating", int(seconds * rate)) as progress:
        sink = _Files(out, stack)
        for event in events:
            sink.write(event)
            written[event.source] += 1
            progress.advance()
    if labels is not None:
        write_labels(labels, hospital.labels())
    _report(hospital, written, labels, out)
    return 0


class _Files:
    """Where events go: one stream with the source in every line, or a file a source."""

    def __init__(self, out: str, stack: ExitStack) -> None:
        self._stack, self._open = stack, dict[str, BinaryIO]()
        path = Path(out)
        is_folder = path.is_dir() if path.exists() else out.endswith("/") or not path.suffix
        self._folder = path if is_folder and out != _STDOUT else None
        self._mixed = None if self._folder else sys.stdout.buffer if out == _STDOUT else self._opened(path)

    def write(self, event: Emitted) -> None:
        """Add a line."""
        if self._mixed is not None:
            self._mixed.write(b'{"source":"%s",%s\n' % (event.source.encode(), event.value[1:]))
            return
        file = self._open.get(event.source)
        if file is None and self._folder is not None:
            file = self._open[event.source] = self._opened(self._folder / f"{event.source}.jsonl")
        if file is not None:
            file.write(event.value + b"\n")

    def _opened(self, path: Path) -> BinaryIO:
        try:
            if self._folder:
                self._folder.mkdir(parents=True, exist_ok=True)
            return self._stack.enter_context(path.open("wb"))
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}; choose another --out") from error


def _moment(text: str) -> float:
    if text == "now":
        return float(int(datetime.now(UTC).timestamp()))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--start {text!r} is no ISO time, as {_START.isoformat()} is, nor now") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _list_stories() -> None:
    kinds = story_kinds()
    width = max(map(len, kinds))
    for kind, story in sorted(kinds.items()):
        told = (story.__doc__ or "").strip().splitlines()[0]
        print(f"{kind:<{width}}  {', '.join(story.techniques) or '-':<20}  {told}")
    print(f"difficulties: {', '.join(DIFFICULTIES)} (as in ransomware:hard)", file=sys.stderr)


def _report(hospital: Hospital, written: Counter[str], labels: Path | None, out: str) -> None:
    sources = ", ".join(f"{name} {count:,}" for name, count in sorted(written.items()))
    print(f"{written.total():,} events: {sources}", file=sys.stderr)
    played = [label.story for label in hospital.labels() if not label.kind.startswith("benign:")]
    where = f", labels in {labels}" if labels else " (--labels FILE keeps what is true)"
    print(f"{len(played)} stories: {', '.join(played) or 'none'}{where}", file=sys.stderr)
    if out != _STDOUT:
        print(f"read them: wardwatch scan {out}", file=sys.stderr)
