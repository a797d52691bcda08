"""Tables that are not text: NumPy archives (`X`, `y`, or a column an array) and Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from pipeline.errors import UsageError
from pipeline.tables.table import MOST_CELLS, Column, Table, binary


def read_npz(data: io.BytesIO, name: str, most_rows: int | None) -> Table:
    """Every array of the archive with the same number of rows: a matrix `X` gives columns x1, x2 …"""
    columns: dict[str, Column] = {}
    try:
        with np.load(data, allow_pickle=False) as archive:
            arrays = {key: _array(archive, key, name) for key in archive.files}
    except UsageError:
        raise
    except Exception as error:  # NumPy passes on whatever its zip, decompressor, header and memory raise
        raise UsageError(f"{name} is no readable NumPy archive: {str(error)[:120]}") from None
    rows = max((len(a) for a in arrays.values() if a.ndim), default=0)
    notes = []
    for key, array in arrays.items():
        if array.ndim == 0 or len(array) != rows:
            notes.append(f"{key} is left out: it has not one entry a row")
            continue
        flat = array.reshape(rows, -1)[:most_rows]
        if flat.size > MOST_CELLS:
            raise UsageError(f"{name} has more than {MOST_CELLS // 10**6} million cells, too many to hold: use --rows")
        one = array.ndim == 1 or (flat.shape[1] == 1 and key.lower() != "x")
        for j in range(flat.shape[1]):
            columns[key if one else f"{key.lower()}{j + 1}"] = _column(flat[:, j])
    if not rows or not columns:
        raise UsageError(f"{name} holds no arrays with rows: nothing to learn from")
    return Table("NumPy archive", columns, min(rows, most_rows or rows), tuple(notes))


def read_parquet(data: io.BytesIO, name: str, most_rows: int | None) -> Table:
    """Plain columns; lists and structs as text."""
    try:
        table = parquet.read_table(data)
        names = table.column_names
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is no readable Parquet file: {str(error).splitlines()[0][:120]}") from None
    if table.num_rows * table.num_columns > MOST_CELLS and most_rows is None:
        raise UsageError(f"{name} has more than {MOST_CELLS // 10**6} million cells, too many to hold: use --rows")
    table = table.slice(0, most_rows) if most_rows else table
    if not table.num_rows:
        raise UsageError(f"{name} has no rows: nothing to learn from")
    columns: dict[str, Column] = {}
    for key, column in zip(names, table.columns, strict=True):
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            columns[key] = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64)
        else:
            columns[key] = pa.chunked_array([binary([_bytes(v) for v in _values(column, key, name)])])
    return Table("Parquet", columns, table.num_rows)


def _values(column: pa.ChunkedArray, key: str, name: str) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{name}: column {key[:60]!r} holds what cannot be shown ({str(error)[:80]})") from None
    return values


def _array(archive: Mapping[str, Any], key: str, name: str) -> np.ndarray:
    try:
        array: np.ndarray = archive[key]
    except ValueError:
        raise UsageError(
            f"{name}: array {key!r} holds Python objects, which only trusted files may; save it as numbers or text"
        ) from None
    return array


def _column(values: np.ndarray) -> Column:
    if values.dtype.kind in "biuf":
        return values.astype(np.float64)
    return pa.chunked_array([binary([_bytes(v) for v in values.tolist()])])


def _bytes(value: object) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
