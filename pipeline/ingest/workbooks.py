"""Workbooks (XLSX, XLSM): every visible sheet that holds a table, as the table that it would be if exported.

openpyxl reads the cells, a row at a time; macros, formulas, links and drawings are never looked at. It holds the texts
that cells refer to, which is why they may take `MOST_TEXT_BYTES` at most.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from pipeline.ingest.compression import BOMB_AFTER_BYTES, BOMB_RATIO
from pipeline.ingest.streams import ChunkStream

WORKBOOK = "xl/workbook.xml"
MOST_TEXT_BYTES = 256 * 2**20
MOST_COLUMNS = 1024
"""What stands further right belongs to no table of records, and would swell every row."""
_TEXTS = "xl/sharedStrings.xml"
_DAMAGED = "the workbook is damaged; what follows is missing"
_FAULTS = frozenset(("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"))
"""What stands in a cell whose formula failed."""
_LOOKED_AT = 1000
"""Rows whose widest tells how wide the table is."""


class WorkbookError(Exception):
    """Why a workbook cannot be read, as one sentence without its content."""


def sheets(path: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    """(name, the sheet's table as text between tabs) of every sheet, None where it is hidden or holds no table.

    WorkbookError: what is damaged or too large; the sheets before were given.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to load, seldom needed

    with zipfile.ZipFile(path) as archive:
        _refuse_bombs(archive.infolist())
    warnings.filterwarnings("ignore", module="openpyxl")  # of looks it does not know, and of moments that are none
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception:  # the library has no error of its own for parts that are missing or not what they should be
        raise WorkbookError(_DAMAGED) from None
    with closing(book):
        for sheet in book.worksheets:
            yield sheet.title, _table(sheet) if sheet.sheet_state == "visible" else None


def _refuse_bombs(parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        if part.file_size > BOMB_AFTER_BYTES and part.file_size > BOMB_RATIO * part.compress_size:
            raise WorkbookError(f"the workbook swells more than {BOMB_RATIO} times; it was not read")
        if part.filename == _TEXTS and part.file_size > MOST_TEXT_BYTES:
            raise WorkbookError(f"the workbook's texts take more than {MOST_TEXT_BYTES // 2**20} MiB: save it as CSV")


def _table(sheet: Any) -> IO[bytes] | None:
    rows = _rows(sheet)
    first = list(islice(rows, _LOOKED_AT))
    width = max(map(len, first), default=0)
    if len(first) < 2 or width < 2:
        return None
    return io.BufferedReader(ChunkStream(_lines(chain(first, rows), width)))


def _rows(sheet: Any) -> Iterator[list[str]]:
    """The cells of every row that has any, as text, up to the last that is set."""
    sheet.reset_dimensions()  # some programs say wrongly how far a sheet goes
    rows = sheet.iter_rows(values_only=True)
    while True:
        try:
            cells = next(rows, None)
        except Exception:  # see above
            raise WorkbookError(_DAMAGED) from None
        if cells is None:
            return
        texts = [_text(cell) for cell in cells[:MOST_COLUMNS]]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield texts


def _text(cell: Any) -> str:
    """A moment in ISO form, a day alone where its clock stands at midnight, everything else as it is."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
    return "" if cell in _FAULTS else str(cell)


def _lines(rows: Iterator[list[str]], width: int) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for row in rows:
        writer.writerow(row + [""] * (width - len(row)))
        if out.tell() > io.DEFAULT_BUFFER_SIZE:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    if out.tell():
        yield out.getvalue().encode("utf-8", "replace")
