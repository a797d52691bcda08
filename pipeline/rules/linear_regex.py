"""Regular expressions in linear time: rules come from strangers and texts from attackers, and Python's `re` backtracks.

Python's own parser reads the pattern; Thompson's construction (CACM 1968) makes an automaton of it, whose sets of
states are remembered as a deterministic automaton while texts are read. Look-around and back references, which no
finite automaton has, are refused.
"""

import re
from collections.abc import Callable
from re import _constants as op  # type: ignore[attr-defined]  # no public form of a parsed pattern
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MAX_STATES = 2000
MAX_TEXT = 8192
"""Characters of a text that are looked at."""
_MAX_STEPS = 20_000  # remembered steps; forgotten beyond, so that hostile texts cannot fill memory
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}
_SPLIT, _CHAR, _ASSERT, _MATCH = range(4)
_START, _END, _WORD_BEFORE, _WORD_AFTER, _LINE_BEFORE, _LINE_AFTER, _LAST_LINE = (1 << k for k in range(7))

Row = dict[str, Any]
"""A state of the deterministic automaton: character → state; under the empty text what it stands for."""
FOUND: Row = {}


class UnsupportedRegex(ValueError):  # noqa: N818  (not an error: a limit)
    """The pattern needs what a finite automaton cannot do, or is too large."""


class LinearRegex:
    """Says whether a pattern occurs in a text. O(length of the text), whatever both are."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Raises UnsupportedRegex, or re.error for a pattern that is none."""
        self._states: list[tuple[Any, ...]] = []
        try:
            tree = parser.parse(pattern, flags)
        except (RecursionError, OverflowError) as error:
            raise UnsupportedRegex("regular expression too deep") from error
        self._contextual = False
        self._first = self._sequence(tree, tree.state.flags, self._add((_MATCH,)))
        self._rows: dict[tuple[frozenset[int], int], Row] = {}
        self._steps = 0

    def search(self, text: str) -> bool:
        """Whether the pattern occurs in the first 8,192 characters of `text`."""
        text = text[:MAX_TEXT]
        row = self._row(frozenset(), _START | _LINE_BEFORE if self._contextual else 0)
        last = text[-1:]
        # What a character leads to depends on what follows the text only for the last one, where `$` looks beyond it.
        for c in text[:-1] if self._contextual else text:
            after = row.get(c)
            if after is None:
                after = self._step(row, c, 0)
                row[c] = after
            if after is FOUND:
                return True
            row = after
        if self._contextual and last:
            row = self._step(row, last, _LAST_LINE if last == "\n" else 0)
            if row is FOUND:
                return True
        states, before = row[""]
        return self._closure(states, before | _END | _LAST_LINE | _LINE_AFTER) is None

    def _row(self, states: frozenset[int], before: int) -> Row:
        key = (states, before)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = {"": key}
        return row

    def _step(self, row: Row, c: str, context: int) -> Row:
        self._steps += 1
        if self._steps > _MAX_STEPS:
            self._rows.clear()
            self._steps = 0
        states, before = row[""]
        word = c.isalnum() or c == "_"
        if self._contextual:
            context |= before | (_WORD_AFTER if word else 0) | (_LINE_AFTER if c == "\n" else 0)
        reached = self._closure(states, context)
        if reached is None:
            return FOUND
        bits = (_WORD_BEFORE if word else 0) | (_LINE_BEFORE if c == "\n" else 0) if self._contextual else 0
        return self._row(frozenset(s[2] for s in reached if s[1](c)), bits)

    def _closure(self, states: frozenset[int], context: int) -> list[tuple[Any, ...]] | None:
        """Character states reachable without a character, a new attempt included; None: the pattern is found."""
        todo = [*states, self._first]
        seen = set(todo)
        reached = []
        while todo:
            state = self._states[todo.pop()]
            if state[0] == _MATCH:
                return None
            if state[0] == _CHAR:
                reached.append(state)
                continue
            follow = state[1] if state[0] == _SPLIT else ((state[2],) if state[1](context) else ())
            for s in follow:
                if s not in seen:
                    seen.add(s)
                    todo.append(s)
        return reached

    def _add(self, state: tuple[Any, ...]) -> int:
        if len(self._states) >= MAX_STATES:
            raise UnsupportedRegex("regular expression too large")
        self._states.append(state)
        return len(self._states) - 1

    def _sequence(self, tree: Any, flags: int, out: int) -> int:
        for code, argument in reversed(list(tree)):
            out = self._item(code, argument, flags, out)
        return out

    def _item(self, code: Any, argument: Any, flags: int, out: int) -> int:
        if code in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            return self._add((_CHAR, _accepts(code, argument, flags), out))
        if code is op.BRANCH:
            return self._add((_SPLIT, tuple(self._sequence(b, flags, out) for b in argument[1])))
        if code is op.SUBPATTERN:
            _, plus, minus, inner = argument
            return self._sequence(inner, (flags | plus) & ~minus, out)
        if code in (op.MAX_REPEAT, op.MIN_REPEAT):
            low, high, inner = argument
            return self._repeat(low, high, inner, flags, out)
        if code is op.AT:
            self._contextual = True
            return self._add((_ASSERT, _assertion(argument, flags), out))
        raise UnsupportedRegex(f"regular expression with {str(code).lower().replace('_', ' ')}")

    def _repeat(self, low: int, high: int, inner: Any, flags: int, out: int) -> int:
        if high is op.MAXREPEAT:
            again = self._add((_SPLIT, ()))
            self._states[again] = (_SPLIT, (self._sequence(inner, flags, again), out))
            out = again
        else:
            end = out
            for _ in range(int(high) - low):
                out = self._add((_SPLIT, (self._sequence(inner, flags, out), end)))
        for _ in range(low):
            out = self._sequence(inner, flags, out)
        return out


def _accepts(code: Any, argument: Any, flags: int) -> Any:
    """A function: whether one character is accepted."""
    if code is op.ANY:
        return (lambda c: True) if flags & re.DOTALL else (lambda c: c != "\n")
    items = argument if code is op.IN else [(op.LITERAL, argument)]
    negate = code is op.NOT_LITERAL or (bool(items) and items[0][0] is op.NEGATE)
    ranges = [(a, a) if k is op.LITERAL else a for k, a in items if k in (op.LITERAL, op.RANGE)]
    tests: list[Callable[[str], bool]] = [_CATEGORIES[a] for k, a in items if k is op.CATEGORY]
    folds = bool(flags & re.IGNORECASE)

    def one(c: str) -> bool:
        point = ord(c)
        return any(low <= point <= high for low, high in ranges) or any(test(c) for test in tests)

    def accepts(c: str) -> bool:
        found = one(c) or (folds and any(len(o) == 1 and one(o) for o in (c.lower(), c.upper())))
        return found is not negate

    return accepts


def _assertion(where: Any, flags: int) -> Any:
    """A function: whether a place with this context is accepted."""
    lines = bool(flags & re.MULTILINE)
    if where is op.AT_BEGINNING_STRING or (where is op.AT_BEGINNING and not lines):
        return lambda x: bool(x & _START)
    if where is op.AT_BEGINNING:
        return lambda x: bool(x & _LINE_BEFORE)
    if where is op.AT_END_STRING:
        return lambda x: bool(x & _END)
    if where is op.AT_END:
        return lambda x: bool(x & (_LINE_AFTER if lines else _LAST_LINE))
    if where is op.AT_BOUNDARY:
        return lambda x: bool(x & _WORD_BEFORE) != bool(x & _WORD_AFTER)
    if where is op.AT_NON_BOUNDARY:
        return lambda x: bool(x & _WORD_BEFORE) == bool(x & _WORD_AFTER)
    raise UnsupportedRegex("regular expression with a place it does not know")
