"""Rows of a sheet of a workbook (ECMA-376, SpreadsheetML) as it streams; texts of all sheets and the look of cells."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import IO
from xml.parsers import expat

_BLOCK = 65_536
MOST_COLUMNS = 1024
"""Of a row; what stands further right belongs to no table of records, and would swell it."""
_PLACE = re.compile(r"([A-Z]{1,3})\d+")
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Forms of numbers that are dates and times in every workbook, also those of East Asia."""
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
_SINCE_1900, _SINCE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - sheets know no zones
_LAST_DAY = 2_958_466.0
"""Of the year 9999."""


class WorkbookError(Exception):
    """Why a workbook cannot be read, as one sentence without its content."""


class _Pieces:
    """Hands out the elements of a part of a workbook in order."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._found: list[tuple[str, str, dict[str, str]]] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = lambda name, told: self._found.append(("start", _bare(name), told))
        self._parser.EndElementHandler = lambda name: self._found.append(("end", _bare(name), {}))
        self._parser.CharacterDataHandler = lambda text: self._found.append(("text", text, {}))
        self._parser.StartDoctypeDeclHandler = _refuse

    def __iter__(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        """(`start`, `end` or `text`; the element's name or the text; attributes)."""
        try:
            while block := self._source.read(_BLOCK):
                self._parser.Parse(block, False)
                yield from self._found
                self._found.clear()
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            raise WorkbookError("the workbook is damaged; what follows is missing") from None


def elements(source: IO[bytes], names: frozenset[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, attributes) of every element of these names. WorkbookError."""
    return ((name, told) for kind, name, told in _Pieces(source) if kind == "start" and name in names)


def shared_texts(source: IO[bytes]) -> list[str]:
    """The texts that cells refer to by number, without what is said of their pronunciation. WorkbookError."""
    texts: list[str] = []
    held: list[str] = []
    inside = aside = False
    for kind, name, _ in _Pieces(source):
        if kind == "text":
            if inside and not aside:
                held.append(name)
        elif name == "t":
            inside = kind == "start"
        elif name == "rPh":
            aside = kind == "start"
        elif name == "si" and kind == "end":
            texts.append("".join(held))
            held.clear()
    return texts


def dated_styles(source: IO[bytes]) -> frozenset[int]:
    """Numbers of the looks of cells under which a number is a date or a time. WorkbookError."""
    own: set[int] = set()
    styles: list[int] = []
    within = False
    for kind, name, told in _Pieces(source):
        if name == "cellXfs" and kind != "text":
            within = kind == "start"
        elif kind == "start" and name == "numFmt" and _DATE.search(_QUOTED.sub("", told.get("formatCode", ""))):
            own.add(_whole(told.get("numFmtId")))
        elif kind == "start" and name == "xf" and within:
            styles.append(_whole(told.get("numFmtId")))
    return frozenset(at for at, form in enumerate(styles) if form in _DATES or form in own)


def sheet_rows(source: IO[bytes], texts: list[str], dated: frozenset[int], *, from_1904: bool) -> Iterator[list[str]]:
    """The cells of every row that has any, as text: dates in ISO form, numbers as they are. WorkbookError."""
    row: list[str] = []
    cell: dict[str, str] = {}
    held: list[str] = []
    inside = False
    for kind, name, told in _Pieces(source):
        if kind == "text":
            if inside:
                held.append(name)
        elif name == "v" or name == "t":
            inside = kind == "start"
        elif name == "c" and kind == "start":
            cell, held = told, []
        elif name == "c":
            at = _column(cell.get("r", ""), len(row))
            if held and at < MOST_COLUMNS:
                row += [""] * (at + 1 - len(row))
                row[at] = _text_of("".join(held), cell, texts, dated, from_1904=from_1904)
        elif name == "row":
            if kind == "end" and any(row):
                yield row
            row = []


def _text_of(held: str, cell: dict[str, str], texts: list[str], dated: frozenset[int], *, from_1904: bool) -> str:
    sort = cell.get("t", "n")
    if sort == "s":
        at = _whole(held)
        return texts[at] if 0 <= at < len(texts) else ""
    if sort == "b":
        return "TRUE" if held == "1" else "FALSE"
    if sort == "n":
        number = _number(held)
        if number is not None and _whole(cell.get("s")) in dated:
            return _moment(number, _SINCE_1904 if from_1904 else _SINCE_1900) or held
        return str(int(number)) if number is not None and number.is_integer() else held
    return "" if sort == "e" else held


def _moment(days: float, since: datetime) -> str:
    """A day, a clock, or both; nothing for what is none."""
    if not 0 <= days < _LAST_DAY:
        return ""
    moment = since + timedelta(milliseconds=round(days * 86_400_000))
    if moment.microsecond and abs(moment.microsecond - 500_000) > 499_000:  # seconds, as near as a float comes
        moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    if days < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if moment.time() == moment.min.time() else moment.isoformat(" ")


def _column(place: str, following: int) -> int:
    """Of `BC12` 54; the next one where a cell does not say."""
    match = _PLACE.match(place)
    if match is None:
        return following
    at = 0
    for letter in match[1]:
        at = at * 26 + ord(letter) - 64
    return at - 1


def _number(text: str) -> float | None:
    with suppress(ValueError):
        number = float(text)
        return number if abs(number) < 1e17 else None
    return None


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else -1


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise WorkbookError("the workbook holds a document type, which none has")
