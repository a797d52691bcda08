"""Windows events as tables: the Event Viewer's CSV, Export-Csv of Get-WinEvent, EvtxECmd, exports of searches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import loads
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import cell_ts, is_american
from pipeline.ingest.tables import TableRow, delimiter_of, first_of, header_of, plain_name, table_rows
from pipeline.ingest.windows.events import windows_item
from pipeline.ingest.windows.labels import CATEGORIES, NAMES, complete


@dataclass(frozen=True, slots=True)
class _Form:
    delimiter: str
    names: list[str]
    places: Mapping[str, str]
    short: bool
    """Whether the header lacks the name of the last column, as the Event Viewer's does."""


class WindowsTable(Format):
    """A row an event. Where only the English text of the event is there, its values are read from that."""

    id = "windows_table"
    title = "Windows and Sysmon events (CSV of Event Viewer, Get-WinEvent, EvtxECmd)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Columns of an event id, a time, and a provider or log."""
        return 0.92 if _form_of(head) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every row."""
        head = head_of(stream)
        form = _form_of(head)
        if form is None:
            yield Bad("file", "no header names event ids, times, and providers or logs", head, self.id)
            return
        month_first = _is_american(head, form)

        def events(row: TableRow) -> Iterator[Item | Bad]:
            event = _event(row.cells, form, month_first=month_first)
            yield windows_item(event, row.position, row.raw, self.id)

        rows = table_rows(stream, form.delimiter, form.names if form.short else None, self.id)
        for event in each(rows, events, self.id):
            if not (form.short and isinstance(event, Bad) and header_of(event.raw, form.delimiter) == form.names[:-1]):
                yield event


def _form_of(head: bytes) -> _Form | None:
    delimiter = delimiter_of(head)
    names = header_of(head, delimiter)
    known = {plain_name(name): name for name in reversed(names)}
    places = first_of(known, NAMES)
    if not {"EventID", "TimeCreated"} <= places.keys() or not {"SourceName", "Channel"} & places.keys():
        return None
    if plain_name(places["EventID"]) == "id" and plain_name(places["TimeCreated"]) != "timecreated":
        return None  # any table numbers its rows; Get-WinEvent's has both
    short = not CATEGORIES.isdisjoint(known) and "Message" not in places
    if short:
        names, places = [*names, "Message"], {**places, "Message": "Message"}
    return _Form(delimiter, names, places, short)


def _is_american(head: bytes, form: _Form) -> bool:
    """Whether months come first in dates."""
    at = form.names.index(form.places["TimeCreated"])
    rows = [line.split(form.delimiter) for line in head.decode("utf-8", "replace").splitlines()]
    texts = [row[at].strip().strip('"') for row in rows if len(row) > at]
    return is_american(texts)


def _event(cells: Mapping[str, str], form: _Form, *, month_first: bool) -> dict[str, Any]:
    event: dict[str, Any] = {ours: cells[name] for ours, name in form.places.items() if cells[name]}
    event["TimeCreated"] = cell_ts(event.get("TimeCreated", ""), month_first=month_first)
    complete(event)
    payload = _payload(event.pop("Payload", ""))
    taken = set(form.places.values())
    others = {name: value for name, value in cells.items() if name not in taken and value}
    event["EventData"] = payload or (others if "Message" not in event else None)
    return event


def _payload(text: str) -> Any:
    """The event's data as EvtxECmd keeps it."""
    try:
        value = loads(text.encode()) if text.startswith("{") else None
    except ValueError:
        return None
    return value.get("EventData") or value.get("UserData") if isinstance(value, dict) else None
