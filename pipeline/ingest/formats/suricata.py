"""Suricata EVE: JSON lines or arrays, all event types."""

from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from pipeline.ingest.suricata.events import event_fields, is_eve
from pipeline.ingest.times import any_ts


class Suricata(Format):
    """EVE records; a type without a model of its own is kept whole as JSON text."""

    id = "suricata"
    title = "Suricata EVE (JSON lines or array)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Objects with a time and an event type."""
        rows = head_objects(head)
        return 0.95 * sum(map(is_eve, rows)) / len(rows) if rows else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every record."""
        return each(json_records(stream, self.id), _events, self.id)


def _events(record: JsonRecord) -> Iterator[Item | Bad]:
    row = record.value
    ts = any_ts(row.get("timestamp")) if is_eve(row) else None
    if ts is None:
        reason = "the record is no EVE record: it needs timestamp and event_type"
        yield Bad(record.position, reason, record.raw, Suricata.id)
    else:
        yield Item("network", event_fields(row, ts), record.position, record.raw)
