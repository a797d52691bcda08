"""Zeek logs: TSV with `#` headers, and JSON lines."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, each
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from pipeline.ingest.lines import Line, lines, majority, whole_lines
from pipeline.ingest.streams import STDIN, head_of
from pipeline.ingest.times import iso_ts
from pipeline.ingest.zeek.certificates import Certificate, certificates_beside, complete
from pipeline.ingest.zeek.logs import CERTIFICATE
from pipeline.ingest.zeek.rows import (
    is_zeek,
    item_of,
    item_of_object,
    log_by_columns,
    log_by_name,
    log_named,
    wants,
)

_HEADERS = (b"#separator ", b"#fields\t")
_SNIFFED_LINES = 50
_HEADER_LINES = 8
"""A header stands at the top; further down it may be anything, an attacker's log message for example."""
_ESCAPE = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_BOOLS = {"T": True, "F": False}
_OPEN = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
_MOST_KEY_SETS = 4096

Converter = Callable[[str], Any]


class Zeek(Format):
    """Zeek's own logs, whatever the log; the log is told by `#path`, `_path`, its columns or the file name."""

    id = "zeek"
    title = "Zeek logs (TSV or JSON lines)"

    def __init__(self, path: Path | None = None) -> None:
        """`path`: the file, where the logs beside it may be asked for certificates."""
        self._path = path

    @override
    def beside(self, path: Path) -> "Zeek":
        """Certificates of x509.log belong to ssl.log."""
        return Zeek(path) if path != STDIN else self

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Header lines, or objects with `ts` and columns that Zeek alone has."""
        rows = head_objects(head)
        if rows:
            return 0.95 * sum(map(is_zeek, rows)) / len(rows)
        first = [line.lstrip() for line in head.split(b"\n", _SNIFFED_LINES)[:_SNIFFED_LINES] if line.strip()]
        if not any(line.startswith(_HEADERS) for line in first[:_HEADER_LINES]):
            return 0.0
        if first[0].startswith(b"#"):
            return 1.0
        return 0.95 * majority(sum(line[:1] == b"#" or b"\t" in line for line in first), len(first))

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """Events of every row."""
        known: Mapping[str, Certificate] | None = None
        for item in _items(stream, name):
            if isinstance(item, Item) and CERTIFICATE in item.fields:
                shown = item.fields.pop(CERTIFICATE)
                if not isinstance(shown, str):
                    yield item
                    continue
                if known is None:
                    known = certificates_beside(self._path, _items) if self._path else {}
                complete(item.fields, known, shown)
            yield item


def _items(stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
    if head_objects(head_of(stream)):
        yield from _read_json(stream, name)
    else:
        yield from _Tsv(name).read(stream)


def _read_json(stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
    hint = log_by_name(name)
    known: dict[tuple[str, ...], str] = {}

    def event(record: JsonRecord) -> Iterator[Item | Bad]:
        row = record.value
        if not isinstance(row, dict):
            yield Bad(record.position, "the row is not a JSON object", record.raw, "zeek")
            return
        path = row.get("_path")
        if not isinstance(path, str) or not path.replace("_", "").isalnum() or len(path) > 48:
            keys = tuple(row)
            path = known.get(keys)
            if path is None:
                guess, marks = log_by_columns(keys)
                path = hint if hint and (marks < 2 or hint == "open_conn") else guess or hint or "unknown"
                if len(known) < _MOST_KEY_SETS:
                    known[keys] = path
        yield item_of_object(row, path, record.position, record.raw)

    return each(json_records(stream, "zeek"), event, "zeek")


class _Tsv:
    """The state of one TSV file: what its last header lines said."""

    def __init__(self, name: str) -> None:
        self._path = log_by_name(name) or "unknown"
        self._separator, self._set_separator = "\t", ","
        self._unset, self._empty = "-", "(empty)"
        self._columns: list[str] = []
        self._types: list[str] = []
        self._opened: float | None = None
        self._plan: list[tuple[int, str, Converter]] | None = None
        self._extras: list[tuple[int, str, Converter]] = []

    def read(self, stream: BinaryIO) -> Iterator[Item | Bad]:
        """Events of every row; header lines may come again at any place, as in concatenated files."""
        return each(whole_lines(lines(stream), "zeek"), self._line, "zeek")

    def _line(self, line: Line) -> Iterator[Item | Bad]:
        if _is_header(line.raw) and self._header(line.raw.strip().decode("utf-8", "backslashreplace")):
            self._plan = None
        else:
            yield self._row(line.raw, line.position)

    def _row(self, raw: bytes, position: str) -> Item | Bad:
        if self._plan is None and not self._prepare():
            return Bad(position, "the row stands before any #fields header", raw, "zeek")
        text = raw.decode("utf-8", "backslashreplace")
        cells = text.split(self._separator)
        if len(cells) == len(self._columns) + 1 and not cells[-1]:
            cells.pop()  # some agents end a row with a separator, too
        if len(cells) != len(self._columns):
            reason = f"the row has {len(cells)} columns where the header names {len(self._columns)}"
            return Bad(position, reason, raw, f"zeek.{self._path}")
        unset, empty = self._unset, self._empty
        fields: Fields = {}
        extra: Fields = {}
        column = ""
        try:
            for index, column, convert in self._plan or ():
                cell = cells[index]
                if cell != unset and cell != empty:
                    fields[column] = convert(cell)
            for index, column, convert in self._extras:
                cell = cells[index]
                if cell != unset and cell != empty:
                    extra[column] = convert(cell)
        except (ValueError, KeyError):
            return Bad(position, f"column of {column} does not hold its type", raw, f"zeek.{self._path}")
        if self._opened is not None:
            fields.setdefault("ts", self._opened)
        return item_of(self._path, self._log, fields, extra, position, raw)

    def _header(self, line: str) -> bool:
        """Takes in a header line; false where the line is a row that begins with `#`."""
        word, _, rest = line.partition(" " if line.startswith("#separator ") else self._separator)
        if word == "#separator":
            named = rest.strip("\n")
            self._separator = "\t" if named == "\\t" else _unescape(named) or "\t"
        elif word == "#set_separator":
            self._set_separator = _unescape(rest) or ","
        elif word == "#empty_field":
            self._empty = _unescape(rest)
        elif word == "#unset_field":
            self._unset = _unescape(rest)
        elif word == "#path":
            self._path = rest.strip()[:48] or "unknown"
        elif word == "#fields":
            self._columns, self._types = rest.split(self._separator), []
        elif word == "#types":
            self._types = rest.split(self._separator)
        elif word in ("#open", "#close"):
            self._opened = _open_ts(rest) if word == "#open" else self._opened
        else:
            return not self._columns or line.startswith("# ")
        return True

    def _prepare(self) -> bool:
        if not self._columns:
            return False
        if self._path == "unknown":
            self._path = log_by_columns(self._columns)[0] or "unknown"
        self._log = log_named(self._path)
        types = self._types if len(self._types) == len(self._columns) else ["string"] * len(self._columns)
        self._plan, self._extras = [], []
        for index, (column, kind) in enumerate(zip(self._columns, types, strict=True)):
            use = wants(self._log, column)
            if use == "+":
                self._extras.append((index, column, self._converter(kind)))
            elif use:
                self._plan.append((index, use, float if column == "ts" else self._converter(kind)))
        if "ts" in self._columns:
            self._opened = None  # only logs without times of their own borrow that of the file
        return True

    def _converter(self, kind: str) -> Converter:
        if kind in ("count", "int", "port"):
            return int
        if kind in ("time", "interval", "double"):
            return float
        if kind == "bool":
            return _BOOLS.__getitem__
        if kind.startswith(("set[", "vector[", "table[")):
            separator, unset = self._set_separator, self._unset
            return lambda cell: [_unescape(part) for part in cell.split(separator) if part != unset]
        return _unescape


def _is_header(line: bytes) -> bool:
    return line[:1] == b"#" or (line[:1] in b" \t" and line.lstrip()[:1] == b"#")


def _unescape(cell: str) -> str:
    r"""`\xe2\x82\xac` → €; bytes that are no UTF-8 stay escaped."""
    return _ESCAPE.sub(_bytes_of, cell) if "\\x" in cell else cell


def _bytes_of(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("\\x", "")).decode("utf-8", "backslashreplace")


def _open_ts(text: str) -> float | None:
    from_text = _OPEN.fullmatch(text.strip())
    if not from_text:
        return None
    year, month, day, hour, minute, second = from_text.groups()
    return iso_ts(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
