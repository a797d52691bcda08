"""Microsoft 365's audit log as its portal and `Search-UnifiedAuditLog | Export-Csv` give it: a row holds the record."""

from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.formats.json_lines import log_events
from pipeline.ingest.json_records import NOT_JSON, JsonRecord, loads
from pipeline.ingest.streams import head_of
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, plain_name, table_rows

_RECORD = "auditdata"


class AuditTable(Format):
    """The column AuditData is the record, as the maker's interface delivers it; the others repeat parts of it."""

    id = "audit_table"
    title = "Audit log of Microsoft 365 as CSV (portal, Search-UnifiedAuditLog)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """0.9 where a column of the first line bears the name."""
        if head.lstrip()[:1] in (b"{", b"[", b"<", b""):
            return 0.0
        return 0.9 * (_RECORD in map(plain_name, header_of(head, delimiter_of(head))))

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """What the record of every row tells."""
        head = head_of(stream)
        return each(table_rows(stream, delimiter_of(head), None, self.id), self._told, self.id)

    def _told(self, row: TableRow) -> Iterator[Item | Bad]:
        text = next((cell for column, cell in row.cells.items() if plain_name(column) == _RECORD), "")
        try:
            record = loads(text.encode())
        except ValueError:
            yield Bad(row.position, NOT_JSON, row.raw, self.id)
            return
        yield from log_events(JsonRecord(row.position, record, row.raw))
