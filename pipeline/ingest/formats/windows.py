"""Windows and Sysmon events as JSON lines or arrays."""

from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.json_records import head_objects, json_records
from pipeline.ingest.windows_events import windows_fields
from pipeline.ingest.windows_record import WindowsRecord, is_windows


class Windows(Format):
    """Event Log records as evtx converters, Winlogbeat, NXLog and their kin write them."""

    id = "windows"
    title = "Windows and Sysmon events (JSON)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Objects with an event id and a channel or provider."""
        rows = head_objects(head)
        return 0.95 * sum(map(is_windows, rows)) / len(rows) if rows else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every record."""
        for record in json_records(stream, self.id):
            if isinstance(record, Bad):
                yield record
                continue
            if not is_windows(record.value):
                yield Bad(record.position, "the record is no Windows event", record.raw, self.id)
                continue
            event = WindowsRecord(record.value)
            if event.ts is None:
                yield Bad(record.position, "the event has no time that can be read", record.raw, self.id)
            else:
                yield Item("logs", windows_fields(event, event.ts), record.position, record.raw)
