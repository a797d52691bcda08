"""A labelled file made ready: features, labels and times in the order of the stream, and all that was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UsageError
from pipeline.evaluation.leaks import Suspect, second_labels, suspects
from pipeline.tables.frame import Frame
from pipeline.tables.labels import Labels, read_labels
from pipeline.tables.read import read_table
from pipeline.tables.recognise import recognise
from pipeline.tables.table import Table
from pipeline.tables.times import as_times

NO_FIELD = "events have no such field: --map COL=FIELD names one"


@dataclass(frozen=True)
class Wish:
    """What the user says about a file."""

    path: Path
    label: str
    benign: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    time: str | None = None
    rows: int | None = None
    only: Mapping[str, str] | None = None
    """Column → event field: nothing else is used."""


@dataclass(frozen=True)
class Dataset:
    """Rows in the order of the stream."""

    frame: Frame
    labels: Labels
    seconds: np.ndarray | None
    """Event time, float64[n], ascending with unknown ones last; None without a time column."""
    order: np.ndarray
    """int64[n]: the row of the file (from 0, broken and empty lines not counted)."""
    form: str
    time_form: str
    notes: tuple[str, ...]
    suspects: tuple[Suspect, ...]
    columns: tuple[str, ...]
    """Of the file."""


def load_dataset(wish: Wish) -> Dataset:
    """Read, order and recognise. Raises UsageError, one line, for anything that cannot be evaluated."""
    table = read_table(wish.path, wish.label, wish.rows)
    label = table.find(wish.label, "--label")
    table = _without_void_rows(table, label)
    order, seconds, time_form = np.arange(table.rows), None, ""
    time = table.find(wish.time, "--time") if wish.time else None
    if time == label:
        raise UsageError("--time and --label name the same column")
    if time is not None:
        seconds, time_form = _seconds(table, time)
        order = np.argsort(np.where(np.isnan(seconds), np.inf, seconds), kind="stable")
        if (np.diff(order) != 1).any():
            table = table.take(order)
        seconds = seconds[order]
    labels = read_labels(table, label, wish.benign)
    without = {label: "it is the label"} | ({time: "it is the time of the rows"} if time is not None else {})
    without |= {table.find(name, "--drop"): "asked for (--drop)" for name in wish.drop}
    keep = {table.find(name, "--keep") for name in wish.keep}
    if keep & set(without):
        raise UsageError(f"--keep {min(keep & set(without))}: it is the label, the time or in --drop")
    without |= {n: why for n, why in second_labels(table, labels, set(without)).items() if n not in keep}
    if wish.only is not None:
        without |= {n: NO_FIELD for n in table.names if n not in wish.only and n not in without}
    columns = tuple(table.names)
    frame = recognise(table, without, keep)
    notes = list(table.notes)
    if not labels.known.all():
        notes.append(f"{int((~labels.known).sum()):,} rows have no label: they are scored and learned but not counted")
    if seconds is not None and np.isnan(seconds).any():
        notes.append(f"{int(np.isnan(seconds).sum()):,} rows have no time: they come last")
    found = tuple(suspects(frame, labels))
    return Dataset(frame, labels, seconds, order, table.form, time_form, tuple(notes), found, columns)


def _seconds(table: Table, time: str) -> tuple[np.ndarray, str]:
    times = as_times(table[time])
    if times is None:
        raise UsageError(f"--time: column {time} holds no times; known are epoch numbers, ISO 8601 and the usual dates")
    return times.seconds, times.form


def _without_void_rows(table: Table, label: str) -> Table:
    """Rows with no cell filled, and headers repeated inside the file, are no rows."""
    column = table[label]
    if isinstance(column, np.ndarray):
        return table
    text = pc.ascii_trim_whitespace(column.cast(pa.large_string(), safe=False))
    repeated = _flags(pc.equal(text, label)) if table.header else np.zeros(table.rows, bool)
    void = _flags(pc.equal(pc.binary_length(text), 0))
    for name in table.names:
        if not void.any():
            break
        cells = table[name]
        blank = np.isnan(cells) if isinstance(cells, np.ndarray) else _flags(pc.equal(pc.binary_length(cells), 0))
        void &= blank
    gone = repeated | void
    if not gone.any():
        return table
    if gone.all():
        raise UsageError(f"column {label} is empty in every row")
    return table.take(
        ~gone, f"left out: {int(void.sum()):,} empty lines, {int(repeated.sum()):,} repeats of the header"
    )


def _flags(column: pa.ChunkedArray) -> np.ndarray:
    return np.array(pc.fill_null(column, False).to_numpy(zero_copy_only=False), bool)
