"""The text of a list's file, in whatever letters a spreadsheet wrote it."""

from pathlib import Path

from pipeline.errors import UsageError

_HEAD = 65_536
MOST_ROWS = 5_000_000
"""Of a list; no hospital has more devices, patients to watch or pairs of codes."""


def list_text(path: Path, what: str) -> str:
    """UTF-8, UTF-16 and Windows' letters, told by the file. UsageError, with `what` it was for: it cannot be read or
    is no text."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{what} {path} cannot be read ({error})") from error
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw[:_HEAD]:
        raise UsageError(f"{what} {path} is no text: export it as CSV")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
