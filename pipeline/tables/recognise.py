"""What each column of a table is, from its cells and its name, so that models see nothing but usable features.

The rules look at whole columns and never at a label. They are, in this order:
nothing in it or always the same · a time (use `--time`) · an address (its network is the category) · a hardware
address (its maker); where all share one, the address itself · a port (by number, those that systems draw as one) ·
a row number, clock or counter · an identifier · a number · free text (length and make-up as numbers) · a category.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import UsageError
from pipeline.tables import names, text_shapes
from pipeline.tables.cells import numbers
from pipeline.tables.frame import Frame
from pipeline.tables.table import Column, Table
from pipeline.tables.times import as_times, is_epoch
from pipeline.tables.words import Words, words

MOSTLY = 0.9
"""A column is of a kind when so many of its cells that say something are; the odd rest is unknown."""
UNIQUE = 0.5
"""Text of which more than half is different tells rows apart and not kinds of rows."""
FEW_ROWS = 20
"""In shorter tables nothing is called an identifier."""
STEPS = 100
"""A column that only ever grows, in at least so many steps, is a clock or a counter."""
SAMPLE = 2_000
"""Different texts looked at to tell what they are."""


_LARGEST = 1e300  # so that steps between infinite values are numbers


@dataclass
class Recognised:
    """The outcome for one column: its features, or why there are none."""

    kind: str
    why_not: str = ""
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict)
    codes: Mapping[str, np.ndarray] = field(default_factory=dict)


def recognise(table: Table, without: Mapping[str, str], keep: Iterable[str] = ()) -> Frame:
    """Features of every column that is not in `without` (column → why it is left out).

    The cells of the table are used up. Columns in `keep` are used, as number or category, whatever the rules say.
    Raises UsageError when none is left.
    """
    kept, dropped, kinds = set(keep), dict(without), {}
    x: dict[str, np.ndarray] = {}
    c: dict[str, np.ndarray] = {}
    for name in table.names:
        if name in without:
            continue
        found = recognise_column(name, table[name], forced=name in kept)
        table.release(name)
        if found.why_not:
            dropped[name] = found.why_not
            continue
        kinds[name] = found.kind
        x |= found.numbers
        c |= found.codes
    if not x and not c:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(dropped.items())[:4])
        raise UsageError(f"no column is left to learn from ({why}); --keep COL uses one all the same")
    n = table.rows
    return Frame(
        np.column_stack(list(x.values())) if x else np.zeros((n, 0)),
        np.column_stack(list(c.values())) if c else np.zeros((n, 0), np.uint64),
        tuple(x), tuple(c), kinds, dropped,
    )  # fmt: skip


def recognise_column(name: str, column: Column, *, forced: bool = False) -> Recognised:
    """What one column is."""
    read = numbers(column)
    if read.missing == len(read.values):
        return Recognised("empty", "it is empty")
    if read.share >= MOSTLY:
        return _numeric(name, column, read.values, read.missing + read.odd, forced)
    return _textual(name, column, forced)


def _numeric(name: str, column: Column, values: np.ndarray, gaps: int, forced: bool) -> Recognised:
    known = values if not gaps else values[~np.isnan(values)]
    if not len(known):
        return Recognised("empty", "it is empty")
    if known.min() == known.max() and not forced:
        return Recognised("constant", f"it is always {known[0]:g}" + (" where it is set" if gaps else ""))
    if not forced:
        if names.is_time(name) and is_epoch(values):
            return Recognised("time", "it is a time: give it as --time")
        if why := _counts_rows(name, known):
            return Recognised("counter", why)
    if names.is_port(name) and _are_whole(known, 65_535):
        return Recognised("port", codes={name: port_codes(values)})
    if names.is_code(name) and _are_whole(known, 255):
        return Recognised("category", codes={name: words(column).hashed()})
    return Recognised("number", numbers={name: values})


def _counts_rows(name: str, known: np.ndarray) -> str:
    """Why a column of numbers tells nothing but which row it is; empty where that is not so."""
    if len(known) < FEW_ROWS:
        return ""
    steps = np.diff(np.clip(known, -_LARGEST, _LARGEST))
    if steps[0] != 0 and (steps == steps[0]).all():
        return "it numbers the rows"
    if (steps >= 0).all() and np.count_nonzero(steps) >= STEPS:
        return "it only ever grows, as a clock or a counter does"
    if names.is_identifier(name) and _are_whole(known, np.inf) and len(np.unique(known)) > UNIQUE * len(known):
        return "it is an identifier: hardly any value comes twice"
    return ""


def _textual(name: str, column: Column, forced: bool) -> Recognised:
    seen = words(column)
    n, counts = len(seen.codes), seen.counts
    if seen.known == 1 and len(seen.distinct) == 1 and not forced:
        return Recognised("constant", f"it is always {_shown(seen)}")
    sample = [w for w in seen.distinct[:SAMPLE] if w]
    kind = text_shapes.kind_of(sample)
    if kind == text_shapes.ADDRESS:
        return _mapped(name, "address", seen, text_shapes.network)
    if kind == text_shapes.MAC:
        return _mapped(name, "hardware address", seen, text_shapes.maker)
    if not forced and (kind == text_shapes.MOMENT or names.is_time(name)) and as_times(column) is not None:
        return Recognised("time", "it is a time: give it as --time")
    said = n - int(sum(counts[k] for k, w in enumerate(seen.distinct) if not w))
    apart = n >= FEW_ROWS and seen.known > UNIQUE * said
    if apart or (n >= FEW_ROWS and names.is_identifier(name) and seen.known > 0.1 * said):
        if forced:
            return Recognised("category", codes={name: seen.hashed()})
        if kind == text_shapes.TOKEN or not apart:
            return Recognised("identifier", "it is an identifier: hardly any value comes twice")
        shapes = {f"{name}.{what}": v[seen.codes] for what, v in text_shapes.make_up(seen.distinct).items()}
        varied = {what: v for what, v in shapes.items() if np.nanmin(v) < np.nanmax(v)}
        return Recognised("text", "" if varied else "it is an identifier: each is made alike", numbers=varied)
    return Recognised("category", codes={name: seen.hashed()})


def _mapped(name: str, kind: str, seen: Words, of: text_shapes.Mapper) -> Recognised:
    """By network or maker; where all share it, each address is its own."""
    codes = seen.hashed(of)
    known = codes[codes != 0]
    return Recognised(kind, codes={name: seen.hashed() if (known == known[:1]).all() else codes})


def _shown(seen: Words) -> str:
    return repr(seen.distinct[0].decode("utf-8", "replace")[:24])


def _are_whole(known: np.ndarray, largest: float) -> bool:
    return bool(known.min() >= 0 and known.max() <= largest and (known == np.floor(known)).all())


def port_codes(values: np.ndarray) -> np.ndarray:
    """uint64[n]: ports by number; from 32,768 on they are drawn by systems (Linux; IANA from 49,152) and are one."""
    known = ~np.isnan(values)
    out = np.zeros(len(values), np.uint64)
    out[known] = np.minimum(values[known], 32_768.0).astype(np.uint64) + np.uint64(1)
    return out * np.uint64(0x9E3779B97F4A7C15)  # odd, so that different ports stay different
