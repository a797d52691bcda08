"""Scores a part of the log again, into tables of its own, and compares its alerts with production's.

It reads beside the workers, belongs to no group and commits nothing. It has no producer: nothing is told to anybody.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any
from uuid import uuid4

from pipeline.errors import ConfigError, SinkError
from pipeline.features.record_batch import Records
from pipeline.runtime.alert_rows import alert_rows
from pipeline.runtime.dead_letters import letter_rows, topic_letter
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.lists.feed import ListFeed
from pipeline.runtime.quarantine import Chunk, Scored
from pipeline.runtime.replay.difference import Difference, compare
from pipeline.runtime.replay.log import ReplayLog
from pipeline.runtime.replay.lookup import slices
from pipeline.runtime.replay.range import ReplayRange, Slice
from pipeline.runtime.replay.tables import ReplayTables
from pipeline.runtime.row_writer import RowWriter
from pipeline.runtime.scan_journal import ScanJournal
from pipeline.settings import Settings

_LOOK_S = 0.5
_OUTAGE_S = 30.0
"""ClickHouse may be away for so long; a worker would wait for ever, somebody who looks on would not."""


@dataclass(frozen=True)
class ReplayRequest:
    """What is wanted."""

    sources: tuple[str, ...]
    span: ReplayRange
    into: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Settings that differ from production's, as `replay_settings.changes` gives them; noted beside the rows."""


@dataclass
class ReplaySummary:
    """What was done. Every event of the range is a row, a dead letter or a copy of a row."""

    database: str
    slices: tuple[Slice, ...] = ()
    lists_from_topics: bool = False
    """Whether rows of lists and devices told on topics were used, beside the files."""
    warm_up_events: int = 0
    events: int = 0
    rows: int = 0
    dead_letters: int = 0
    copies: int = 0
    """Events that were sent again shortly after, left out as the worker does."""
    by_source: dict[str, int] = field(default_factory=dict)
    """Events."""
    reached: dict[str, int] = field(default_factory=dict)
    """The offset after the last one counted, by `topic[partition]`."""
    seconds: float = 0.0
    """From the first record read until the last row was durable."""
    interrupted: bool = False
    lost: list[tuple[str, int, int, int]] = field(default_factory=list)
    """Topic, partition, first and last offset that retention took during the replay."""
    difference: Difference | None = None
    """None when interrupted, or when there are no rows."""


class Replay:
    """One replay, from looking up the range to the comparison."""

    def __init__(
        self,
        settings: Settings,
        request: ReplayRequest,
        *,
        stop: Callable[[], bool] = lambda: False,
        on_range: Callable[[int], None] = lambda _: None,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`settings` are production's with the wanted changes. `stop` is asked between chunks; `on_range` hears how
        many records will be read, `on_progress` how many more were. Raises ConfigError or UsageError."""
        self._settings = settings
        self._request = request
        self._stop, self._on_range, self._on_progress = stop, on_range, on_progress
        self._tables = ReplayTables(settings, request.into)
        self._plan = Plan.of(settings, make_keys=False)
        # Made before any table is touched: wrong options of detectors are told here.
        self._lines = {
            settings.topic_prefix + source: ScanJournal(Line(source, self._plan), settings.key_groups)
            for source in request.sources
        }
        self._writer = RowWriter(self._tables.connect, rows=settings.insert_rows, every_s=settings.insert_every_s)
        self.summary = ReplaySummary(self._tables.database)

    def run(self) -> ReplaySummary:
        """Do it. Raises UsageError for a range or topic that is not there, SinkError when a server is away."""
        found, topics = slices(self._settings, self._request.sources, self._request.span)
        self._check_groups(found)
        self.summary.slices = tuple(found)
        self._tables.replace({"request": asdict(self._request), "slices": [asdict(s) for s in found]})
        asyncio.run(self._replay(topics))
        database = self._tables.connect()
        try:
            if not self.summary.interrupted:
                self.summary.difference = compare(database, self._tables.production, self.summary.slices)
            self._tables.finish(database, asdict(self.summary))
        finally:
            database.close()
        return self.summary

    def _check_groups(self, found: Sequence[Slice]) -> None:
        groups = self._plan.config.key_groups
        for s in found:
            if groups % s.partitions:
                raise ConfigError(
                    f"topic {s.topic} has {s.partitions} partitions, which do not divide key_groups ({groups}):"
                    " replay with the WARDWATCH_KEY_GROUPS of its workers"
                )

    async def _replay(self, topics: frozenset[str]) -> None:
        wanted = self.summary.slices
        async with ReplayLog(self._settings) as log:
            await self._read_lists(topics)
            self._on_range(sum(s.end - s.warm for s in wanted if s.start < s.end))
            try:
                await self._score_all(log, wanted)
            finally:
                self.summary.lost = log.lost

    async def _read_lists(self, topics: frozenset[str]) -> None:
        """Lists and devices as they are told now, as a worker that starts does; the files are read already."""
        prefix = self._settings.topic_prefix
        self.summary.lists_from_topics = {prefix + "lists", prefix + "devices"} <= topics
        if self.summary.lists_from_topics:
            pseudonym = self._plan.pseudonymiser.of if self._plan.pseudonymiser else None
            feed = ListFeed(self._settings, self._plan.lists, pseudonym)
            try:
                await feed.start()
            finally:
                await feed.stop()

    async def _score_all(self, log: ReplayLog, wanted: Sequence[Slice]) -> None:
        began = monotonic()
        self._writer.start()
        try:
            async for s, records in log.chunks(wanted):
                for part, keep in ((records.before(s.start), False), (records.since(s.start), True)):
                    if len(part):
                        await self._score(s, part, keep=keep)
                self._on_progress(len(records))
                if self._stop():
                    self.summary.interrupted = True
                    break
            for journal in self._lines.values():
                counts = journal.counts()
                if counts:
                    await self._writer.give("alerts", alert_rows(counts), f"counts {uuid4().hex}")
            await self._while_it_works(self._writer.settle())
        finally:
            await self._writer.stop()
            self.summary.seconds = monotonic() - began

    async def _score(self, s: Slice, records: Records, *, keep: bool) -> None:
        """One chunk of a partition through its line; what comes out is written, or forgotten while warming up."""
        offsets = records.offsets
        chunk = Chunk(s.topic, s.partition, s.partitions, records.values, offsets)
        scored = self._lines[s.topic].score(chunk)
        if not keep:
            self.summary.warm_up_events += len(records)
            return
        self._count(s, int(offsets[-1]) + 1, len(records), scored)
        name = f"{s.topic}[{s.partition}]{offsets[0]}-{offsets[-1]}"
        await self._while_it_works(self._writer.room())
        await self._writer.give("scored_events", scored.rows, name)
        if scored.changed:
            await self._writer.give("alerts", alert_rows(list(scored.changed.values())), name)
        if scored.unread:
            mask = self._plan.pseudonymiser is not None
            letters = [
                topic_letter(s.topic, s.partition, u.offset, u.document, u.reason, mask=mask) for u in scored.unread
            ]
            await self._writer.give("dead_letters", letter_rows(letters), name)

    def _count(self, s: Slice, after: int, records: int, scored: Scored) -> None:
        source = s.topic.removeprefix(self._settings.topic_prefix)
        self.summary.events += records
        self.summary.rows += scored.rows.num_rows
        self.summary.dead_letters += len(scored.unread)
        self.summary.copies += scored.copies
        self.summary.by_source[source] = self.summary.by_source.get(source, 0) + records
        self.summary.reached[f"{s.topic}[{s.partition}]"] = after

    async def _while_it_works(self, waiting: Coroutine[Any, Any, None]) -> None:
        """Wait for the writer, but not for a ClickHouse that is away for good."""
        task = asyncio.ensure_future(waiting)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_LOOK_S)
                crash, failing = self._writer.crashed(), self._writer.failing_since
                if crash is not None:
                    raise crash
                if failing is not None and monotonic() - failing > _OUTAGE_S:
                    raise SinkError(
                        f"ClickHouse has taken no rows of {self._tables.database} for {_OUTAGE_S:.0f} s:"
                        " replay again when it works"
                    )
        finally:
            task.cancel()
        task.result()
