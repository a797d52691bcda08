"""Tables of record systems and payers: access reports, claims, visits and patients, told by their columns or names."""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.accesses.columns import RecordColumns, record_columns
from pipeline.ingest.accesses.rows import SOURCES, fields_of, joined, names_patient
from pipeline.ingest.carried import object_in
from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.formats.json_lines import MESSAGES
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from pipeline.ingest.lines import majority
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import dated_cells, is_american
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, table_rows
from pipeline.ingest.told.completed import completed, ts_of
from pipeline.ingest.told.envelopes import opened, singly
from pipeline.ingest.told.json_fields import flat, pick

_NONE_OF_OURS = "the record names no access, claim, visit or patient"
_ABOVE_FHIR = 0.98
_MOST_SHAPES = 1024
"""Sets of names that are remembered."""


class RecordTable(Format):
    """A row, or record of JSON, an access, claim (or line of one), visit or person (`record_columns` has the names).

    Lines of a claim that follow each other become one claim. Times without a zone are UTC; 7/5/2017 is a day in May
    unless the file, or a day in its name, shows that months come first. What is called otherwise needs a mapping file.
    """

    id = "records"
    title = "Tables of accesses, claims (Medicare's and kin), visits and patients (OMOP and kin); CSV or JSON"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Where the header, or most records of JSON, name what one of the kinds of table needs: surer than a table of
        log records, as a column of messages makes none of one that says who opened whose chart."""
        objects = head_objects(head)
        if objects:
            rows = [_row_of(row) for one in objects for row in opened(one)]
            share = majority(sum(_is_ours(row) for row in rows), len(rows))
            return (_ABOVE_FHIR if any("resourceType" in row for row in rows) else 0.85) * share
        if head.lstrip()[:1] in (b"{", b"[", b"<", b""):
            return 0.0
        delimiter = delimiter_of(head)
        columns = record_columns(header_of(head, delimiter))
        if columns is None or (columns.by_sort and not _tells_patient(head, delimiter, columns)):
            return 0.0
        return 0.92

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every row, or of the lines of a claim together."""
        head = head_of(stream)
        if head_objects(head):
            yield from _records(stream)
            return
        delimiter = delimiter_of(head)
        columns = record_columns(header_of(head, delimiter))
        if columns is None:
            yield Bad("file", "no header names what accesses, claims, visits or patients need", head[:4096], self.id)
            return
        month_first = is_american(dated_cells(head, delimiter), name)
        items = _items(table_rows(stream, delimiter, None, self.id), columns, month_first)
        yield from _claims(items) if "line" in columns.places else items


def _row_of(value: Any) -> dict[str, Any]:
    """The flat record, or the one in a shipper's message."""
    row = flat(value) if isinstance(value, dict) else {}
    text = pick(row, MESSAGES)
    inner = object_in(text) if isinstance(text, str) and _columns_of(tuple(row)) is None else None
    if not inner:
        return row
    bare = flat(inner)
    return bare if ts_of(completed(bare)) is not None else {"timestamp": ts_of(completed(row)), **bare}


@lru_cache(_MOST_SHAPES)
def _columns_of(names: tuple[str, ...]) -> RecordColumns | None:
    """Of a record of JSON. A resource of FHIR, which has readers of its own, names nobody in a field of its own."""
    columns = record_columns(list(names))
    return columns if columns is None or columns.kind == "access" or "resourceType" not in names else None


def _is_ours(row: dict[str, Any]) -> bool:
    columns = _columns_of(tuple(row))
    return columns is not None and (not columns.by_sort or names_patient(str(row[columns.places["object_type"]])))


def _tells_patient(head: bytes, delimiter: str, columns: RecordColumns) -> bool:
    """Whether a row of the head is about a patient's record, where only the sort of the record can say so."""
    rows = table_rows(BytesIO(head[: head.rfind(b"\n") + 1] or head), delimiter, None, RecordTable.id)
    sorts = (row.cells[columns.places["object_type"]] for row in rows if isinstance(row, TableRow))
    return any(map(names_patient, sorts))


def _records(stream: BinaryIO) -> Iterator[Item | Bad]:
    def event(record: JsonRecord) -> Iterator[Item | Bad]:
        row = _row_of(record.value)
        columns = _columns_of(tuple(row))
        if columns is None:
            yield Bad(record.position, _NONE_OF_OURS, record.raw, RecordTable.id)
            return
        cells = {name: "" if value is None or isinstance(value, list) else str(value) for name, value in row.items()}
        yield _event(TableRow(record.position, cells, record.raw), columns, month_first=False)

    return each(chain.from_iterable(map(singly, json_records(stream, RecordTable.id))), event, RecordTable.id)


def _event(row: TableRow, columns: RecordColumns, *, month_first: bool) -> Item | Bad:
    fields, why = fields_of(row, columns, month_first=month_first)
    if fields is None:
        return Bad(row.position, why, row.raw, f"table.{columns.kind}")
    return Item(SOURCES[columns.kind], fields, row.position, row.raw)


def _items(rows: Iterator[TableRow | Bad], columns: RecordColumns, month_first: bool) -> Iterator[Item | Bad]:
    return each(rows, lambda row: [_event(row, columns, month_first=month_first)], RecordTable.id)


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
