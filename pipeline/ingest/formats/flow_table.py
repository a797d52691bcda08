"""Flows as other tools export them: CICFlowMeter, nfdump, SiLK, nProbe, clouds' flow logs, Windows Firewall."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.carried import carried_item
from pipeline.ingest.flows.columns import FlowColumns, flow_columns
from pipeline.ingest.flows.pairs import FlowPairs, OneWay
from pipeline.ingest.flows.rows import cells_of, flags_of, flow_of, time_of
from pipeline.ingest.flows.tables import TableForm, form_of, rows_of
from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import is_month_first
from pipeline.ingest.tables import TableRow
from pipeline.ingest.told.envelopes import opened, singly
from pipeline.ingest.told.json_fields import flat

_NO_TIME = "the row has no time with a day"
_NO_ADDRESSES = "the row has no addresses"


class FlowTable(Format):
    """A row or JSON record a flow → FlowEvent, told by the names of the columns; labels are not read.

    Where records tell one direction each, the two are joined. Times without a zone are taken for UTC; 7/5/2017 is a
    day in May unless the file shows that months come first.
    """

    id = "flows"
    title = "Flow tables (CICFlowMeter, nfdump, SiLK, nProbe, VPC flow logs and kin; CSV or JSON)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Columns of time, addresses and what a flow carried."""
        objects = head_objects(head)
        if objects:
            rows = [row for one in objects for row in opened(one) if isinstance(row, dict)]
            known = [flow_columns(flat(row), records=True) is not None and not _is_sensors(row) for row in rows]
            return 0.9 if rows and all(known) else 0.0  # a mixture is for the reader of records of any kind
        return 0.92 if form_of(head) else 0.0  # surer than a table of log records: `output` is no message

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """A flow of every record, or of two that belong together."""
        head = head_of(stream)
        pairs = FlowPairs()
        records = _records(stream) if head_objects(head) else _rows(stream, head)
        for record in records:
            if isinstance(record, OneWay):
                yield from pairs.add(record)
            else:
                yield record
        yield from pairs.rest()


def _records(stream: BinaryIO) -> Iterator[Item | OneWay | Bad]:
    known: dict[tuple[str, ...], FlowColumns | None] = {}

    def flow(record: JsonRecord) -> Iterator[Item | OneWay | Bad]:
        row = flat(record.value) if isinstance(record.value, dict) else {}
        names = tuple(row)
        if names not in known and len(known) < _MOST_SHAPES:
            known[names] = flow_columns(names, records=True)
        columns = known.get(names)
        if columns is None:
            yield Bad(record.position, "the record is no flow: it needs a time, addresses and amounts", record.raw,
                      FlowTable.id)  # fmt: skip
        else:
            yield _item(row, columns, month_first=False, position=record.position, raw=record.raw)

    return each(chain.from_iterable(map(singly, json_records(stream, FlowTable.id))), flow, FlowTable.id)


def _is_sensors(row: dict[str, Any]) -> bool:
    """Sensors' own records tell more than a flow, also where something lies around them."""
    return carried_item(row, "", "", b"") is not None


_MOST_SHAPES = 1024
"""Sets of names of one file that are remembered; no exporter writes more."""


def _rows(stream: BinaryIO, head: bytes) -> Iterator[Item | OneWay | Bad]:
    form = form_of(head)
    if form is None:
        yield Bad("file", "no header names time, addresses and amounts of flows", head, FlowTable.id)
        return
    month_first = is_month_first(_times(head, form))

    def flow(row: TableRow) -> Iterator[Item | OneWay | Bad]:
        yield _item(row.cells, form.columns, month_first=month_first, position=row.position, raw=row.raw)

    yield from each(rows_of(stream, form, FlowTable.id), flow, FlowTable.id)


def _times(head: bytes, form: TableForm) -> list[str]:
    at = form.names.index(form.columns.places["ts"])
    if not form.delimiter:
        return []  # nfdump prints years first
    rows = [line.split(form.delimiter) for line in head.decode("utf-8", "replace").splitlines()]
    return [row[at].strip().strip('"') for row in rows if len(row) == len(form.names)]


def _item(
    row: dict[str, Any], columns: FlowColumns, *, month_first: bool, position: str, raw: bytes
) -> Item | OneWay | Bad:
    cells = cells_of(row, columns)
    ts = time_of(cells, month_first=month_first)
    if ts is None:
        return Bad(position, _NO_TIME, raw, FlowTable.id)
    if "src" not in cells or "dst" not in cells:
        return Bad(position, _NO_ADDRESSES, raw, FlowTable.id)
    fields = {"ts": ts, "format": FlowTable.id, **flow_of(cells, columns)}
    item = Item("network", fields, position, raw)
    return item if columns.sided or fields["packets_in"] or fields["bytes_in"] else OneWay(item, flags_of(cells))
