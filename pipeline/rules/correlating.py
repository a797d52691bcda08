"""pySigma's correlations → ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from pipeline.rules.correlation import Correlation
from pipeline.rules.correlator import MOST_EVENTS
from pipeline.rules.problem import Problem
from pipeline.rules.rule import About, Rule
from pipeline.rules.translating import Unsupported, about_of
from pipeline.rules.yaml_text import Document

_Op = SigmaCorrelationConditionOperator
_HOLDS: dict[_Op, tuple[str, Callable[[float, float], bool]]] = {
    _Op.LT: ("less than", lambda a, b: a < b),
    _Op.LTE: ("at most", lambda a, b: a <= b),
    _Op.GT: ("more than", lambda a, b: a > b),
    _Op.GTE: ("at least", lambda a, b: a >= b),
    _Op.EQ: ("exactly", lambda a, b: a == b),
    _Op.NEQ: ("not", lambda a, b: a != b),
}
_TEMPORAL = ("temporal", "temporal_ordered")


class Found(NamedTuple):
    """Correlations, those that others build on first, and the keys of rules that only they use."""

    found: tuple[Correlation, ...]
    silent: frozenset[str]


def compile_correlations(
    parsed: Sequence[tuple[Document, str, SigmaCorrelationRule]],
    rules: Mapping[str, Rule],
    seen: dict[str, str],
    problems: list[Problem],
) -> Found:
    """All that can run; `seen`: keys already taken, and where."""
    names = {r.about.name: r.about.key for r in rules.values() if r.about.name} | _names(parsed)
    found: dict[str, Correlation] = {}
    silent: set[str] = set()
    left = list(parsed)
    while left:
        later = []
        for doc, path, made in left:
            about = about_of(made, path, doc.line)
            if about.key in seen:
                line = doc.lines.get("id", doc.line)
                problems.append(Problem(path, line, about.title, f"{about.key} is already in {seen[about.key]}", True))
                continue
            waits = {names.get(r, r) for r in _references(made)} & ({_key(m) for _, _, m in left} - set(found))
            if waits and len(left) > 1 and waits != {about.key}:
                later.append((doc, path, made))
                continue
            try:
                one = _compiled(made, about, rules, found, names)
            except Unsupported as error:
                line = doc.lines.get("correlation.rules", doc.line)
                problems.append(Problem(path, line, about.title, str(error), False))
            else:
                found[about.key] = one
                silent |= set() if made.generate else set(one.rules)
            seen[about.key] = f"{path}:{doc.line}"
        if len(later) == len(left):
            for doc, path, made in later:
                problems.append(Problem(path, doc.line, str(made.title), "correlations that build on each other", True))
            break
        left = later
    order = [replace(c, silent=True) if c.about.key in silent else c for c in found.values()]
    return Found(tuple(order), frozenset(silent))


def _key(made: SigmaCorrelationRule) -> str:
    return str(made.id or made.name or made.title)[:200]


def _names(parsed: Sequence[tuple[Document, str, SigmaCorrelationRule]]) -> dict[str, str]:
    return {str(made.name): _key(made) for _, _, made in parsed if made.name}


def _references(made: SigmaCorrelationRule) -> list[str]:
    if made.rules:
        return [str(r.reference) for r in made.rules]
    condition = made.condition
    return condition.get_referenced_rules() if isinstance(condition, SigmaExtendedCorrelationCondition) else []


def _compiled(
    made: SigmaCorrelationRule,
    about: About,
    rules: Mapping[str, Rule],
    found: Mapping[str, Correlation],
    names: Mapping[str, str],
) -> Correlation:
    references = _references(made)
    keys = [names.get(r, r) for r in references]
    missing = [r for r, key in zip(references, keys, strict=True) if key not in rules and key not in found]
    if missing or not keys:
        raise Unsupported(f"the rule {missing[0][:60]!r} that it builds on does not run" if missing else "no rules")
    sources = frozenset.intersection(*(frozenset(rules[k].gates) if k in rules else found[k].sources for k in keys))
    if not sources:
        raise Unsupported("its rules look at different sources, which are judged apart")
    kind = made.type.name.lower()
    condition = made.condition
    about_it = Correlation(
        about=about,
        kind=kind,
        rules=tuple(keys),
        group_by=tuple(tuple(_field(made, r, f) for f in made.group_by or ()) for r in references),
        timespan_s=float(made.timespan.seconds),
        sources=sources,
    )
    values: dict[str, Any]
    if isinstance(condition, SigmaExtendedCorrelationCondition):
        values = {"wants": _wanted(condition.parsed, references), "condition": condition.expression[:100]}
    elif kind in _TEMPORAL:
        everything = frozenset(range(len(keys)))
        values = {"wants": lambda seen: seen >= everything, "condition": "all of them"}
    elif isinstance(condition, SigmaCorrelationCondition):
        values = _counted(kind, condition)
    else:
        raise Unsupported(f"a correlation of the type {kind} without a condition")
    return replace(about_it, **values)


def _counted(kind: str, condition: SigmaCorrelationCondition) -> dict[str, Any]:
    word, compare = _HOLDS[condition.op]
    limit = float(condition.count)
    if kind in ("event_count", "value_count") and limit > MOST_EVENTS:
        raise Unsupported(f"a count above {MOST_EVENTS:,}, which is as many as are remembered")
    fields = condition.fieldref
    named = (fields,) if isinstance(fields, str) else tuple(fields or ())
    if kind != "event_count" and not named:
        raise Unsupported(f"a correlation of the type {kind} that names no field")
    return {
        "holds": lambda value: compare(value, limit),
        "fields": tuple(f.lower() for f in named),
        "percentile": float(condition.percentile if condition.percentile is not None else 50),
        "condition": f"{word} {condition.count}",
    }


def _field(made: SigmaCorrelationRule, reference: str, field: str) -> str:
    """The name of a group-by field in the events of one rule."""
    alias = made.aliases.aliases.get(field) if made.aliases is not None else None
    if alias is None:
        return field.lower()
    for other, name in alias.mapping.items():
        if str(other.reference) == reference:
            return name.lower()
    return field.lower()


def _wanted(tree: object, references: Sequence[str]) -> Callable[[frozenset[int]], bool]:
    if isinstance(tree, SigmaRuleReference):
        number = list(references).index(str(tree.reference))
        return lambda seen: number in seen
    parts = [_wanted(a, references) for a in getattr(tree, "args", ())]
    if isinstance(tree, CorrelationConditionNOT):
        return lambda seen: not parts[0](seen)
    if isinstance(tree, CorrelationConditionAND):
        return lambda seen: all(p(seen) for p in parts)
    if isinstance(tree, CorrelationConditionOR):
        return lambda seen: any(p(seen) for p in parts)
    raise Unsupported("a correlation condition that is not known")
