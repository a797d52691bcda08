"""Tables of record systems and payers: access reports, claims, visits and patients, told by their columns."""

from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.accesses.columns import RecordColumns, record_columns
from pipeline.ingest.accesses.rows import SOURCES, fields_of, joined
from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import dated_cells, is_month_first
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, table_rows


class RecordTable(Format):
    """A row an access, claim (or line of one), visit or person; what columns are called is in `record_columns`.

    Lines of a claim that follow each other become one claim. Times without a zone are UTC; 7/5/2017 is a day in May
    unless the file shows that months come first. What is called otherwise needs a mapping file.
    """

    id = "records"
    title = "Tables of accesses, claims (Medicare's and kin), visits and patients (OMOP and kin) as CSV"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """0.85 where the header names what one of the kinds of table needs."""
        if head.lstrip()[:1] in (b"{", b"[", b"<", b""):
            return 0.0
        return 0.85 if record_columns(header_of(head, delimiter_of(head))) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every row, or of the lines of a claim together."""
        head = head_of(stream)
        delimiter = delimiter_of(head)
        columns = record_columns(header_of(head, delimiter))
        if columns is None:
            yield Bad("file", "no header names what accesses, claims, visits or patients need", head[:4096], self.id)
            return
        month_first = is_month_first(dated_cells(head, delimiter))
        items = _items(table_rows(stream, delimiter, None, self.id), columns, month_first)
        yield from _claims(items) if "line" in columns.places else items


def _items(rows: Iterator[TableRow | Bad], columns: RecordColumns, month_first: bool) -> Iterator[Item | Bad]:
    def event(row: TableRow) -> Iterator[Item | Bad]:
        fields, why = fields_of(row, columns, month_first=month_first)
        if fields is None:
            yield Bad(row.position, why, row.raw, f"table.{columns.kind}")
        else:
            yield Item(SOURCES[columns.kind], fields, row.position, row.raw)

    return each(rows, event, RecordTable.id)


def _claims(items: Iterator[Item | Bad]) -> Iterator[Item | Bad]:
    """Lines that follow each other under one number, together."""
    held: Item | None = None
    for item in items:
        if isinstance(item, Bad):
            yield item
        elif held is not None and held.fields.get("claim_id") == item.fields.get("claim_id"):
            held = Item(held.source, joined(held.fields, item.fields), held.position, held.raw + b"\n" + item.raw)
        else:
            if held is not None:
                yield held
            held = item
    if held is not None:
        yield held
