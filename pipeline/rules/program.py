"""All rules of one source over a batch: candidates by tables, then each rule's own test on those alone."""

from collections.abc import Iterator

import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.layout import JSON, TEXT, layout
from pipeline.rules.event_view import EventView
from pipeline.rules.fields import JSON_COLUMN, PLACES
from pipeline.rules.literal_table import LiteralTable, find_candidates
from pipeline.rules.logsource import EventClass
from pipeline.rules.rule import Rule

_MOST_CLASSES = 4096  # classes of events remembered: a cache, forgotten beyond
_CLASS_FIELDS = ("kind", "format", "event_code", "action", "program")
_UNSEARCHED = frozenset(("event_id", "format", "kind", "origin"))
Hit = tuple[int, int]
"""Row and number of the rule."""


class Program:
    """`hits` depends on each event alone: no state but caches."""

    def __init__(self, rules: tuple[Rule, ...], source: str) -> None:
        self._rules = rules
        self._source = source
        self._table = LiteralTable.of([r.clauses for r in rules])
        self._unfiltered = np.flatnonzero(self._table.tables.full == 0)
        self._searched = _searched(rules, source)
        self._classes: dict[int, int] = {}
        self._allowed: list[np.ndarray] = []
        self._stacked = np.zeros((0, len(rules)), np.uint8)

    def hits(self, batch: Batch) -> Iterator[tuple[int, int, EventView]]:
        """(row, rule, view) in the order of rows, then rules."""
        if not self._rules or not batch.n:
            return
        kinds = self._kinds(batch)
        if not (kinds >= 0).any():
            return
        rows, rules = self._candidates(batch, kinds)
        before, view = -1, None
        for row, number in zip(rows.tolist(), rules.tolist(), strict=True):
            if row != before or view is None:
                before, view = row, EventView(batch, row)
            if self._rules[number].test(view):
                yield row, number, view

    def looked_at(self, batch: Batch) -> np.ndarray:
        """bool[n]: rows that a rule looks at."""
        return self._kinds(batch) >= 0 if self._rules else np.zeros(batch.n, np.bool_)

    def hits_plainly(self, batch: Batch) -> Iterator[Hit]:
        """The same without tables, every rule on every event: what tests and benchmarks compare with."""
        for row in range(batch.n):
            view, event = EventView(batch, row), _class_of(batch, row)
            for number, rule in enumerate(self._rules):
                if rule.gates[self._source].admits(event) and rule.test(view):
                    yield row, number

    def _kinds(self, batch: Batch) -> np.ndarray:
        """int32[n]: number of each row's class among `_allowed`; -1 where no rule looks at it."""
        found: np.ndarray = batch.shared(f"classes of program {id(self)}", self._classified)
        return found

    def _classified(self, batch: Batch) -> np.ndarray:
        key = np.full(batch.n, np.uint64(1))
        for name in _CLASS_FIELDS:
            if batch.has(name):
                key = combine_many(key, batch.hash(name) | np.uint64(1))
        values, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        if len(self._classes) + len(values) > _MOST_CLASSES:
            self._classes.clear()
            self._allowed.clear()
        before = len(self._allowed)
        for value, row in zip(values.tolist(), first.tolist(), strict=True):
            if value not in self._classes:
                self._classes[value] = self._class(_class_of(batch, row))
        if len(self._allowed) != before or len(self._stacked) != len(self._allowed):
            self._stacked = np.array(self._allowed, np.uint8).reshape(-1, len(self._rules))
        return np.array([self._classes[v] for v in values.tolist()], np.int32)[inverse]

    def _class(self, event: EventClass) -> int:
        code = _number(event.code)
        mine = np.zeros(len(self._rules), np.uint8)
        admitted: dict[int, bool] = {}
        for k, rule in enumerate(self._rules):
            gate = rule.gates[self._source]
            known = admitted.get(id(gate))
            if known is None:
                known = admitted[id(gate)] = gate.admits(event)
            mine[k] = known and (rule.codes is None or not event.code or code in rule.codes)
        if not mine.any():
            return -1
        self._allowed.append(mine)
        return len(self._allowed) - 1

    def _candidates(self, batch: Batch, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """int64[m] rows and int32[m] rules, in the order of rows, then rules."""
        names = self._searched
        json = np.array([n == JSON_COLUMN[self._source] or not batch.is_text(n) for n in names])
        spans = [batch.spans(n) for n in names]
        start, length = np.array([s for s, _ in spans]), np.array([size for _, size in spans])
        room = max(4 * batch.n, 1024)
        while True:
            rows, rules = np.empty(room, np.int64), np.empty(room, np.int32)
            count = find_candidates(
                batch.data, start, length, json, kinds, self._stacked, self._table.tables, rows, rules
            )
            if count >= 0:
                break
            room *= 4
        more = [(rows[:count], rules[:count]), *self._without_literals(batch, kinds)]
        rows, rules = np.concatenate([r for r, _ in more]), np.concatenate([r for _, r in more])
        order = np.lexsort((rules, rows))
        return rows[order], rules[order]

    def _without_literals(self, batch: Batch, kinds: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Candidates of rules of which no literal is known: all events of their classes, and numbers where known."""
        if not len(self._stacked):
            return
        seen = kinds >= 0
        for number in self._unfiltered.tolist():
            wanted = self._stacked[kinds, number].astype(np.bool_) & seen
            numbers = self._rules[number].numbers
            if numbers is not None and self._source == "network":
                column, values = numbers
                own = batch.spans(JSON_COLUMN[self._source])[1] > 0
                wanted &= np.isin(batch.number(column), list(values)) | own
            rows = np.flatnonzero(wanted)
            yield rows, np.full(len(rows), number, np.int32)


def _searched(rules: tuple[Rule, ...], source: str) -> list[str]:
    """Text columns that a literal of these rules may stand in."""
    every = [c.name for c in layout(source).columns if c.type in (TEXT, JSON) and c.name not in _UNSEARCHED]
    fields = {f for r in rules if r.clauses for f in r.looks_at}
    if "" in fields:
        return every
    wanted = fields | {column for f in fields for column, _ in PLACES[source].get(f, ())} | {JSON_COLUMN[source]}
    # Records of auditd have their fields in their message.
    return [name for name in every if name in wanted or name == "message"]


def _class_of(batch: Batch, row: int) -> EventClass:
    texts = (((batch.text(n, row) or "") if batch.has(n) else "").lower() for n in _CLASS_FIELDS)
    return EventClass(*texts)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
