"""The service lines of a batch of claims as flat columns: read once, whatever the number of detectors that ask."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numba as nb
import numpy as np
import orjson

from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text, mix64

DAY_S = 86_400.0
# CMS, NCCI Policy Manual, chapter 1, section E: modifiers that say two services were distinct.
DISTINCT = frozenset(
    {"24", "25", "27", "57", "58", "59", "78", "79", "91", "XE", "XS", "XP", "XU"}
    | {f"{side}{n}" for side, last in (("E", 4), ("F", 9), ("T", 9)) for n in range(1, last + 1)}
    | {"FA", "TA", "LT", "RT", "LC", "LD", "RC", "LM", "RI"}
)
REPEATED = frozenset({"76", "77", "91"})  # repeated on purpose, by the same or another physician, or a laboratory
DIRECTED = frozenset({"QK", "QY", "AD"})  # anaesthesia by others, directed at the same time
IS_DISTINCT, IS_REPEATED, IS_DIRECTED = 1, 2, 4

_NONE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class ClaimLines:
    """m lines of the n claims of a batch, in order; line j of claim i stands at `first[i] + j`."""

    first: np.ndarray
    """int64[n + 1]"""
    codes: list[str]
    """Procedure codes in upper case, empty where unknown."""
    procedure: np.ndarray
    """uint64[m], hash of the code, 0 where unknown."""
    modifiers: np.ndarray
    """uint64[m], hash of the set of modifiers, 0 without any."""
    marks: np.ndarray
    """uint8[m], what the modifiers say: IS_DISTINCT, IS_REPEATED, IS_DIRECTED."""
    quantity: np.ndarray
    """float64[m], NaN where unknown."""
    minutes: np.ndarray
    """bool[m]: the quantity is in minutes (X12 unit MJ, UCUM min)."""
    amount: np.ndarray
    """float64[m], NaN where unknown."""
    day: np.ndarray
    """int64[m], first day of service since 1970: the line's, else the claim's, else that of `ts`."""
    through: np.ndarray
    """int64[m], last day of service, never before `day`."""
    place: np.ndarray
    """uint64[m], hash of the place of service, the line's or the claim's; 0 where unknown."""


_read: WeakKeyDictionary[Batch, ClaimLines] = WeakKeyDictionary()


def claim_lines(batch: Batch) -> ClaimLines:
    """The lines of a batch of source `claims`; about 3 µs a line the first time, then free."""
    found = _read.get(batch)
    if found is None:
        found = _read[batch] = _flatten(batch)
    return found


def service_days(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """(first, last) day of service of every claim, int64[n] since 1970."""
    first = batch.number("from_ts")
    first = np.where(np.isnan(first), batch.ts, first)
    last = batch.number("through_ts")
    last = np.where(np.isnan(last), first, np.maximum(last, first))
    return (first // DAY_S).astype(np.int64), (last // DAY_S).astype(np.int64)


def fold(*columns: np.ndarray) -> np.ndarray:
    """uint64[n]: one hash of several columns row by row; unlike `combine`, unknown parts are values as well."""
    out = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        if column.dtype == np.float64:
            column = np.where(np.isnan(column), _NONE, (column + 0.0).view(np.uint64))
        _fold(out, column.astype(np.uint64))
    return out


@nb.njit(cache=True, nogil=True)
def _fold(out: np.ndarray, column: np.ndarray) -> None:
    """out, column: uint64[n]."""
    for i in range(len(out)):
        out[i] = mix64((out[i] + np.uint64(1)) * np.uint64(0x100000001B3) ^ mix64(column[i] + np.uint64(1)))


def _flatten(batch: Batch) -> ClaimLines:
    days = service_days(batch)
    places = batch.hash("place_of_service")
    first = np.zeros(batch.n + 1, np.int64)
    rows: list[tuple[Any, ...]] = []
    start, length = batch.spans("lines")
    for i in range(batch.n):
        if length[i] > 0:
            text = batch.data[start[i] : start[i] + length[i]].tobytes()
            whole = (int(days[0][i]), int(days[1][i]), int(places[i]))
            rows += [_row(line, *whole) for line in orjson.loads(text) or ()]
        first[i + 1] = len(rows)
    columns = list(zip(*rows, strict=True)) if rows else [()] * 10
    kinds = (np.uint64, np.uint64, np.uint8, float, bool, float, np.int64, np.int64, np.uint64)
    arrays = (np.array(c, kind) for c, kind in zip(columns[1:], kinds, strict=True))
    return ClaimLines(first, list(columns[0]), *arrays)


def _row(line: dict[str, Any], day: int, through: int, place: int) -> tuple[Any, ...]:
    code = (line.get("procedure") or "").strip().upper()
    words = sorted({m.strip().upper() for m in line.get("modifiers") or ()})
    marks = IS_DISTINCT * (not DISTINCT.isdisjoint(words)) + IS_REPEATED * (not REPEATED.isdisjoint(words))
    marks += IS_DIRECTED * (not DIRECTED.isdisjoint(words))
    since, until = line.get("from_ts"), line.get("through_ts")
    begin = day if since is None else int(since // DAY_S)
    end = (through if since is None else begin) if until is None else int(until // DAY_S)
    where = line.get("place_of_service")
    return (
        code,
        hash_text(code) if code else 0,
        hash_text(" ".join(words)) if words else 0,
        marks,
        _number(line.get("quantity")),
        (line.get("unit") or "").upper() in ("MJ", "MIN"),
        _number(line.get("amount")),
        begin,
        max(begin, end),
        hash_text(where) if where else place,
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
