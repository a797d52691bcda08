"""Where a worker's results go: rows to ClickHouse, documents to topics, in the order that their durability needs."""

import logging
from time import time
from uuid import uuid4

from faust.types import TP

from pipeline.features.record_batch import Records
from pipeline.runtime.alert_rows import alert_rows
from pipeline.runtime.block_name import block_name
from pipeline.runtime.dead_letters import letter_rows, letters_of, refused_letters, topic_letter
from pipeline.runtime.product import Station
from pipeline.runtime.quarantine import Scored
from pipeline.runtime.refusals import Refused
from pipeline.runtime.relay.notes import TOPIC, AnyNote, finding_notes, keyed, notes_of
from pipeline.runtime.relay.passing import Passing
from pipeline.runtime.row_writer import RowWriter
from pipeline.runtime.transport.gaps import Gap, gap_alert
from pipeline.runtime.verdicts import verdict_notes
from pipeline.runtime.worker_state import WorkerState
from pipeline.sinks.document_producer import DocumentProducer
from pipeline.sinks.post import Post

log = logging.getLogger(__name__)


class Outlet:
    """One of a worker."""

    def __init__(self, state: WorkerState, writer: RowWriter, producer: DocumentProducer, passing: Passing) -> None:
        self._state = state
        self.writer = writer
        self.producer = producer
        self._passing = passing
        self._mask = state.plan.pseudonymiser is not None
        writer.on_refused = self._refused

    async def room(self) -> None:
        """Wait while very much is under way: back-pressure to the topics."""
        await self.writer.room()
        await self.producer.room()

    async def settle(self) -> None:
        """Wait until all that was given is durable."""
        await self.writer.settle()  # first, as rows that ClickHouse refuses become documents
        await self.producer.settle()

    async def scored(self, tp: TP, records: Records, scored: Scored) -> None:
        """Queue what became of a chunk."""
        name = block_name(tp, records)
        for product in scored.products:
            await self._passing.give(tp, product.onward, product.clock)
            await self.producer.post(product.posts)
        await self.producer.alerts(scored.alerts + scored.closed)
        await self._note(notes_of(scored))
        await self.producer.dead_letters(
            topic_letter(tp.topic, tp.partition, u.offset, u.document, u.reason, mask=self._mask) for u in scored.unread
        )
        await self.writer.give("scored_events", scored.rows, name)
        for number, product in enumerate(scored.products):
            for table, rows in product.tables.items():
                await self.writer.give(table, rows, f"{name}/{number}")
        if scored.changed:
            await self.writer.give("alerts", alert_rows(list(scored.changed.values())), name)

    async def gathered(self, line: Station) -> None:
        """Counts of alerts that grew without being told, and how its models do."""
        changed = line.changed_alerts(everything=True)
        await self._note(finding_notes(changed))
        for table, rows in (line.tables() | ({"alerts": alert_rows(changed)} if changed else {})).items():
            await self.writer.give(table, rows, f"counts {uuid4().hex}")

    async def bury(self, tp: TP, records: Records) -> None:
        """Dead letters become rows."""
        letters = letters_of(tp.topic, tp.partition, records, mask=self._mask)
        await self.writer.give("dead_letters", letter_rows(letters), block_name(tp, records))

    async def verdicts(self, tp: TP, records: Records) -> None:
        """What analysts say goes into the log of findings."""
        notes, unread = verdict_notes(records)
        await self._note(notes)
        await self.producer.dead_letters(
            topic_letter(tp.topic, tp.partition, u.offset, u.document, u.reason, mask=self._mask) for u in unread
        )

    async def missing(self, gap: Gap) -> None:
        """Events that nobody can read any more: an alert."""
        changed = [gap_alert(gap, self._state.source_of(gap.topic), time())]
        await self.producer.alerts([alert for _, alert in changed])
        await self._note(finding_notes(changed))
        name = f"gap {gap.topic}[{gap.partition}]{gap.first}-{gap.last}{gap.remade}"
        await self.writer.give("alerts", alert_rows(changed), name)

    async def _note(self, notes: list[AnyNote]) -> None:
        await self.producer.post(Post(TOPIC, key, value) for key, value in keyed(notes))

    async def _refused(self, table: str, refused: list[Refused]) -> None:
        """Rows that ClickHouse will never take."""
        log.error("ClickHouse refuses %d rows for %s (code %d): put aside", len(refused), table, refused[0].code)
        await self.producer.dead_letters(refused_letters(table, refused, mask=self._mask))
