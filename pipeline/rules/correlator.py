"""Correlations over the hits of rules, in event time, with bounded memory per key group."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from pipeline.errors import CheckpointError
from pipeline.rules.correlation import Correlation
from pipeline.rules.event_view import EventView

MOST_KEYS = 1024
"""Of one correlation in one key group: beyond, the key that was longest without an event gives way."""
MOST_EVENTS = 2000
"""Of one key: beyond, the oldest give way."""
_PAD = 16_384  # bytes: a saved state has one of few sizes
Entry = tuple[float, int, float | str]
"""Time, number of the rule within its correlation, value."""


class Correlator:
    """State: the events within the timespan, of each key of each correlation, in each key group."""

    def __init__(self, correlations: Sequence[Correlation], groups: int, digest: str) -> None:
        self._correlations = correlations
        self._digest = digest
        self._groups = groups
        self._state: list[dict[str, list[Entry]]] = [{} for _ in range(groups * max(len(correlations), 1))]
        self._users: dict[str, list[tuple[int, int]]] = {}
        for number, one in enumerate(correlations):
            for place, key in enumerate(one.rules):
                self._users.setdefault(key, []).append((number, place))

    def wants(self, key: str) -> bool:
        """Whether a correlation looks at this rule."""
        return key in self._users

    def hits(self, matched: Sequence[str], view: EventView, group: int) -> list[tuple[int, float]]:
        """(number of the correlation, its count or value) of those that hold at this event, which `matched` rules hit.

        A correlation that holds is itself a hit for those that build on it, which come later in the order.
        """
        found: list[tuple[int, float]] = []
        places: dict[int, list[int]] = {}
        for key in matched:
            self._note(key, places)
        for number, one in enumerate(self._correlations):
            value = None
            for place in places.get(number, ()):
                told = self._add(number, one, place, view, group)
                value = told if told is not None else value
            if value is not None:
                found.append((number, value))
                self._note(one.about.key, places)
        return found

    def _note(self, key: str, places: dict[int, list[int]]) -> None:
        for number, place in self._users.get(key, ()):
            places.setdefault(number, []).append(place)

    def _add(self, number: int, one: Correlation, place: int, view: EventView, group: int) -> float | None:
        parts = [view.folded(f) for f in one.group_by[place]]
        if not all(parts):
            return None  # an event without the key's fields belongs to no key
        value = _value(one, view)
        if value is None:
            return None
        key = "\x1f".join(p[0][:256] for p in parts)
        table = self._state[group * len(self._correlations) + number]
        entries = table.pop(key, [])
        if not entries and len(table) >= MOST_KEYS:
            del table[next(iter(table))]
        entries.append((view.ts, place, value))
        newest = max(e[0] for e in entries)
        entries = [e for e in entries[-MOST_EVENTS:] if e[0] > newest - one.timespan_s]
        if entries:
            table[key] = entries  # at the end: tables are in the order of the last event
        return _judged(one, entries)

    def state(self, group: int) -> dict[str, np.ndarray]:
        """Arrays that restore one group."""
        tables = [list(self._table(group, k).items()) for k in range(len(self._correlations))]
        text = orjson.dumps([self._digest, tables])
        padded = np.full(-(-len(text) // _PAD) * _PAD, 32, np.uint8)
        padded[: len(text)] = np.frombuffer(text, np.uint8)
        return {"correlations": padded}

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; other correlations than those it was saved with begin as new."""
        fresh: list[dict[str, list[Entry]]] = [{} for _ in self._correlations]
        if state:
            try:
                digest, tables = orjson.loads(np.asarray(state["correlations"], np.uint8).tobytes())
                if digest == self._digest:
                    fresh = [{str(k): [_entry(e) for e in entries] for k, entries in table} for table in tables]
            except (KeyError, ValueError, TypeError) as error:
                raise CheckpointError("the state of the Sigma correlations is of another version") from error
        for k in range(len(self._correlations)):
            self._state[group * len(self._correlations) + k] = fresh[k]

    def _table(self, group: int, number: int) -> dict[str, list[Entry]]:
        return self._state[group * len(self._correlations) + number]


def _entry(saved: Sequence[Any]) -> Entry:
    ts, place, value = saved
    return float(ts), int(place), value


def _value(one: Correlation, view: EventView) -> float | str | None:
    """What the event adds: a number to sum, a text to tell apart, or 1; None: nothing."""
    if not one.fields:
        return 1.0
    texts = [view.folded(f) for f in one.fields]
    if not all(texts):
        return None
    if one.kind == "value_count":
        return "\x1f".join(t[0][:256] for t in texts)
    try:
        number = float(texts[0][0])
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _judged(one: Correlation, entries: Sequence[Entry]) -> float | None:
    """The count or value over the window, None where the condition does not hold."""
    if one.kind.startswith("temporal"):
        seen = frozenset(e[1] for e in entries)
        if not one.wants(seen) or (one.kind == "temporal_ordered" and not _in_order(entries, len(one.rules))):
            return None
        return float(len(seen))
    value = _measure(one, [e[2] for e in entries])
    return value if one.holds(value) else None


def _measure(one: Correlation, values: Sequence[float | str]) -> float:
    if one.kind == "event_count":
        return float(len(values))
    if one.kind == "value_count":
        return float(len(set(values)))
    numbers = np.array(values, np.float64)
    if one.kind == "value_sum":
        return float(numbers.sum())
    if one.kind == "value_avg":
        return float(numbers.mean())
    return float(np.percentile(numbers, one.percentile))


def _in_order(entries: Sequence[Entry], rules: int) -> bool:
    """Whether all rules were hit one after the other, in their order."""
    wanted = 0
    for _, place, _ in sorted(entries, key=lambda e: (e[0], e[1])):
        if place == wanted:
            wanted += 1
            if wanted == rules:
                return True
    return False
