"""A whole table in memory, column by column, before anything is known of what the columns mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from pipeline.errors import UsageError

Column: TypeAlias = "pa.ChunkedArray | np.ndarray"
MOST_CELLS = 250_000_000
"""A cell takes 8 bytes as a number or code and about as much as text while it is read: 4 GB at most."""
MOST_TEXT_BYTES = 6 * 2**30
_SHOWN = 12


@dataclass(frozen=True)
class Table:
    """`columns`: text as Arrow binary (as written, empty where missing) or numbers as float64[rows]."""

    form: str
    """What it was read as: CSV, Zeek log, JSON lines, NPZ …"""
    columns: dict[str, Column]
    rows: int
    notes: tuple[str, ...] = ()
    """What the reader should know: lines left out, a header that was none."""
    header: bool = True
    """False where the names are made up."""

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    @property
    def names(self) -> list[str]:
        """In the order of the file."""
        return list(self.columns)

    def find(self, wanted: str, option: str) -> str:
        """The name of a column as the file has it; case and blanks may differ, a number counts from 1 where the file
        has no header. Raises UsageError that suggests near names."""
        if wanted in self.columns:
            return wanted
        plain = {_plain(name): name for name in reversed(self.names)}
        if _plain(wanted) in plain:
            return plain[_plain(wanted)]
        if not self.header and wanted.lstrip("-").isdigit() and 0 < abs(int(wanted)) <= len(self.names):
            number = int(wanted)
            return self.names[number - 1 if number > 0 else number]
        near = difflib.get_close_matches(_plain(wanted), list(plain), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(plain[n] for n in near)}?" if near else f"there are {self.listed()}"
        raise UsageError(f"{option}: no column is called {wanted[:64]!r}; {hint}")

    def listed(self) -> str:
        """Names for a message, cut where there are many."""
        names = self.names
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return ", ".join(n[:40] for n in names[:_SHOWN]) + more

    def release(self, name: str) -> None:
        """Forget a column's cells: a table and its features would not fit into memory together."""
        del self.columns[name]

    def take(self, rows: np.ndarray, note: str = "") -> Table:
        """Only these rows: bool[rows], or int64 positions in the wanted order."""
        at = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        picked = {
            name: c[at] if isinstance(c, np.ndarray) else c.take(pa.array(at)) for name, c in self.columns.items()
        }
        return Table(self.form, picked, len(at), (*self.notes, note) if note else self.notes, self.header)


@dataclass
class TableBuilder:
    """Collects blocks of rows of text and refuses what would not fit into memory."""

    name: str
    form: str
    header: bool = True
    notes: list[str] = field(default_factory=list)
    most_rows: int | None = None
    rows: int = 0
    _bytes: int = 0
    _parts: dict[str, list[pa.Array]] = field(default_factory=dict)

    def add(self, block: Mapping[str, pa.Array]) -> bool:
        """Add rows; False when no more are wanted. Names that earlier blocks lacked were missing there."""
        size = len(next(iter(block.values()), ()))
        if self.most_rows is not None and self.rows + size >= self.most_rows:
            size = self.most_rows - self.rows
            block = {name: array.slice(0, size) for name, array in block.items()}
        for name, array in block.items():
            if name not in self._parts:
                self._parts[name] = [_empty(self.rows)] if self.rows else []
            self._parts[name].append(array)
            self._bytes += array.nbytes
        for name in self._parts.keys() - block.keys():
            self._parts[name].append(_empty(size))
        self.rows += size
        if self.rows * len(self._parts) > MOST_CELLS or self._bytes > MOST_TEXT_BYTES:
            raise UsageError(
                f"{self.name} has more than {MOST_CELLS // 10**6} million cells or {MOST_TEXT_BYTES // 2**30} GiB of"
                f" text, too many to hold: --rows {self.rows // 2} reads only so many of its first rows"
            )
        return self.most_rows is None or self.rows < self.most_rows

    def table(self) -> Table:
        """What was collected. Raises UsageError for a table without rows."""
        if not self.rows:
            raise UsageError(f"{self.name} has no rows: nothing to learn from")
        columns: dict[str, Column] = {name: pa.chunked_array(parts) for name, parts in self._parts.items()}
        return Table(self.form, columns, self.rows, tuple(self.notes), self.header)


def unique_names(names: Iterable[str]) -> list[str]:
    """Column names, trimmed, none empty and none twice (`Fwd Header Length`, `Fwd Header Length.1`)."""
    out: list[str] = []
    seen: set[str] = set()
    for at, given in enumerate(names):
        base = given.strip().strip("\ufeff").strip('"') or f"unnamed {at + 1}"
        name, again = base, 0
        while name in seen:
            again += 1
            name = f"{base}.{again}"
        seen.add(name)
        out.append(name)
    return out


def binary(values: list[Any]) -> pa.Array:
    """Texts as a column."""
    return pa.array(values, pa.large_binary())


def _empty(n: int) -> pa.Array:
    return pa.array([b""] * n, pa.large_binary())


def _plain(name: str) -> str:
    return "".join(name.split()).lower().replace("-", "_")
