"""A file of any known kind as a table, recognised by its content and not by its name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.ingest.streams import BLOCK_BYTES, STDIN, ChunkStream, display_name, head_of, open_stream
from pipeline.tables.arrays import read_npz, read_parquet
from pipeline.tables.delimited import read_delimited
from pipeline.tables.json_table import read_json
from pipeline.tables.table import Table

MOST_CONTROLS = 0.01
"""Text may hold a stray control character; a file with more of them is none."""
MOST_BINARY_BYTES = 4 * 2**30
"""NumPy archives and Parquet are read whole before they are opened."""


def read_table(path: Path, label: str, most_rows: int | None = None) -> Table:
    """The table in a file (`-`: standard input), packed or not. Raises UsageError, one line, for what is none."""
    name = display_name(path)
    if path != STDIN and path.is_dir():
        raise UsageError(f"{name} is a folder: name one file")
    problems: list[str] = []
    stream = open_stream(path, problems)
    try:
        table = _read(stream, name, label, most_rows)
    except UsageError:
        if problems:  # a cut archive looks like a table with a broken last line
            raise UsageError(f"{name}: {problems[0]}") from None
        raise
    if problems and (most_rows is None or table.rows < most_rows):
        raise UsageError(f"{name}: {problems[0]}")
    return table


def _read(stream: io.BufferedReader, name: str, label: str, most_rows: int | None) -> Table:
    head = head_of(stream)
    if not head.strip():
        raise UsageError(f"{name} is empty: nothing to read")
    if head.startswith(b"PK\x03\x04"):
        return _zipped(_whole(stream, name), name, label, most_rows)
    if head.startswith(b"PAR1"):
        return read_parquet(_whole(stream, name), name, most_rows)
    if head.startswith(b"\x93NUMPY"):
        raise UsageError(f"{name} is a single NumPy array: save X and y together with numpy.savez")
    if sum(byte < 9 for byte in head[:4096]) > MOST_CONTROLS * min(len(head), 4096):
        raise UsageError(f"{name} is binary and no kind of table known here: give CSV, TSV, JSON lines, NPZ or Parquet")
    if head.lstrip()[:1] == b"{" or head.lstrip()[:64].replace(b" ", b"").replace(b"\n", b"").startswith(b"[{"):
        return read_json(stream, name, most_rows)
    return read_delimited(stream, name, label, most_rows)


def _whole(stream: io.BufferedReader, name: str) -> io.BytesIO:
    data = stream.read(MOST_BINARY_BYTES + 1)
    if len(data) > MOST_BINARY_BYTES:
        raise UsageError(
            f"{name} is larger than {MOST_BINARY_BYTES // 2**30} GiB: give it as CSV, which is read in parts"
        )
    return io.BytesIO(data)


def _zipped(data: io.BytesIO, name: str, label: str, most_rows: int | None) -> Table:
    """A NumPy archive is a zip; another one may hold a single table."""
    try:
        with zipfile.ZipFile(data) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX")]
            if any(m.filename.endswith(".npy") for m in members):
                return read_npz(data, name, most_rows)
            if len(members) != 1:
                raise UsageError(f"{name} is an archive of {len(members)} files: unpack it and name one")
            with archive.open(members[0]) as inner:
                return _read(
                    io.BufferedReader(ChunkStream(iter(lambda: inner.read(BLOCK_BYTES), b""))), name, label, most_rows
                )
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError) as error:
        raise UsageError(f"{name} is a damaged or locked archive: {str(error)[:120]}") from None
