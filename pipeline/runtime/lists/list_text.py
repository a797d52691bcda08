"""The text of a list's file, in whatever letters a spreadsheet wrote it, or of a workbook's first table."""

from pathlib import Path
from zipfile import BadZipFile

from pipeline.errors import UsageError
from pipeline.ingest.workbooks import WorkbookError, sheets

_HEAD = 65_536
_ZIP = b"PK\x03\x04"
MOST_ROWS = 5_000_000
"""Of a list; no hospital has more devices, patients to watch or pairs of codes."""


def list_text(path: Path, what: str) -> str:
    """UTF-8, UTF-16 and Windows' letters, told by the file; of a workbook the first visible sheet with a table.
    UsageError, with `what` it was for: it cannot be read or is no text."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{what} {path} cannot be read ({error})") from error
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    if raw.startswith(_ZIP):
        return _first_table(path, what)
    if b"\0" in raw[:_HEAD]:
        raise UsageError(f"{what} {path} is no text: export it as CSV")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _first_table(path: Path, what: str) -> str:
    try:
        table = next((table.read() for _, table in sheets(path) if table is not None), None)
    except (WorkbookError, BadZipFile, KeyError) as error:
        raise UsageError(f"{what} {path} is no text: export it as CSV ({error})") from error
    if table is None:
        raise UsageError(f"{what} {path} has no visible sheet with a table")
    return table.decode()
