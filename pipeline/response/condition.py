"""Conditions of CACAO `if-condition` steps: comparisons, in the form of STIX patterns, with what an incident is.

__severity__:value >= 4 AND (__life_support__:value = false OR __kind__:value IN ('device', 'ransomware'))
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from schemas.brief import Brief

Value = str | float | bool
_TOKEN = re.compile(
    r"\s*(?:(?P<name>__\w+__):value\b|(?P<word>AND|OR|NOT|IN|true|false)\b|(?P<op>==|!=|>=|<=|=|>|<)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>[^']*)'|(?P<mark>[(),\[\]]))",
    re.IGNORECASE,
)
VARIABLES: Mapping[str, Callable[[Brief], Value]] = {
    "__kind__": lambda b: b.kind,
    "__severity__": lambda b: b.severity_id,
    "__risk__": lambda b: b.risk,
    "__confidence__": lambda b: b.confidence,
    "__alerts__": lambda b: b.alerts,
    "__tactics__": lambda b: len(b.tactics),
    "__subject_type__": lambda b: b.subject.type,
    "__criticality__": lambda b: b.subject.criticality,
    "__life_support__": lambda b: b.subject.life_support,
    "__device_class__": lambda b: b.subject.device_class,
    "__department__": lambda b: b.subject.department,
}
_NUMBERS = frozenset(("__severity__", "__risk__", "__confidence__", "__alerts__", "__tactics__", "__criticality__"))
_FLAGS = frozenset(("__life_support__",))
_COMPARE: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,  # type: ignore[operator]
    "<": lambda a, b: a < b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
}
Test = Callable[[Brief], bool]
_MOST = 2000
"""Characters of a condition."""


@dataclass
class _Tokens:
    items: list[tuple[str, str]]
    at: int = 0

    def peek(self) -> tuple[str, str]:
        return self.items[self.at] if self.at < len(self.items) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def word(self, *words: str) -> bool:
        kind, text = self.peek()
        if kind in ("word", "mark") and text.upper() in words:
            self.at += 1
            return True
        return False


@cache
def compiled(text: str) -> Test:
    """The condition as a function of the incident. Raises ValueError, which says what to write instead."""
    tokens = _Tokens(_split(text))
    test = _either(tokens)
    if tokens.peek()[0] != "end":
        raise ValueError(f"nothing may follow here: {tokens.peek()[1]!r}; join comparisons by AND or OR")
    return test


def _split(text: str) -> list[tuple[str, str]]:
    if len(text) > _MOST:
        raise ValueError(f"a condition has at most {_MOST} characters")
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(
                f"cannot read {text[at:].strip()[:30]!r}; write __severity__:value >= 4, texts in single quotes"
            )
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    if not found:
        raise ValueError("the condition is empty; write for example __severity__:value >= 4")
    return found


def _either(tokens: _Tokens) -> Test:
    parts = [_both(tokens)]
    while tokens.word("OR"):
        parts.append(_both(tokens))
    return parts[0] if len(parts) == 1 else lambda b: any(p(b) for p in parts)


def _both(tokens: _Tokens) -> Test:
    parts = [_single(tokens)]
    while tokens.word("AND"):
        parts.append(_single(tokens))
    return parts[0] if len(parts) == 1 else lambda b: all(p(b) for p in parts)


def _single(tokens: _Tokens) -> Test:
    if tokens.word("NOT"):
        inner = _single(tokens)
        return lambda b: not inner(b)
    if tokens.word("(", "["):
        inner = _either(tokens)
        if not tokens.word(")", "]"):
            raise ValueError("a bracket is not closed")
        return inner
    return _comparison(tokens)


def _comparison(tokens: _Tokens) -> Test:
    kind, name = tokens.take()
    name = name.lower()
    if kind != "name" or name not in VARIABLES:
        raise ValueError(
            f"{name or 'the end'!r} is no variable; there are {', '.join(f'{v}:value' for v in VARIABLES)}"
        )
    value_of = VARIABLES[name]
    if tokens.word("IN"):
        values = _several(tokens, name)
        return lambda b: value_of(b) in values
    kind, op = tokens.take()
    if kind != "op":
        raise ValueError(f"after {name}:value comes one of {' '.join(_COMPARE)} or IN")
    value = _literal(tokens, name)
    if op not in ("=", "==", "!=") and name not in _NUMBERS:
        raise ValueError(f"{name} is no number: compare it by = or !=")
    compare = _COMPARE[op]
    return lambda b: compare(value_of(b), value)


def _several(tokens: _Tokens, name: str) -> frozenset[Value]:
    if not tokens.word("("):
        raise ValueError("IN needs a list: IN ('device', 'ransomware')")
    values = [_literal(tokens, name)]
    while tokens.word(","):
        values.append(_literal(tokens, name))
    if not tokens.word(")"):
        raise ValueError("the list after IN is not closed")
    return frozenset(values)


def _literal(tokens: _Tokens, name: str) -> Value:
    kind, text = tokens.take()
    if name in _NUMBERS and kind == "number":
        return float(text)
    if name in _FLAGS and kind == "word" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if name not in _NUMBERS | _FLAGS and kind == "text":
        return text
    wanted = "a number" if name in _NUMBERS else "true or false" if name in _FLAGS else "a text in single quotes"
    raise ValueError(f"{name} is compared with {wanted}, not {text!r}")
