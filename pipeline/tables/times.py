"""A column as event times: epochs in any unit, ISO 8601, and the date forms that data sets come with."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.ingest.times import MS_FROM, NS_FROM, US_FROM
from pipeline.tables.cells import numbers, trimmed
from pipeline.tables.table import Column

DAY_FIRST, MONTH_FIRST = "day first", "month first"
FORMS = (
    ("%Y-%m-%d %H:%M:%S", ""), ("%Y/%m/%d %H:%M:%S", ""), ("%Y-%m-%d", ""), ("%Y/%m/%d", ""), ("%Y%m%d%H%M%S", ""),
    ("%d/%m/%Y %H:%M:%S", DAY_FIRST), ("%m/%d/%Y %H:%M:%S", MONTH_FIRST),
    ("%d/%m/%Y %H:%M", DAY_FIRST), ("%m/%d/%Y %H:%M", MONTH_FIRST),
    ("%d/%m/%Y %I:%M:%S %p", DAY_FIRST), ("%m/%d/%Y %I:%M:%S %p", MONTH_FIRST),
    ("%d-%m-%Y %H:%M:%S", DAY_FIRST), ("%m-%d-%Y %H:%M:%S", MONTH_FIRST), ("%d.%m.%Y %H:%M:%S", ""),
    ("%d-%m-%Y %H:%M", DAY_FIRST), ("%d.%m.%Y %H:%M", ""), ("%d/%m/%Y", DAY_FIRST), ("%m/%d/%Y", MONTH_FIRST),
    ("%d.%m.%Y", ""), ("%d/%m/%y %H:%M:%S", DAY_FIRST), ("%m/%d/%y %H:%M:%S", MONTH_FIRST),
    ("%d/%m/%y %H:%M", DAY_FIRST), ("%m/%d/%y %H:%M", MONTH_FIRST),
    ("%d/%b/%Y:%H:%M:%S", ""), ("%d/%b/%Y %H:%M:%S", ""), ("%b %d, %Y %H:%M:%S", ""),
    ("%b %d %Y %H:%M:%S", ""), ("%a %b %d %H:%M:%S %Y", ""), ("%Y-%m-%d %H:%M", ""), ("%Y/%m/%d %H:%M", ""),
)  # fmt: skip
"""strptime forms, and whether they are one reading of an ambiguous date."""
ENOUGH = 0.9
"""So many of the cells must be times, or the column holds none."""
_FIRST_EPOCH, _LAST_EPOCH = 1e8, 4.2e9
"""1973 to 2103: numbers between are taken for seconds since 1970 where the column's name speaks of time."""
_FRACTION = r"([0-9]{2}:[0-9]{2}:[0-9]{2})[.,]([0-9]{1,9})"


@dataclass(frozen=True)
class Times:
    """Seconds since 1970 (UTC where no zone is given), float64[n], NaN where unknown, and how they were read."""

    seconds: np.ndarray
    form: str


def as_times(column: Column) -> Times | None:
    """The column as times; None where it does not hold any. Plain numbers are seconds of some clock."""
    read = numbers(column)
    if read.share >= ENOUGH:
        return _epochs(read.values)
    if isinstance(column, np.ndarray):
        return None
    return _texts(trimmed(column))


def is_epoch(values: np.ndarray) -> bool:
    """Whether numbers can be moments: seconds, milli-, micro- or nanoseconds between 1973 and 2103."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return False
    scaled = finite / _unit(finite)[0]
    return bool(((scaled > _FIRST_EPOCH) & (scaled < _LAST_EPOCH)).mean() >= ENOUGH)


def _unit(finite: np.ndarray) -> tuple[float, str]:
    size = float(np.median(np.abs(finite)))
    for start, divisor, name in ((NS_FROM, 1e9, "nano"), (US_FROM, 1e6, "micro"), (MS_FROM, 1e3, "milli")):
        if size >= start:
            return divisor, f"epoch {name}seconds"
    return 1.0, "epoch seconds" if size > _FIRST_EPOCH else "seconds of some clock"


def _epochs(values: np.ndarray) -> Times | None:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    divisor, name = _unit(finite)
    return Times(np.where(np.isfinite(values), values / divisor, np.nan), name)


def _texts(text: pa.ChunkedArray) -> Times | None:
    n = len(text)
    blank = pc.equal(pc.binary_length(text), 0)
    said = n - int(pc.sum(blank).as_py() or 0)
    if not said:
        return None
    void = pa.scalar(None, pa.large_string())
    text = pc.if_else(blank, void, text)
    fraction = pc.extract_regex(text, r"[0-9]{2}:[0-9]{2}:[0-9]{2}[.,](?P<f>[0-9]{1,9})")
    extra = _extra(pc.struct_field(fraction, "f"))
    bare = pc.replace_substring_regex(text, _FRACTION, r"\1")
    zone = pc.extract_regex(bare, r"(?P<z>[+-][0-9]{2}:?[0-9]{2})$")
    shift = _shift(pc.struct_field(zone, "z"))
    bare = pc.replace_substring_regex(bare, r"( ?[+-][0-9]{2}:?[0-9]{2}| ?Z| ?UTC| ?GMT)$", "")
    bare = pc.replace_substring_regex(bare, r"^([0-9]{4}[-/][0-9]{2}[-/][0-9]{2})T", r"\1 ")
    found: list[tuple[int, np.ndarray, str, str]] = []
    for form, reading in FORMS:
        moments = pc.strptime(bare, format=form, unit="s", error_is_null=True)
        valid = n - moments.null_count
        if valid >= ENOUGH * said:
            seconds = np.array(moments.cast(pa.int64()).to_numpy(zero_copy_only=False), np.float64)
            found.append((valid, seconds + extra - shift, form, reading))
    if not found:
        return None
    _, seconds, form, reading = max(found, key=lambda f: (f[0], -_span(f[1])))
    other = len({f[3] for f in found if f[0] == max(f[0] for f in found)} - {""}) > 1
    return Times(seconds, f"{form} ({reading}, which gives the shorter span)" if other else form)


def _span(seconds: np.ndarray) -> float:
    known = seconds[np.isfinite(seconds)]
    return float(known.max() - known.min()) if len(known) else np.inf


def _extra(digits: pa.ChunkedArray) -> np.ndarray:
    """Fractions of a second from their digits."""
    padded = pc.utf8_rpad(pc.fill_null(digits, "0"), width=9, padding="0")
    return np.array(padded.cast(pa.int64()).to_numpy(zero_copy_only=False), np.float64) / 1e9


def _shift(zones: pa.ChunkedArray) -> np.ndarray:
    """Seconds east of UTC from texts such as +0200."""
    encoded = pc.fill_null(zones, "").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    table = [_offset(z) for z in encoded.dictionary.to_pylist()]
    return np.array(table, np.float64)[encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)]


def _offset(zone: str) -> float:
    found = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", zone)
    return (1 if found[1] == "+" else -1) * (int(found[2]) * 3600.0 + int(found[3]) * 60.0) if found else 0.0
