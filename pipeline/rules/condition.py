"""A rule's condition as a tree, what of it can be known before it is evaluated, and the tree as one function."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.rules.event_view import EventView
from pipeline.rules.literals import Literals, any_of
from pipeline.rules.wildcards import Matcher

Test = Callable[[EventView], bool]
MAX_CLAUSES = 8
_MOST_LITERALS = 512
"""In one clause: a rule that any of so many words may start is hardly filtered by them."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A test of one field."""

    test: Test
    field: str
    """Lower case; empty for keywords."""
    literals: Literals = None
    """One of these must occur for the test to hold."""
    exact: str | None = None
    """The folded text that the field must equal, where the test is just that."""
    matches: Matcher | None = None
    """The test of one folded text of the field, where the test is just that."""
    number: float | None = None
    """The number that the field must equal, where the test is just that."""


@dataclass(frozen=True, slots=True)
class Both:
    """All parts must hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One part must hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Never:
    """The part must not hold."""

    part: "Node"


Node = Leaf | Both | Either | Never


def compiled(node: Node) -> Test:
    """The tree as a function of an event."""
    if isinstance(node, Leaf):
        return node.test
    if isinstance(node, Never):
        inner = compiled(node.part)
        return lambda view: not inner(view)
    if isinstance(node, Both):
        return _all([compiled(p) for p in node.parts])
    return _any(list(_alternatives(node.parts)))


def _all(tests: Sequence[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda view: first(view) and second(view)

    def every(view: EventView) -> bool:
        return all(test(view) for test in tests)

    return every


def _any(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def some(view: EventView) -> bool:
        return any(test(view) for test in tests)

    return some


def _alternatives(parts: Sequence[Node]) -> Iterator[Test]:
    """Tests of the parts; what one field may equal or match becomes one test."""
    texts: dict[str, set[str]] = {}
    forms: dict[str, list[Matcher]] = {}
    for part in parts:
        if isinstance(part, Leaf) and part.field and part.exact is not None:
            texts.setdefault(part.field, set()).add(part.exact)
        elif isinstance(part, Leaf) and part.field and part.matches is not None:
            forms.setdefault(part.field, []).append(part.matches)
        else:
            yield compiled(part)
    for field in dict.fromkeys((*texts, *forms)):
        yield _is_one_of(field, frozenset(texts.get(field, ())), tuple(forms.get(field, ())))


def _is_one_of(field: str, values: frozenset[str], forms: tuple[Matcher, ...]) -> Test:
    def found(view: EventView) -> bool:
        for text in view.folded(field):
            if text in values:
                return True
            for matches in forms:
                if matches(text):
                    return True
        return False

    return found


def clauses(node: Node) -> tuple[frozenset[bytes], ...]:
    """Sets of literals; of each one must occur wherever the condition holds. At most eight, the most telling ones."""
    found = sorted(set(_clauses(node)), key=_worth)
    return tuple(found[:MAX_CLAUSES])


def _worth(clause: frozenset[bytes]) -> tuple[float, list[bytes]]:
    """Small for few and long literals; the literals themselves keep the order of equals the same in every process."""
    return len(clause) / min(map(len, clause)), sorted(clause)


def _clauses(node: Node) -> list[frozenset[bytes]]:
    if isinstance(node, Leaf):
        return [node.literals] if node.literals and len(node.literals) <= _MOST_LITERALS else []
    if isinstance(node, Both):
        return [c for part in node.parts for c in _clauses(part)]
    if isinstance(node, Never):
        return []
    best = [min(_clauses(part), key=_worth, default=None) for part in node.parts]
    union = any_of(best)
    return [union] if union and len(union) <= _MOST_LITERALS else []


def needed_numbers(node: Node, fields: frozenset[str]) -> frozenset[float] | None:
    """Numbers of which one of `fields` (names of one thing) has to equal one wherever the condition holds; None where
    that is not known."""
    if isinstance(node, Leaf):
        return _leaf_number(node) if node.field in fields else None
    if isinstance(node, Both):
        known = [v for part in node.parts if (v := needed_numbers(part, fields)) is not None]
        return frozenset.intersection(*known) if known else None
    if isinstance(node, Never):
        return None
    found: set[float] = set()
    for part in node.parts:
        values = needed_numbers(part, fields)
        if values is None:
            return None
        found |= values
    return frozenset(found)


def _leaf_number(node: Leaf) -> frozenset[float] | None:
    if node.number is not None:
        return frozenset((node.number,))
    if node.exact is not None and node.exact.isascii() and node.exact.isdecimal():
        return frozenset((float(node.exact),))
    return None


def all_fields(node: Node) -> Iterator[str]:
    """Fields of the whole tree; an empty one for keywords."""
    if isinstance(node, Leaf):
        yield node.field
    else:
        for part in (node.part,) if isinstance(node, Never) else node.parts:
            yield from all_fields(part)


def positive_fields(node: Node) -> Iterator[str]:
    """Fields that speak for the rule, in the order of the condition."""
    if isinstance(node, Leaf):
        if node.field:
            yield node.field
    elif isinstance(node, Both | Either):
        for part in node.parts:
            yield from positive_fields(part)
