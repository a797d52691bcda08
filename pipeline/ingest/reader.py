"""Reads one file or pipe: every record ends as a validated event, ready for its topic, or as a dead letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from pipeline.ingest.event_ids import KEPT_IDS, EventIds
from pipeline.ingest.events import event_of
from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.letters import dead_letter
from pipeline.ingest.mapped import MappedFormat
from pipeline.ingest.plain_text import why_not_read
from pipeline.ingest.registry import format_named, recognise, surest
from pipeline.ingest.streams import (
    RECORD_MARK,
    STDIN,
    display_name,
    ends_lines_with_returns,
    head_of,
    is_of_topic,
    open_stream,
    with_first_blank,
    with_line_feeds,
    without_record_marks,
    without_topics,
)
from pipeline.ingest.table_edges import table_start
from pipeline.ingest.year_clock import YearlessFormat
from schemas.dead_letter import DeadLetter


@dataclass(frozen=True, slots=True)
class Parsed:
    """A validated event as it travels."""

    source: str
    """Name in `schemas.sources.INPUTS`."""
    ts: float
    """Event time, seconds since 1970-01-01 UTC."""
    key: str
    """The Kafka message key: the entity that owns the state."""
    value: bytes
    """The event as compact JSON."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What holds for all records of a run, whatever file they are in."""

    mask: bool = True
    """False leaves the excerpts of dead letters readable."""
    host: str | None = None
    """The machine that wrote the log records which name none."""
    today: date | None = None
    """The day up to which files were written, for times without a year; None: see `year_clock`."""
    years_ahead: int = 0
    """By how many years all dates were moved into the future, see `moved_dates`."""

    @classmethod
    def now(cls, *, mask: bool, host: str | None = None, years_ahead: int = 0) -> "Manner":
        """Of files that were written until now."""
        return cls(mask, host, datetime.now(UTC).date(), years_ahead)

    def of(self, format: Format) -> Format:
        """The format as it reads in this run."""
        return format.seen_on(self.today) if self.today and isinstance(format, YearlessFormat) else format


USUAL = Manner()


def read_path(
    path: Path, *, format: str | None = None, mapping: Path | None = None, manner: Manner = USUAL
) -> Iterator[Parsed | DeadLetter]:
    """Every record of a file or of standard input (`-`), in file order and constant memory.

    `format` names the format instead of recognising it, `mapping` describes a table or JSON in a YAML file. An empty
    file gives nothing. Content never raises: a defect of a parser ends its own file with a dead letter. UsageError:
    unknown format, unreadable path, bad mapping.
    """
    return read_with(path, forced_format(format, mapping), manner)


def forced_format(format: str | None, mapping: Path | None) -> Format | None:
    """The format that the options name; None where content decides. UsageError, ConfigError."""
    return MappedFormat.load(mapping) if mapping else format_named(format) if format else None


def read_with(
    path: Path, chosen: Format | None, manner: Manner, *, offer: bool = False, kept: int = KEPT_IDS
) -> Iterator[Parsed | DeadLetter]:
    """`read_path` with the format at hand. `offer`: take it only where it recognises the file; `kept`: see
    `EventIds`."""
    problems: list[str] = []
    return _results(open_stream(path, problems), path, chosen, offer, problems, manner, EventIds(kept))


def _results(
    stream: BufferedReader,
    path: Path,
    chosen: Format | None,
    offer: bool,
    problems: list[str],
    manner: Manner,
    ids: EventIds,
) -> Iterator[Parsed | DeadLetter]:
    origin = "stdin" if path == STDIN else display_name(path)
    head = head_of(stream)
    if head.startswith(RECORD_MARK):
        stream = without_record_marks(stream)
        head = head_of(stream)
    elif is_of_topic(head):
        stream = without_topics(stream)
        head = head_of(stream)
    if ends_lines_with_returns(head):
        format = chosen or recognise(head, path.name)
        if format is None or not format.ends_with_returns:
            stream = with_line_feeds(stream)
            head = head_of(stream)
    start = table_start(head)
    if start and _is_surer(chosen, head[start:], head, path.name):
        stream = with_first_blank(stream, start)
        head = head_of(stream)
    if head and (chosen is None or (offer and not chosen.sniff(head, path.name))):
        chosen = recognise(head, path.name)
    if chosen and head:
        empty = True
        for result in guarded(manner.of(chosen.beside(path)), stream, path.name):
            empty = False
            yield finished(result, origin, manner, ids)
        if empty and head.strip() and not chosen.sniff(head, path.name):
            yield dead_letter(origin, Bad("file", f"nothing in it reads as {chosen.id}", head), mask=manner.mask)
    elif head:
        yield dead_letter(origin, Bad("file", why_not_read(head), head), mask=manner.mask)
    for reason in problems:
        bad = Bad("end of file", reason, head, chosen.id if chosen else "unknown")
        yield dead_letter(origin, bad, mask=manner.mask)


def _is_surer(chosen: Format | None, below: bytes, head: bytes, name: str) -> bool:
    """Whether a file is better known by what stands below the first lines of its head."""
    if chosen:
        return chosen.sniff(below, name) > chosen.sniff(head, name)
    return surest(below, name)[1] > surest(head, name)[1]


def guarded(format: Format, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
    """What the format reads; should it fail, its file ends with a dead letter and the others go on."""
    try:
        yield from format.read(stream, name)
    except Exception as error:
        reason = f"the {format.id} reader failed ({type(error).__name__}); the rest was not read: please report it"
        yield Bad("file", reason, b"", format.id)


def finished(result: Item | Bad, origin: str, manner: Manner, ids: EventIds) -> Parsed | DeadLetter:
    """The last step of every record: validate, serialise, or make its dead letter. `ids` are those of its input."""
    if isinstance(result, Item):
        if manner.host and result.source == "logs" and not result.fields.get("host"):
            result.fields["host"] = manner.host
        event = event_of(result, origin, ids, manner.years_ahead)
        if not isinstance(event, Bad):
            return Parsed(result.source, event.ts, event.key(), event.to_json())
        result = event
    return dead_letter(origin, result, mask=manner.mask)
