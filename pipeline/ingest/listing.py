"""Which files of a folder are read: all of them, except what is plainly not a record of anything."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.ingest.streams import STDIN, display_name

NOT_DATA = (
    ".*", "*~", "*.md", "*.rst", "*.pdf", "*.html", "*.htm", "*.fsh", "*.yaml", "*.yml", "*.toml", "*.py",
    "*.npz", "*.npy", "*.parquet", "*.png", "*.jpg", "readme*", "license*", "copying*", "notice", "notice.txt",
    "changelog*", "contributing*", "index.tsv", "sha256sums*", "md5sums*", "*.sha256", "*.md5", "*.tmp", "*.swp",
)  # fmt: skip
"""Names (lower case) that are passed over in folders: notes about data, settings, checksums, arrays and hidden
files. They would otherwise be mined as log lines. A file that is named itself is always read."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands behind the paths a user named."""

    files: tuple[Path, ...]
    """To be read, sorted by path, each once."""
    named: frozenset[Path]
    """Those that the user named themselves."""
    skipped: tuple[tuple[Path, str], ...]
    """(path, why) of what was passed over in folders."""
    problems: tuple[tuple[Path, str], ...] = ()
    """(archive, why) of what could not be unpacked."""


def list_files(paths: Iterable[Path]) -> Listing:
    """Walks the folders among `paths`, sorted, following links to files but not to folders.

    UsageError: a path that does not exist or may not be read.
    """
    files: dict[Path, None] = {}
    named: set[Path] = set()
    skipped: list[tuple[Path, str]] = []
    for path in paths:
        if path == STDIN:
            files[path] = None
            continue
        if not os.access(path, os.R_OK):
            why = "permission denied" if os.access(path, os.F_OK) else "there is no such file or folder"
            raise UsageError(f"cannot read {display_name(path)}: {why}; check the path and its permissions")
        if path.is_dir():
            files.update(dict.fromkeys(files_in(path, skipped)))
        else:
            files[path] = None
            named.add(path)
    return Listing(tuple(sorted(files)), frozenset(named), tuple(sorted(skipped)))


def files_in(folder: Path, skipped: list[tuple[Path, str]]) -> Iterable[Path]:
    """The files of a folder that may hold records; adds the others to `skipped`."""
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        skipped.extend((here / name, "hidden folder") for name in folders if name.startswith("."))
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = here / name
            why = _why_not(path)
            if why:
                skipped.append((path, why))
            else:
                yield path


def _why_not(path: Path) -> str | None:
    lower = path.name.lower()
    if any(fnmatch(lower, pattern) for pattern in NOT_DATA):
        return "not a record of events by its name"
    try:
        mode = path.stat().st_mode
    except OSError:
        return "cannot be opened"
    return None if stat.S_ISREG(mode) else "not a regular file"
