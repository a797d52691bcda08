"""Workbooks (XLSX, XLSM): every visible sheet that holds a table, as the table that it would be if exported.

Only cells are read: macros, formulas, links and drawings are never looked at. Rows stream; the texts that cells refer
to are held, up to `MOST_TEXT_BYTES`.
"""

import csv
import io
import posixpath
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO

from pipeline.ingest.compression import BOMB_AFTER_BYTES, BOMB_RATIO
from pipeline.ingest.sheet_rows import (
    MOST_COLUMNS,
    WorkbookError,
    dated_styles,
    elements,
    shared_texts,
    sheet_rows,
)
from pipeline.ingest.streams import ChunkStream

WORKBOOK = "xl/workbook.xml"
MOST_TEXT_BYTES = 256 * 2**20
_LOOKED_AT = 1000
"""Rows whose widest tells how wide the table is."""
_SHEET, _RELATION = frozenset(("sheet", "workbookPr")), frozenset(("Relationship",))
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TEXTS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"


def sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, IO[bytes] | None]]:
    """(name, the sheet's table as text between tabs) of every sheet, None where it is hidden or holds no table.

    WorkbookError: what is damaged or too large; the sheets before were given.
    """
    places = _places(archive)
    named, from_1904 = [], False
    for name, told in _settings(archive, WORKBOOK, _SHEET):
        if name == "sheet":
            named.append(told)
        else:
            from_1904 = told.get("date1904") in ("1", "true")
    texts = _texts(archive)
    with _opened(archive, _STYLES) as source:
        dated = dated_styles(source)
    for told in named:
        title, place = told.get("name", ""), places.get(told.get("r:id", ""), "")
        if told.get("state", "visible") != "visible" or place not in archive.NameToInfo:
            yield title, None
            continue
        with _opened(archive, place) as source:
            rows = sheet_rows(source, texts, dated, from_1904=from_1904)
            first = list(islice(rows, _LOOKED_AT))
            width = min(max(map(len, first), default=0), MOST_COLUMNS)
            if len(first) > 1 and width > 1:
                yield title, io.BufferedReader(ChunkStream(_lines(chain(first, rows), width)))
            else:
                yield title, None


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


def _places(archive: zipfile.ZipFile) -> dict[str, str]:
    """Which part each relation of the workbook leads to."""
    told = (attributes for _, attributes in _settings(archive, _RELATIONS, _RELATION))
    return {one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", "")))[1:] for one in told}


def _texts(archive: zipfile.ZipFile) -> list[str]:
    if _TEXTS in archive.NameToInfo and archive.NameToInfo[_TEXTS].file_size > MOST_TEXT_BYTES:
        raise WorkbookError(f"the workbook's texts take more than {MOST_TEXT_BYTES // 2**20} MiB: save it as CSV")
    with _opened(archive, _TEXTS) as source:
        return shared_texts(source)


def _settings(archive: zipfile.ZipFile, part: str, names: frozenset[str]) -> list[tuple[str, dict[str, str]]]:
    with _opened(archive, part) as source:
        return list(elements(source, names))


def _opened(archive: zipfile.ZipFile, part: str) -> IO[bytes]:
    """A part of the workbook, or an empty one where it has none. WorkbookError: it swells like a bomb."""
    info = archive.NameToInfo.get(part)
    if info is None:
        return io.BytesIO(b"<none/>")
    if info.file_size > BOMB_AFTER_BYTES and info.file_size > BOMB_RATIO * info.compress_size:
        raise WorkbookError(f"the workbook swells more than {BOMB_RATIO} times; the rest was not read")
    return archive.open(info)
