"""What a value in a rule demands of a field: pySigma's types → tests."""

import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime

from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
    TimestampPart,
)

from pipeline.rules.condition import Either, Leaf, Node, Test
from pipeline.rules.event_view import EventView
from pipeline.rules.fields import EVENT_TIME
from pipeline.rules.linear_regex import LinearRegex, UnsupportedRegex
from pipeline.rules.literals import literal_in, regex_literals
from pipeline.rules.wildcards import ANY, ONE, Part, matcher

_SPECIAL = {SpecialChars.WILDCARD_MULTI: ANY, SpecialChars.WILDCARD_SINGLE: ONE}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: re.IGNORECASE,
    SigmaRegularExpressionFlag.MULTILINE: re.MULTILINE,
    SigmaRegularExpressionFlag.DOTALL: re.DOTALL,
}
_COMPARE: dict[CompareOperators, Callable[[float, float], bool]] = {
    CompareOperators.LT: lambda a, b: a < b,
    CompareOperators.LTE: lambda a, b: a <= b,
    CompareOperators.GT: lambda a, b: a > b,
    CompareOperators.GTE: lambda a, b: a >= b,
    CompareOperators.NEQ: lambda a, b: a != b,
}
_PARTS: dict[TimestampPart, Callable[[datetime], int]] = {
    TimestampPart.MINUTE: lambda t: t.minute,
    TimestampPart.HOUR: lambda t: t.hour,
    TimestampPart.DAY: lambda t: t.day,
    TimestampPart.WEEK: lambda t: t.isocalendar().week,
    TimestampPart.MONTH: lambda t: t.month,
    TimestampPart.YEAR: lambda t: t.year,
}


class UnsupportedValue(ValueError):  # noqa: N818  (not an error: a limit)
    """The rule asks for a value that cannot be compared in a stream."""


def leaf(field: str | None, value: SigmaType) -> Node:
    """The test of one value; `field` None: a keyword, sought in all of the event. Raises UnsupportedValue."""
    name = (field or "").lower()
    if isinstance(value, SigmaExpansion):
        return Either(tuple(leaf(field, v) for v in value.values))
    if isinstance(value, SigmaString):
        return _text(name, value)
    if isinstance(value, SigmaRegularExpression):
        return _regex(name, value)
    if isinstance(value, SigmaTimestampPart):
        return _time_part(name, value)
    if isinstance(value, SigmaNumber):
        return _number(name, value)
    if not name:
        raise UnsupportedValue(f"a keyword that is a {type(value).__name__.removeprefix('Sigma').lower()}")
    return _special(name, value)


def _special(name: str, value: SigmaType) -> Leaf:
    if isinstance(value, SigmaNull):
        return Leaf(lambda view: not view.texts(name), name)
    if isinstance(value, SigmaExists):
        wanted = bool(value.exists)
        return Leaf(lambda view: bool(view.texts(name)) is wanted, name)
    if isinstance(value, SigmaBool):
        said = str(value.boolean).lower()
        return Leaf(lambda view: said in view.folded(name), name)
    if isinstance(value, SigmaCIDRExpression):
        return Leaf(_network(name, value), name)
    if isinstance(value, SigmaCompareExpression):
        return Leaf(_comparison(name, value), name)
    if isinstance(value, SigmaFieldReference):
        return Leaf(_reference(name, value), name)
    raise UnsupportedValue(f"a value of the sort {type(value).__name__.removeprefix('Sigma')}")


def _text(name: str, value: SigmaString) -> Leaf:
    cased = isinstance(value, SigmaCasedString)
    parts: list[Part] = []
    for part in value.s:
        if isinstance(part, str):
            parts.append(part if cased else part.lower())
        elif isinstance(part, SpecialChars):
            parts.append(_SPECIAL[part])
        else:
            raise UnsupportedValue(f"the placeholder %{part.name}% has no values here")
    if not parts:
        return Leaf(lambda view: not view.texts(name), name)
    literal = literal_in(p for p in parts if isinstance(p, str))
    literals = frozenset((literal,)) if literal else None
    if not name:
        # Keywords are looked for in the folded text, cased ones too: a whole event has no form of its own.
        matches = matcher([p.lower() if isinstance(p, str) else p for p in parts], anchored=False)
        return Leaf(lambda view: matches(view.everything()), name, literals)
    matches = matcher(parts)
    if cased:
        return Leaf(lambda view: any(map(matches, view.texts(name))), name, literals)
    exact = parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None
    return Leaf(lambda view: any(map(matches, view.folded(name))), name, literals, exact, matches)


def _regex(name: str, value: SigmaRegularExpression) -> Leaf:
    pattern = str(value.regexp.original)
    flags = 0
    for flag in value.flags:
        flags |= _FLAGS[flag]
    if value.regexp.contains_placeholder():
        raise UnsupportedValue("a placeholder in a regular expression")
    try:
        search = LinearRegex(pattern, flags).search
    except UnsupportedRegex as error:
        raise UnsupportedValue(str(error)) from error
    literals = regex_literals(pattern, flags)
    if not name:
        return Leaf(lambda view: search(view.everything()), name, literals)
    return Leaf(lambda view: any(map(search, view.texts(name))), name, literals)


def _number(name: str, value: SigmaNumber) -> Leaf:
    text = str(value.number)
    if not name:
        return Leaf(lambda view: text in view.everything(), name)
    number = float(value.number)

    def equals(view: EventView) -> bool:
        return any(t == text or _float(t) == number for t in view.folded(name))

    return Leaf(equals, name, number=number)


def _time_part(name: str, value: SigmaTimestampPart) -> Leaf:
    if name not in EVENT_TIME:
        raise UnsupportedValue(f"a part of the time in {name}: only the event's own time is known as one")
    part, number = _PARTS[value.timestamp_part], value.number
    return Leaf(lambda view: part(datetime.fromtimestamp(view.ts, UTC)) == number, name)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _network(name: str, value: SigmaCIDRExpression) -> Test:
    network = value.network

    def inside(view: EventView) -> bool:
        for text in view.texts(name):
            try:
                if ipaddress.ip_address(text) in network:
                    return True
            except ValueError:
                continue
        return False

    return inside


def _comparison(name: str, value: SigmaCompareExpression) -> Test:
    compare, limit = _COMPARE[value.op], float(value.number.number)

    def holds(view: EventView) -> bool:
        return any(n is not None and compare(n, limit) for n in map(_float, view.texts(name)))

    return holds


def _reference(name: str, value: SigmaFieldReference) -> Test:
    other = value.field.lower()

    def equals(view: EventView) -> bool:
        for theirs in view.folded(other):
            for mine in view.folded(name):
                if (value.starts_with and mine.startswith(theirs)) or (value.ends_with and mine.endswith(theirs)):
                    return True
                if not value.starts_with and not value.ends_with and mine == theirs:
                    return True
        return False

    return equals
