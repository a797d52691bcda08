"""Archives of several files (zip, tar, packed tars) and workbooks: read as the folder of files or tables that they are,
from a copy that is removed."""

import lzma
import shutil
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from pipeline.errors import UsageError
from pipeline.ingest.compression import BOMB_AFTER_BYTES, BOMB_RATIO, is_packed
from pipeline.ingest.listing import Listing, files_in
from pipeline.ingest.streams import SHOWN_AS, STDIN, display_name, open_stream
from pipeline.ingest.workbooks import WORKBOOK, WorkbookError, sheets

MOST_MEMBERS = 100_000
DEEPEST = 3
"""An archive may lie in one that lies in one."""
SPARE_BYTES = 2**30
"""What unpacking leaves free on the disk."""
_STEP = 2**20
_LONGEST_NAME = 200
"""Bytes; disks take 255."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""A first member, or none at all."""
_TAR_AT, _TAR = 257, b"ustar"
_NO_TABLE = "a sheet that is hidden or holds no table"
_DOCUMENTS = frozenset(("[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype", "AndroidManifest.xml"))
"""A member of office documents, programs and books, which are zips and no folders of records."""
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError,
            ValueError)  # fmt: skip
"""What the readers of archives raise where bytes are not as they should be, beside OSError."""


class _UnpackingError(Exception):
    """Why the rest of an archive was not unpacked, as one sentence."""


@contextmanager
def unpacked(listing: Listing) -> Iterator[Listing]:
    """The listing with the members of every archive in its place, until the end of the `with`.

    Names of members never lead out of the folder, links and devices are passed over. What is damaged, locked or
    swells like a bomb, or would fill the disk, gives a sentence in `problems`; what came before it is read.
    """
    if not any(map(_kind, listing.files)):
        yield listing
        return
    with tempfile.TemporaryDirectory(prefix="wardwatch-") as root:
        unpacking = _Unpacking(Path(root))
        try:
            files = [member for path in listing.files for member in unpacking.files_of(path, DEEPEST)]
            yield replace(
                listing,
                files=tuple(files),
                skipped=(*listing.skipped, *unpacking.skipped),
                problems=tuple(unpacking.problems),
            )
        finally:
            for folder in unpacking.folders:
                SHOWN_AS.pop(folder, None)


class _Unpacking:
    """One call of `unpacked`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folders: list[str] = []
        self.skipped: list[tuple[Path, str]] = []
        self.problems: list[tuple[Path, str]] = []

    def files_of(self, path: Path, depth: int) -> Iterator[Path]:
        """The file itself, or what is in it."""
        kind = _kind(path) if depth else ""
        if not kind:
            yield path
            return
        folder = self._root / str(len(self.folders))
        folder.mkdir()
        SHOWN_AS[str(folder)] = display_name(path)
        self.folders.append(str(folder))
        budget = _Budget(path.stat().st_size, folder)
        try:
            if kind == "workbook":
                self.skipped += [(folder / title, _NO_TABLE) for title in _save_sheets(path, budget)]
            else:
                (_unzip if kind == "zip" else _untar)(path, budget)
        except (_UnpackingError, WorkbookError) as error:
            self.problems.append((path, str(error)))
        except _DAMAGED:
            self.problems.append(
                (path, "the archive is damaged or of a kind that cannot be unpacked; what follows is missing")
            )
        except OSError as error:
            self.problems.append((path, f"unpacking stopped: {error.strerror or 'input/output error'}"))
        if not any(path in told for told in self.problems) and not any(folder.iterdir()):
            what = "the workbook holds no table" if kind == "workbook" else "the archive holds no file"
            self.problems.append((path, what))
        for member in sorted(files_in(folder, self.skipped)):
            yield from self.files_of(member, depth - 1)


def _kind(path: Path) -> str:
    """`zip`, `workbook`, `tar`, or nothing for any other file."""
    if path == STDIN or not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            head = file.read(_TAR_AT + len(_TAR))
        if is_packed(head):
            with open_stream(path, []) as stream:
                head = stream.read(_TAR_AT + len(_TAR))
    except (OSError, UsageError):
        return ""  # whoever reads it says why it cannot be
    if head.startswith(_ZIP):
        return _kind_of_zip(path)
    return "tar" if head[_TAR_AT:] == _TAR else ""


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.NameToInfo
            return "workbook" if WORKBOOK in members else "" if not _DOCUMENTS.isdisjoint(members) else "zip"
    except (*_DAMAGED, OSError):
        return "zip"  # whoever unpacks it says so


class _Budget:
    """Where members go, and how much they may take."""

    def __init__(self, size: int, folder: Path) -> None:
        self._size, self._folder = size, folder
        self._members = self._written = 0

    def write(self, name: str, source: IO[bytes]) -> None:
        """Copies a member under its name. _UnpackingError when it is too much."""
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise _UnpackingError(f"the archive has more than {MOST_MEMBERS:,} files; the rest was not read")
        target = self._target(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            while block := source.read(_STEP):
                self._written += len(block)
                if self._written > BOMB_AFTER_BYTES and self._written > BOMB_RATIO * self._size:
                    raise _UnpackingError(f"the archive swells more than {BOMB_RATIO} times; the rest was not read")
                if shutil.disk_usage(self._folder).free < SPARE_BYTES:
                    raise _UnpackingError(f"no room on the disk of {tempfile.gettempdir()} to unpack the rest")
                out.write(block)

    def _target(self, name: str) -> Path:
        plain = name.replace("\\", "/").replace("\0", "").encode("utf-8", "ignore")
        parts = [part[-_LONGEST_NAME:].decode("utf-8", "ignore") for part in plain.split(b"/")]
        inside = self._folder.joinpath(*(part for part in parts if part not in ("", "..", ".")))
        taken = inside == self._folder or inside.exists() or any(p.is_file() for p in inside.parents)
        return self._folder / f"{self._members}~{inside.name}" if taken else inside


def _unzip(path: Path, budget: _Budget) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.flag_bits & 1:
                raise _UnpackingError("the archive is locked with a password: unpack it first")
            if not member.is_dir():
                with archive.open(member) as source:
                    budget.write(member.filename, source)


def _save_sheets(path: Path, budget: _Budget) -> list[str]:
    """Names of the sheets that hold no table, after the others were saved."""
    without: list[str] = []
    for title, table in sheets(path):
        if table is None:
            without.append(title)
        else:
            budget.write(f"{title.replace('/', '_')}.csv", table)
    return without


def _untar(path: Path, budget: _Budget) -> None:
    problems: list[str] = []
    with open_stream(path, problems) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.isfile() else None
            if source is not None:
                budget.write(member.name, source)
    if problems:
        raise _UnpackingError(problems[0])
