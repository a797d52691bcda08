"""Rows of a delimited table (RFC 4180), each with its bytes; a stray quote costs one row and not the rest."""

import csv
import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from pipeline.ingest.format import Bad
from pipeline.ingest.lines import lines, overlong
from pipeline.ingest.table_edges import DELIMITERS, is_aside

T = TypeVar("T")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l"})
"""Of those that no accent makes."""
_SIGNS = re.compile(r"[^a-z0-9]+")
_RULES = b"-=_|"
"""What a rule below the header begins with."""
MAX_LINES_OF_ROW = 64
"""A quoted cell may hold line breaks, but no more lines than this: then its opening quote was a mistake."""
MAX_BYTES_OF_ROW = 262_144


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: column name → text."""

    position: str
    cells: dict[str, str]
    raw: bytes


def delimiter_of(head: bytes) -> str:
    """The delimiter that splits the first line most often; the comma where none does."""
    first = _first_line(head)
    return max(DELIMITERS, key=first.count) if first else ","


def header_of(head: bytes, delimiter: str) -> list[str]:
    """The cells of the first line, stripped."""
    return [cell.strip() for cell in _cells(_first_line(head), delimiter) or []]


def plain_name(name: str) -> str:
    """A column's name without case, blanks, signs and accents, for comparison: `Src IP` and `src_ip` read alike."""
    return _SIGNS.sub("", folded(name))


def first_of(known: Mapping[str, T], names: Mapping[str, tuple[str, ...]]) -> dict[str, T]:
    """Our names → what is known under the first of others' plain names (`plain_name`) for it, the surest first."""
    return {
        ours: known[name] for ours, theirs in names.items() if (name := next((n for n in theirs if n in known), ""))
    }


def folded(text: str) -> str:
    """In small letters without accents: `Geöffnet` and `geoffnet` read alike."""
    return without_accents(text.lower())


def without_accents(text: str) -> str:
    """Large and small letters as they are: `Geöffnet` becomes `Geoffnet`."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def table_rows(stream: BinaryIO, delimiter: str, columns: list[str] | None, format: str) -> Iterator[TableRow | Bad]:
    """Every row behind the header (or from the first line, where `columns` are given), in constant memory.

    The header that is repeated on every page, empty rows, rules, sums and sentences below the rows are none of them.
    """
    names = columns
    padded = False
    for number, raw in _rows(stream, delimiter, format):
        if isinstance(raw, Bad):
            yield raw
            continue
        cells = _cells(_text(raw), delimiter, padded=padded)
        position = f"line {number}"
        if cells is None:
            yield Bad(position, "the row has a quote that is never closed", raw, format)
            continue
        if names is None:
            padded = _is_padded(cells)
            names = [cell.strip() for cell in cells]
            continue
        width = len(names)
        if len(cells) == width + 1 and not cells[-1]:
            cells.pop()  # a delimiter behind every cell
        if len(cells) != width:
            if not is_aside(cells, width):
                yield Bad(position, f"the row has {len(cells)} cells where the table has {width}", raw, format)
        elif (2 * cells.count("") >= width or raw[0] in _RULES) and is_aside(cells, width):
            continue
        elif columns is not None or cells[0].strip() != names[0] or [cell.strip() for cell in cells] != names:
            yield TableRow(position, dict(zip(names, cells, strict=True)), raw)


def _is_padded(header: list[str]) -> bool:
    """Whether blanks stand around the cells, as people write tables: they belong to none."""
    return len(header) > 1 and all(cell[:1] == " " for cell in header[1:] if cell)


def _rows(stream: BinaryIO, delimiter: str, format: str) -> Iterator[tuple[int, bytes | Bad]]:
    source = lines(stream)
    ahead: deque[tuple[int, bytes, bool]] = deque()
    while entry := (ahead.popleft() if ahead else next(source, None)):
        number, line, whole = entry
        if not whole:
            yield number, overlong(number, line, format)
            continue
        if not line.strip():
            continue
        taken = [line]
        if _is_open(line, delimiter):
            taken += _continuation(source, ahead, line, delimiter)
            for _ in taken[1:]:
                ahead.popleft()
        yield number, b"\n".join(taken)


def _continuation(
    source: Iterator[tuple[int, bytes, bool]], ahead: deque[tuple[int, bytes, bool]], line: bytes, delimiter: str
) -> list[bytes]:
    """The lines that close the quote which `line` leaves open; none where none of the next ones does."""
    joined = line
    for count in range(MAX_LINES_OF_ROW):
        if count == len(ahead):
            following = next(source, None)
            if following is None:
                return []
            ahead.append(following)
        _, piece, whole = ahead[count]
        joined += b"\n" + piece
        if not whole or len(joined) > MAX_BYTES_OF_ROW:
            return []
        if not _is_open(joined, delimiter):
            return [ahead[n][1] for n in range(count + 1)]
    return []


def _is_open(row: bytes, delimiter: str) -> bool:
    """Whether a quoted cell is still open at the end of `row`."""
    if row.count(b'"') % 2 == 0:
        return False
    return _cells(_text(row), delimiter) is None


def _cells(row: str, delimiter: str, *, padded: bool = False) -> list[str] | None:
    """The cells of one row, without the blanks around them if `padded`; None where a quote is never closed."""
    try:
        cells = next(csv.reader([row], delimiter=delimiter, strict=True, skipinitialspace=padded), [])
    except csv.Error:
        return None
    return [cell.strip() for cell in cells] if padded else cells


def _first_line(head: bytes) -> str:
    return _text(head.lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r"))


def _text(row: bytes) -> str:
    """UTF-8, or the letters of Windows, in which spreadsheets of the West write CSV."""
    try:
        return row.decode()
    except UnicodeDecodeError:
        return row.decode("cp1252", "backslashreplace")
