"""What stands above, between and below the rows of a table: titles, periods and filters, empty rows, rules, totals.

Reports of record systems, searches of logs and spreadsheets write them around what they export. None of it is a record.
"""

import csv
import re
from itertools import islice

DELIMITERS = ",\t;|"
_MOST_ABOVE = 40
"""Lines that may stand above the names of the columns."""
_LOOKED_AT = 20
_FEWEST_COLUMNS = 3
"""A title with a comma in it has two cells as well."""
_MOST_ODD_ROWS = 0.2
_LONGEST_NAME = 80
_SEPARATOR = re.compile(rb"sep=(?:.|\\t)\r?\n", re.IGNORECASE)
"""By which a file tells a spreadsheet its delimiter."""
_VALUE = re.compile(r"\W{0,2}\d|[{<]|.*(?:\w: |://|\":|\d:\d\d|\d{4}-\d\d)", re.DOTALL)
"""What a cell with a value looks like, a label with one behind it, or a piece of JSON, where names of columns stand."""
_RULE = re.compile(r"[-=_+*~#|. ]*")
_SUM = re.compile(
    r"\W*(?:grand |sub)?(?:totals?|count|summe|gesamt\w*|zwischensumme|anzahl\b.*|total\w*|somme|nombre\b.*|suma"
    r"|recuento|somma|soma|numero\b.*|totaal|aantal\b.*|summa|antal\b.*|yhteensa|(?:number|no)\.? of .*)\W*(?::.*)?",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE = re.compile(r"\(?\d+ [^\W\d]+|[^\W\d][\w./'-]*:?\s+\S", re.DOTALL)
"""`(12 rows affected)`, `Page 1 of 2`, `End of report`."""


def table_start(head: bytes) -> int:
    """Bytes in front of the line that names a table's columns; 0 where the first line names them, or none does.

    >>> table_start(b"User activity, November\\n\\nTime,User,Action\\n10:00,anna,view\\n10:05,anna,print\\n")
    25
    """
    told = _SEPARATOR.match(head)
    start = told.end() if told else 0
    lines = head[start:].split(b"\n", _MOST_ABOVE + _LOOKED_AT)[: _MOST_ABOVE + _LOOKED_AT]
    at, texts = start, [line.decode("utf-8", "backslashreplace") for line in lines]
    for number, text in enumerate(texts[:_MOST_ABOVE]):
        if any(_is_header(texts[number:], delimiter) for delimiter in DELIMITERS if delimiter in text):
            return at if number else start
        at += len(lines[number]) + 1
    return start


def is_aside(cells: list[str], width: int) -> bool:
    """Whether these cells, where a table has rows of `width`, are no row: empty, a rule, a sum, a sentence alone.

    >>> is_aside(["Summe", "", "", "12"], 4), is_aside(["End of report"], 4), is_aside(["anna", "view"], 4)
    (True, True, False)
    """
    filled = [text for cell in cells if (text := cell.strip())]
    if all(map(_RULE.fullmatch, filled)):
        return True
    if width < _FEWEST_COLUMNS or 2 * len(filled) > max(width, 4):
        return False
    return bool(_SUM.fullmatch(filled[0])) or (len(filled) == 1 and _SENTENCE.match(filled[0]) is not None)


def _is_header(texts: list[str], delimiter: str) -> bool:
    """Whether the first of these lines names the columns of those below it."""
    try:
        rows = list(islice(csv.reader(texts, delimiter=delimiter), _LOOKED_AT))
    except csv.Error:
        return False
    names, width = [cell.strip() for cell in rows[0]], len(rows[0])
    inner = names[1:] if names and not names[0] else names  # spreadsheets leave the column of numbers without a name
    inner = inner[:-1] if inner and not inner[-1] else inner
    if len(inner) < _FEWEST_COLUMNS or len(set(inner)) < len(inner) or not all(map(_is_name, inner)):
        return False
    below = [row for row in rows[1:] if not is_aside(row, width)]
    wider = bool(below) and all(len(row) == width + 1 for row in below)  # the Event Viewer names no column of texts
    same = [row for row in below if wider or len(row) == width or (len(row) == width + 1 and not row[-1].strip())]
    odd = len(below) - len(same)
    if len(same) <= odd or odd > max(1, _MOST_ODD_ROWS * len(below)):
        return False
    first = [cell.strip() for cell in same[0]]
    return not any(name == cell and name for name, cell in zip(names, first, strict=False))


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_NAME and not _VALUE.match(text) and not _RULE.fullmatch(text.replace("#", "n"))
