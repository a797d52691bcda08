"""Cells of a column as numbers, whole columns at a time: what is a number, what is missing, what is neither."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.tables.table import Column

MISSING = (
    b"", b"-", b"--", b"?", b"nan", b"NaN", b"NAN", b"null", b"NULL", b"Null", b"none", b"None", b"NONE", b"N/A",
    b"n/a", b"NA", b"<NA>", b"#N/A", b"(empty)", b"\\N", b"undefined", b"*", b"nil",
)  # fmt: skip
"""Texts that stand for no number. In a column of words only the first ones of `UNKNOWN` mean: not known."""
UNKNOWN = (b"", b"nan", b"NaN", b"NAN", b"null", b"NULL", b"N/A", b"n/a", b"<NA>", b"#N/A", b"(empty)", b"\\N")
MOST_ODD = 20_000
"""More different texts that are no plain numbers are not looked at one by one: the column is text."""
_PLAIN = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_HEX = re.compile(r"-?0x[0-9a-f]{1,16}", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers."""

    values: np.ndarray
    """float64[n]; NaN where missing or odd, ±Inf as written."""
    missing: int
    odd: int
    """Cells that are neither number nor missing."""

    @property
    def share(self) -> float:
        """Share of numbers among the cells that say something."""
        said = len(self.values) - self.missing
        return (said - self.odd) / said if said else 0.0


def numbers(column: Column) -> Numbers:
    """Every cell as a number where it is one."""
    if isinstance(column, np.ndarray):
        return Numbers(column, int(np.isnan(column).sum()), 0)
    text = trimmed(column)
    try:
        filled = pc.if_else(pc.equal(pc.binary_length(text), 0), pa.scalar(None, pa.large_string()), text)
        values = _floats(filled.cast(pa.float64()))
        return Numbers(values, int(np.isnan(values).sum()), 0)
    except pa.ArrowInvalid:
        return _mixed(text)


def trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text without blanks around it, as a string column; bytes that are no UTF-8 stay as they are."""
    return pc.ascii_trim_whitespace(column.cast(pa.large_string(), safe=False))


def _mixed(text: pa.ChunkedArray) -> Numbers:
    void = pa.scalar(None, pa.large_string())
    plain = pc.match_substring_regex(text, _PLAIN)
    values = _floats(pc.if_else(plain, text, void).cast(pa.float64()))
    rest = pc.if_else(plain, void, text).combine_chunks().dictionary_encode()
    if isinstance(rest, pa.ChunkedArray):
        rest = rest.combine_chunks()
    words = rest.dictionary.cast(pa.large_binary()).to_pylist()
    if len(words) > MOST_ODD:
        missing = int(pc.sum(pc.is_in(text.cast(pa.large_binary()), value_set=_missing())).as_py() or 0)
        return Numbers(values, missing, len(values) - missing - int(np.count_nonzero(~np.isnan(values))))
    known = [number(word) for word in words]
    at = np.flatnonzero(rest.is_valid().to_numpy(zero_copy_only=False))
    codes = rest.indices.drop_null().to_numpy(zero_copy_only=False).astype(np.int64)
    if len(at):
        values[at] = np.array([math.nan if v is None else v for v in known])[codes]
    counts = np.bincount(codes, minlength=len(words)) if len(words) else np.zeros(0)
    void_words = np.array([v is not None and v != v for v in known], bool)
    odd_words = np.array([v is None for v in known], bool)
    return Numbers(values, int(counts[void_words].sum()), int(counts[odd_words].sum()))


def number(word: bytes) -> float | None:
    """A cell that is no plain number: NaN where it means missing, None where it is a word.

    >>> number(b"0x000b"), number(b"1,234.5"), number(b"12%"), number(b"-inf"), number(b"tcp")
    (11.0, 1234.5, 12.0, -inf, None)
    """
    if word in MISSING or word.lower() in (b"nan", b"null", b"none"):
        return math.nan
    text = word.decode("utf-8", "replace").removesuffix("%").strip()
    if _HEX.fullmatch(text):
        return float(int(text, 16))
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if "_" in text:  # Python reads 1_000 as a number; nobody writes so in a table
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    values: np.ndarray = column.to_numpy(zero_copy_only=False)
    return np.array(values, np.float64)


def _missing() -> pa.Array:
    return pa.array(MISSING, pa.large_binary())
