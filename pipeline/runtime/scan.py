"""Offline: files through the same engine in this process, no servers, in constant memory."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.document import CREATE
from pipeline.features.documents import Documents
from pipeline.ingest.reader import Parsed
from pipeline.runtime.alert_rows import alert_rows
from pipeline.runtime.dead_letters import letter_rows, topic_letter
from pipeline.runtime.findings_line import FindingsLine
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.quarantine import Chunk, Scored
from pipeline.runtime.relay.notes import AnyNote, finding_notes, notes_of
from pipeline.runtime.relay.relay import FEEDS, TARGETS, ticks
from pipeline.runtime.scan_journal import ScanJournal
from pipeline.sinks.clickhouse import ClickHouse
from schemas.alert import Alert
from schemas.base import MAX_TS
from schemas.dead_letter import DeadLetter
from schemas.incident import Incident

_ROWS_AN_INSERT = 50_000
_MOST_INCIDENTS = 20_000
"""Kept for the summary, the oldest go first; the database has all of them."""


@dataclass
class ScanSummary:
    """Every record is a row, a dead letter or a copy of a row: records = rows + dead_letters + copies.

    Rows that we make of them besides, such as judged accesses, are not counted.
    """

    records: int = 0
    rows: int = 0
    dead_letters: int = 0
    copies: int = 0
    alerts: int = 0
    hostless: int = 0
    """Log rows other than requests of web servers that name no machine: they count as one machine."""
    by_source: dict[str, int] = field(default_factory=dict)
    by_detector: dict[str, int] = field(default_factory=dict)


def _hostless(rows: pa.Table) -> int:
    named_by_format = pc.equal(rows["entity"], rows["format"])
    return pc.sum(pc.and_(named_by_format, pc.not_equal(rows["kind"], "web"))).as_py() or 0


def scan_id(names: Iterable[str]) -> str:
    """Stands for the topic in rows: the same inputs replace their rows when scanned again into the same database."""
    digest = hashlib.blake2b(digest_size=6)
    for name in sorted(names):
        digest.update(name.encode() + b"\0")
    return f"scan-{digest.hexdigest()}"


class Scan:
    """Feeds records to one line a source and passes on what comes out."""

    def __init__(
        self,
        plan: Plan,
        topic: str,
        chunk: int,
        *,
        database: ClickHouse | None = None,
        on_alert: Callable[[Alert], None] = lambda _: None,
        on_letter: Callable[[DeadLetter], None] = lambda _: None,
        on_note: Callable[[AnyNote], None] = lambda _: None,
    ) -> None:
        """`on_alert` is called once an alert, when its day is over or the scan ends, with its final count; `on_note`
        with all that incidents are made of, as it comes."""
        self._plan = plan
        self._topic = topic
        self._chunk = chunk
        self._database = database
        self._on_alert = on_alert
        self._on_letter = on_letter
        self._on_note = on_note
        self._lines: dict[str, Line] = {}
        self._journals: dict[str, ScanJournal] = {}
        self._waiting: dict[str, list[bytes]] = {}
        self._rows: list[pa.Table] = []
        self._letters: list[DeadLetter] = []
        self._offsets: dict[str, int] = {}
        self._clocks: dict[str, float] = {}
        self._findings = FindingsLine(plan)
        self._incidents: dict[str, Incident] = {}
        self._other_rows: dict[str, list[pa.Table]] = {}
        self.summary = ScanSummary()
        self.incidents: list[Incident] = []
        """What the findings were put together to, once the scan is finished."""

    def add(self, record: Parsed | DeadLetter) -> None:
        """Take one record; scores when a chunk is full."""
        self.summary.records += 1
        if isinstance(record, DeadLetter):
            self._bury(record)
            return
        waiting = self._waiting.setdefault(record.source, [])
        waiting.append(record.value)
        if len(waiting) >= self._chunk:
            self._score(record.source)
            if record.source in TARGETS:
                self._bring_together(TARGETS[record.source])

    def settle(self) -> None:
        """Score what was added so far, full chunk or not."""
        for source in [name for name in self._waiting if name not in FEEDS]:
            self._score(source)
        for target in [name for name, feeders in FEEDS.items() if not FEEDS.keys() & set(feeders)]:
            self._bring_together(target)

    def finish(self) -> ScanSummary:
        """Score what waits, write what is left, give the alerts still open."""
        self.settle()
        for target in FEEDS:
            self._bring_together(target, MAX_TS)
        for name, line in self._lines.items():
            changed = self._journals[name].counts()
            self._write_alerts(changed)
            self._note([*finding_notes(changed), *line.last_hours()])
            self._tell(line.grouper.drain())
            self._write_health(line)
        self._flush()
        self.incidents = [i for i in self._incidents.values() if not i.unmapped.merged_into]
        return self.summary

    def _bring_together(self, target: str, ts: float = 0.0) -> None:
        """Everything that was added so far, from all that feed a source, has come to the same event time."""
        for source in FEEDS[target]:
            self._score(source)
        if not any(source in self._lines for source in FEEDS[target]):
            return
        groups = self._plan.config.key_groups
        latest = ts or max(self._clocks.get(source, 0.0) for source in FEEDS[target])
        waiting = self._waiting.setdefault(target, [])
        for source in FEEDS[target]:
            waiting += ticks(target, f"{source}/0", 1, latest, None, range(groups), groups).documents
        self._score(target)
        if target in TARGETS and not ts:
            self._bring_together(TARGETS[target])

    def _score(self, source: str) -> None:
        documents = self._waiting.pop(source, [])
        if not documents:
            return
        journal = self._journals.get(source)
        if journal is None:
            line = self._lines[source] = Line(source, self._plan)
            journal = self._journals[source] = ScanJournal(line, self._plan.config.key_groups)
        first = self._offsets.get(source, 0)
        self._offsets[source] = first + len(documents)
        offsets = np.arange(first, first + len(documents), dtype=np.int64)
        topic = f"{self._topic}-{source}"
        scored = journal.score(Chunk(topic, 0, 1, Documents.of(documents), offsets), CREATE)
        self._pass_on(source, scored)
        for u in scored.unread:
            mask = self._plan.pseudonymiser is not None
            self._bury(topic_letter(topic, 0, u.offset, u.document, u.reason, mask=mask))
        if source not in FEEDS:
            self.summary.rows += scored.rows.num_rows
            self.summary.copies += scored.copies
            self.summary.hostless += _hostless(scored.rows) if source == "logs" else 0
            self.summary.by_source[source] = self.summary.by_source.get(source, 0) + scored.rows.num_rows
        if self._database is not None:
            self._rows += [p.rows for p in scored.products]
            if sum(t.num_rows for t in self._rows) >= _ROWS_AN_INSERT:
                self._flush()
        self._write_alerts(list(scored.changed.values()))
        self._note(notes_of(scored))
        self._tell(scored.closed)

    def _pass_on(self, source: str, scored: Scored) -> None:
        for product in scored.products:
            self._clocks[source] = max(product.clock, self._clocks.get(source, 0.0))
            if product.onward is not None:
                self._waiting.setdefault(product.onward.source, []).extend(product.onward.documents)

    def _write_health(self, line: Line) -> None:
        for table, rows in line.tables().items():
            if self._database is not None:
                self._database.insert(table, rows)

    def _write_alerts(self, changed: list[tuple[AlertState, Alert]]) -> None:
        if changed and self._database is not None:
            self._database.insert("alerts", alert_rows(changed))

    def _note(self, notes: list[AnyNote]) -> None:
        if not notes:
            return
        for note in notes:
            self._on_note(note)
        outcome = self._findings.take(notes)
        for incident in outcome.incidents:
            self._incidents[incident.unmapped.incident_id] = incident
        while len(self._incidents) > _MOST_INCIDENTS:
            del self._incidents[next(iter(self._incidents))]
        if self._database is not None:
            for table, rows in outcome.tables.items():
                self._other_rows.setdefault(table, []).append(rows)

    def _tell(self, alerts: list[Alert]) -> None:
        for alert in alerts:
            self.summary.alerts += 1
            detector = alert.finding_info.analytic.uid
            self.summary.by_detector[detector] = self.summary.by_detector.get(detector, 0) + 1
            self._on_alert(alert)

    def _bury(self, letter: DeadLetter) -> None:
        self.summary.dead_letters += 1
        self._on_letter(letter)
        if self._database is not None:
            self._letters.append(letter)
            if len(self._letters) >= self._chunk:
                self._flush()

    def _flush(self) -> None:
        if self._database is None:
            return
        if self._rows:
            self._database.insert("scored_events", pa.concat_tables(self._rows, promote_options="none"))
        if self._letters:
            self._database.insert("dead_letters", letter_rows(self._letters))
        for table, rows in self._other_rows.items():
            self._database.insert(table, pa.concat_tables(rows, promote_options="none"))
        self._rows, self._letters, self._other_rows = [], [], {}
