"""Delimited text as exports, data sets and Zeek write it: CSV, TSV, blanks, ARFF, with or without a header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
from pyarrow import csv as arrow_csv

from pipeline.errors import UsageError
from pipeline.ingest.streams import HEAD_BYTES, ChunkStream, head_of
from pipeline.tables.table import Table, TableBuilder, unique_names

BLOCK_BYTES = 16 * 2**20
"""Also the longest row that can be read: a row of 100,000 numbers has about a megabyte."""
RAGGED_SHARE = 0.001
"""So many broken lines may be left out (and are told); with more, the file is not what its header says."""
_DELIMITERS = ",\t;|"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)|0x[0-9a-f]+", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"@attribute\s+('[^']*'|\"[^\"]*\"|\S+)", re.IGNORECASE)


def read_delimited(stream: io.BufferedReader, name: str, label: str, most_rows: int | None) -> Table:
    """The table in a text stream. `label` tells a header from a first row of data."""
    stream = io.BufferedReader(ChunkStream(_as_utf8(stream)), HEAD_BYTES)
    head = head_of(stream)
    if head[:11].lower().startswith((b"#separator", b"#fields")):
        return _zeek(stream, name, most_rows)
    if b"@attribute" in head.lower() and b"@relation" in head.lower():
        return _arff(stream, name, most_rows)
    lines = [line for line in head.split(b"\n")[:500] if line.strip()]
    if not lines:
        raise UsageError(f"{name} is empty: nothing to read")
    delimiter = _delimiter(lines)
    if delimiter == " ":
        stream, delimiter = io.BufferedReader(ChunkStream(_blanks_to_tabs(stream))), "\t"
        lines = [b"\t".join(line.split()) for line in lines]
    sample = [_cells(line, delimiter) for line in lines]
    first, rest = sample[0], sample[1 : -1 if len(head) > 60_000 else None]
    if _is_header(first, label):
        while not (line := stream.readline()).strip() and line:
            pass
        names, extra = _fitted([cell.lstrip("#") if at == 0 else cell for at, cell in enumerate(first)], rest)
        return _rows(stream, TableBuilder(name, "CSV", most_rows=most_rows), names, delimiter, lines, extra)
    made_up = [f"c{k + 1}" for k in range(len(first))]
    note = f"the first line is data, so the columns are called {made_up[0]} to {made_up[-1]}"
    builder = TableBuilder(name, "CSV without a header", header=False, notes=[note], most_rows=most_rows)
    return _rows(stream, builder, made_up, delimiter, lines, 0)


def _is_header(first: list[str], label: str) -> bool:
    plain = ["".join(cell.split()).lower().lstrip("#") for cell in first]
    if "".join(label.split()).lower() in plain:
        return True
    return not any(_NUMBER.fullmatch(cell.strip()) for cell in first)


def _delimiter(lines: list[bytes]) -> str:
    """The one that splits the lines most evenly; blanks only where no other does."""
    whole = lines[:-1] if len(lines) > 1 else lines
    counts = {d: [len(_cells(line, d)) for line in whole[:20]] for d in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda d: (min(counts[d]) > 1, counts[d][0] == max(counts[d]), counts[d][0]))
    if max(counts[best]) > 1:
        return best
    return " " if all(len(line.split()) > 1 for line in whole) else ","


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _cells(line: bytes, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([_text(line).replace("\r", "").replace("\0", "")], delimiter=delimiter), [])
    except csv.Error:  # a cell beyond csv's limit
        return _text(line).split(delimiter)


def _as_utf8(stream: io.BufferedReader) -> Iterator[bytes]:
    """Lines that are no UTF-8 are taken for Windows-1252, in which data sets write their dashes."""
    while block := stream.read(BLOCK_BYTES // 8) + stream.readline():
        try:
            block.decode()
            yield block
        except UnicodeDecodeError:
            yield b"".join(map(_line_as_utf8, block.splitlines(keepends=True)))


def _line_as_utf8(line: bytes) -> bytes:
    try:
        line.decode()
        return line
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").encode()


def _fitted(names: list[str], rows: list[list[str]]) -> tuple[list[str], int]:
    """Names for what the rows have: a cell more than the header is a trailing delimiter, or R's row names in front."""
    if rows and all(len(row) == len(names) + 1 for row in rows):
        trailing = not any(row[-1].strip() for row in rows)
        return unique_names([*names, "trailing"] if trailing else ["row name", *names]), 1 if trailing else 0
    return unique_names(names), 0


def _rows(
    stream: io.BufferedReader, builder: TableBuilder, names: list[str], delimiter: str, lines: list[bytes], extra: int
) -> Table:
    """Every row below the header; `extra` columns at the end are nothing but a trailing delimiter."""
    broken: list[tuple[int | None, int]] = []

    def on_broken(row: arrow_csv.InvalidRow) -> str:
        broken.append((row.number, row.actual_columns))
        return "skip"

    keys = [str(k) for k in range(len(names))]
    pa.enable_signal_handlers(False)  # Arrow's own would send Ctrl-C a second time, when Python is already leaving
    try:
        reader = arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(column_names=keys, block_size=BLOCK_BYTES, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=any(b'"' in line or b"\r" in line[:-1] for line in lines),
                invalid_row_handler=on_broken,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.binary()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            block = dict(zip(names, batch.columns, strict=True))
            for name in names[len(names) - extra :]:
                block.pop(name)
            if not builder.add(block):
                break
    except pa.ArrowInvalid as error:
        # An empty rest of the file is no rows; anything else is told in Arrow's first sentence.
        if "Empty CSV file" not in str(error):
            raise UsageError(f"{builder.name} cannot be read as a table: {str(error).splitlines()[0][:160]}") from None
    _tell_broken(builder, broken, len(names))
    return builder.table()


def _tell_broken(builder: TableBuilder, broken: list[tuple[int | None, int]], width: int) -> None:
    if not broken:
        return
    number, cells = broken[0]
    header = 1 if builder.header else 0
    where = f"line {number + header}" if number is not None else "a line"
    said = f"{where} has {cells} cells where {'the header' if builder.header else 'the first line'} has {width}"
    if len(broken) > RAGGED_SHARE * (builder.rows + len(broken)):
        more = f", and so do {len(broken) - 1:,} more lines" if len(broken) > 1 else ""
        raise UsageError(f"{builder.name}: {said}{more.replace('so do', 'as odd are')}; repair the file or its quotes")
    builder.notes.append(f"{len(broken):,} broken lines are left out: {said}")


def _blanks_to_tabs(stream: io.BufferedReader) -> Iterator[bytes]:
    while lines := stream.readlines(BLOCK_BYTES // 16):
        yield b"".join(b"\t".join(line.split()) + b"\n" for line in lines)


def _zeek(stream: io.BufferedReader, name: str, most_rows: int | None) -> Table:
    """A Zeek log; the labelled ones of IoT-23 have three blanks between the last columns."""
    names: list[str] = []
    for line in islice(stream, 64):
        if line.startswith(b"#fields"):
            names = re.split(r"\t| {2,}", _text(line).strip())[1:]
        if line.startswith(b"#types"):
            break
    if not names:
        raise UsageError(f"{name} begins like a Zeek log but names no fields: its head is damaged")

    def rows() -> Iterator[bytes]:
        while lines := stream.readlines(BLOCK_BYTES // 16):
            yield b"".join(re.sub(rb" {3,}", b"\t", line) for line in lines if not line.startswith(b"#"))

    builder = TableBuilder(name, "Zeek log", most_rows=most_rows)
    return _rows(io.BufferedReader(ChunkStream(rows())), builder, unique_names(names), "\t", [], 0)


def _arff(stream: io.BufferedReader, name: str, most_rows: int | None) -> Table:
    names: list[str] = []
    for line in stream:
        if line.strip().lower().startswith(b"@data"):
            break
        if found := _ATTRIBUTE.match(line.strip()):
            names.append(_text(found[1]).strip("'\""))
    if not names:
        raise UsageError(f"{name} begins like an ARFF file but names no attributes: its head is damaged")

    def rows() -> Iterator[bytes]:
        while lines := stream.readlines(BLOCK_BYTES // 16):
            yield b"".join(line.replace(b"'", b'"') for line in lines if line.strip() and not line.startswith(b"%"))

    builder = TableBuilder(name, "ARFF", most_rows=most_rows)
    return _rows(io.BufferedReader(ChunkStream(rows())), builder, unique_names(names), ",", [], 0)
