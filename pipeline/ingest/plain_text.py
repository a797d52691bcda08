"""What plain text is not: tables, markup, health messages and bytes, which must never be mined as log lines."""

import csv
import re

from pipeline.ingest.accesses.refusals import what_it_is
from pipeline.ingest.table_edges import DELIMITERS, table_start
from pipeline.ingest.tables import delimiter_of, header_of

_MARKUP = re.compile(rb"\s*<(?![A-Z]>\d{4}-)(?:\?xml|!DOCTYPE|!--|[A-Za-z][\w:.-]*[\s>/])")
"""`<W>2024-01-18 …` is a level before a time, as some servers write it."""
_JSON = re.compile(rb"\s*(?:\{|\[\s*[{\[\"])")
_OBJECT = re.compile(rb"\{\s*(?:[\"'}]|$)")
"""How a line of an object begins; ids of Windows stand in braces, too."""
_HL7 = re.compile(rb"(?:^|[\r\n\x0b])(?:MSH|FHS|BHS)[|^~\\&]")
_X12 = re.compile(rb"(?:^|[~\r\n])[ \t]*+(?:ISA|GS|ST|BHT|CLM|NM1|HL|SVC|CLP)[*|^]")
_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{1,2}[*|]")
_FHIR = re.compile(rb'"resourceType"\s*:')
_DATED = re.compile(
    r"(?:<\d{1,3}>)?(?:\d )?(?:[A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\d)[ T]\d\d:\d\d:\d\d\S* \S+ "
    r"|(?:CEF|LEEF): ?\d|\d?,\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,\w{0,32},[A-Z_]{3,24},"
)
"""How a line begins that means by itself what it means, whatever follows: syslog, CEF, LEEF, or PAN-OS' logs, which no
header explains and whose kind of line says what its cells are."""
_NAME = re.compile(r"(?!\d)\w[\w .#%()/-]{0,63}$")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What Office's files began with before they were zips; those with a password, and Outlook's, still do."""
_NOT_READ = "not a format wardwatch reads"
_TABLE_LINES = 20
_MANY_CELLS = 8
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROL = 0.02
_MOST_ODD_LINES = 0.3


def is_log_text(head: bytes) -> bool:
    """Whether the head of a file may be read as lines of text."""
    return bool(head.strip()) and not (is_binary(head) or is_health(head) or is_json(head) or is_table(head))


def why_not_read(head: bytes) -> str:
    """The reason that a file which no format recognises is told, with what to do about it."""
    if is_health(head):
        return f"{_NOT_READ}: health data or markup of another form; convert it to FHIR, ATNA or X12 first"
    if head.startswith(_OLD_OFFICE):
        return f"{_NOT_READ}: an old or locked workbook (save it as .xlsx without password) or a mail as .msg (as .eml)"
    if is_binary(head):
        return f"{_NOT_READ}: binary; unpack or convert it first"
    if is_json(head):
        return f"{_NOT_READ}: JSON of its own; describe it in a mapping file (--mapping)"
    below = head[table_start(head) :]
    known = what_it_is(header_of(below, delimiter_of(below)))
    if known is not None:
        return f"{_NOT_READ}: {known}"
    if is_table(head):
        return (
            f"{_NOT_READ}: a table whose columns do not say when something was, and between whom or who opened whose"
            " chart; name them in a mapping file (--mapping), or judge its rows without times by"
            " `wardwatch evaluate FILE --label COLUMN`"
        )
    return f"{_NOT_READ}: text in which no time is found, so its lines have no place in event time"


def is_binary(head: bytes) -> bool:
    """More control characters than text has, and not in a few lines only; or hardly any UTF-8 or Latin text."""
    if len(_CONTROL.findall(head)) > _MOST_CONTROL * len(head):
        lines = head.split(b"\n")
        if sum(_CONTROL.search(line) is not None for line in lines) > _MOST_ODD_LINES * len(lines):
            return True
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError:
        high = sum(byte >= 0x80 for byte in head)
        return high > 0.3 * len(head)
    return False


def is_json(head: bytes) -> bool:
    """Objects or an array of them: JSON that no format knows may be anybody's data."""
    lines = [line.lstrip() for line in head.splitlines()[:_TABLE_LINES] if line.strip()]
    opened = sum(_OBJECT.match(line) is not None for line in lines)
    return 2 * opened > len(lines) or _JSON.match(head) is not None


def is_health(head: bytes) -> bool:
    """XML and HTML, HL7 version 2, X12, FHIR: personal data with a form of its own."""
    if _MARKUP.match(head) or _HL7.search(head) or _FHIR.search(head):
        return True
    segments = [piece for piece in re.split(rb"[~\r\n]+", head[:16_384]) if piece.strip()]
    shaped = sum(_SEGMENT.match(piece.strip()) is not None for piece in segments)
    return len(segments) > 2 and shaped * 2 > len(segments) and _X12.search(head) is not None


def is_table(head: bytes) -> bool:
    """A header of column names over rows with as many cells, also below a title, or rows of many cells without one."""
    if table_start(head):
        return True
    lines = [line.rstrip(b"\r") for line in head.split(b"\n")]
    if len(head) >= 65_536 or len(lines) > _TABLE_LINES:
        lines = lines[:-1][:_TABLE_LINES]
    rows = [line.decode("utf-8", "backslashreplace") for line in lines if line.strip()]
    return any(_is_table(rows, delimiter) for delimiter in DELIMITERS) if len(rows) > 1 else False


def _is_table(rows: list[str], delimiter: str) -> bool:
    if delimiter not in rows[0]:
        return False
    try:
        cells = list(csv.reader(rows, delimiter=delimiter))
    except csv.Error:
        return False
    header, width = [cell.strip() for cell in cells[0]], len(cells[0])
    same = sum(len(row) == width for row in cells)
    named = len(set(header)) == width and all(_NAME.match(cell) for cell in header)
    if named and same * 10 >= len(cells) * 8:
        return True
    return width >= _MANY_CELLS and same == len(cells) and not all(_DATED.match(row) for row in rows)
