"""Windows and Sysmon events as JSON lines or arrays."""

from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import head_objects, json_records
from pipeline.ingest.windows.events import windows_item
from pipeline.ingest.windows.record import is_windows


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
        records = json_records(stream, self.id)
        return each(records, lambda r: [windows_item(r.value, r.position, r.raw, self.id)], self.id)
