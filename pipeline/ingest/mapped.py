"""Reads any table, JSON array or NDJSON that a mapping file describes."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, each
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from pipeline.ingest.mapping import UNITS, Column, Mapping, load_mapping
from pipeline.ingest.streams import head_of
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, table_rows
from pipeline.ingest.times import any_ts

_TRUE = frozenset(("1", "true", "t", "yes", "y", "on"))
_FALSE = frozenset(("0", "false", "f", "no", "n", "off"))


class MappedFormat(Format):
    """The format that a mapping file describes; it is not found by scanning but made by `load`."""

    id = "mapped"
    title = "A table or JSON described by a mapping file"

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._converters = [(name, c.column, converter(name, c)) for name, c in mapping.fields.items()]
        kind = mapping.kind or mapping.event_model().model_fields["kind"].default
        self._constants = {"format": mapping.format, "kind": kind, **mapping.constants}
        self._unset = frozenset(mapping.unset)

    @classmethod
    def load(cls, path: Path) -> "MappedFormat":
        """The format in a mapping file; ConfigError names file and key."""
        return cls(load_mapping(path))

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """1 where the time and most other columns are there, otherwise 0."""
        wanted = [column for _, column, _ in self._converters]
        time = self._mapping.fields["ts"].column
        objects = head_objects(head)
        if objects:
            return float(_reach(objects[0], time) is not None)
        if self._mapping.columns:
            return 0.0
        there = set(header_of(head, self._delimiter(head)))
        return float(time in there and 2 * sum(c in there for c in wanted) > len(wanted))

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """Events of every row or object, in order."""
        head = head_of(stream)
        if head.lstrip()[:1] in (b"{", b"["):
            records = json_records(stream, self._mapping.format)
            yield from each(records, lambda record: [self._from_json(record)], self._mapping.format)
            return
        rows = table_rows(stream, self._delimiter(head), self._mapping.columns, self._mapping.format)
        wanted = [column for _, column, _ in self._converters]
        for row in rows:
            if isinstance(row, TableRow):
                missing = [column for column in wanted if column not in row.cells]
                if missing:
                    reason = f"the table has no column {missing[0]!r}; correct the mapping file or the delimiter"
                    yield Bad(row.position, reason, row.raw, self._mapping.format)
                    return
                yield self._item(row.position, row.raw, row.cells.__getitem__)
            else:
                yield row

    def _delimiter(self, head: bytes) -> str:
        return self._mapping.delimiter or delimiter_of(head)

    def _from_json(self, record: JsonRecord) -> Item | Bad:
        if not isinstance(record.value, dict):
            return Bad(record.position, "the record is not a JSON object", record.raw, self._mapping.format)
        value = record.value
        return self._item(record.position, record.raw, lambda column: _reach(value, column))

    def _item(self, position: str, raw: bytes, cell: Callable[[str], Any]) -> Item | Bad:
        fields: Fields = dict(self._constants)
        for name, column, convert in self._converters:
            value = cell(column)
            if value is None or (isinstance(value, str) and value.strip() in self._unset):
                continue
            try:
                fields[name] = convert(value)
            except (ValueError, TypeError, OverflowError):
                reason = f"field {name}: column {column!r} does not hold what the mapping file says"
                return Bad(position, reason, raw, self._mapping.format)
        return Item(self._mapping.source, fields, position, raw)


def converter(name: str, column: Column) -> Callable[[Any], Any]:
    """The function from a cell to the value of event field `name`; it raises ValueError or TypeError."""
    kind = column.type or ("time" if name == "ts" or name.endswith("_ts") else None)
    factor = UNITS[column.unit] if column.unit else None
    convert: Callable[[Any], Any]
    if kind == "time":
        convert = _time(column.format, ZoneInfo(column.timezone or "UTC"))
    elif kind == "int" or kind == "float" or factor is not None:
        convert = _number(factor or 1.0, whole=kind == "int")
    elif kind == "bool":
        convert = _bool
    elif kind == "list":
        convert = _list(column.separator)
    else:
        convert = _text if kind == "text" else _plain
    words = column.map
    if words is None:
        return convert
    return lambda value: words[str(value).strip()] if str(value).strip() in words else convert(value)


def _time(form: str | None, zone: ZoneInfo) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        if form is None and (not isinstance(value, str) or value.strip().replace(".", "", 1).isdigit()):
            ts = any_ts(value)
            if ts is None:
                raise ValueError
            return ts
        text = str(value).strip()
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - see below
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()

    return parse


def _number(factor: float, *, whole: bool) -> Callable[[Any], float | int]:
    def parse(value: Any) -> float | int:
        text = value.strip().replace(",", "") if isinstance(value, str) else value
        if whole and factor == 1.0 and isinstance(text, str) and text.lstrip("+-").isdigit():
            return int(text)
        number = float(text) * factor
        return round(number) if whole else number

    return parse


def _bool(value: Any) -> bool:
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError


def _list(separator: str) -> Callable[[Any], list[str]]:
    def parse(value: Any) -> list[str]:
        items = value if isinstance(value, list) else str(value).split(separator)
        return [text for item in items if (text := _text(item))]

    return parse


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError
    return str(value).strip()


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _reach(value: Any, path: str) -> Any:
    """The value behind a dotted path; a key that holds the dots itself comes first. None where there is none."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
