"""pySigma's rule → ours: condition tree, gates, and what the pre-filter may use of it."""

import re

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from pipeline.features.layout import FLOAT, INT, layout
from pipeline.rules.condition import (
    Both,
    Either,
    Never,
    Node,
    all_fields,
    clauses,
    compiled,
    needed_numbers,
    positive_fields,
)
from pipeline.rules.fields import PLACES
from pipeline.rules.logsource import NETWORK, gates
from pipeline.rules.rule import About, Rule
from pipeline.rules.values import leaf

_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?$")
_MOST_FIELDS = 6
_CODE_FIELDS = frozenset(("eventid", "event_id"))


class Unsupported(ValueError):  # noqa: N818  (not an error: a limit)
    """A right rule that cannot run here."""


def about_of(made: SigmaRule | SigmaCorrelationRule, path: str, line: int) -> About:
    """What a rule says of itself."""
    attacks = [t.name.upper() for t in made.tags if t.namespace == "attack" and _TECHNIQUE.match(t.name.lower())]
    return About(
        key=str(made.id or made.name or made.title)[:200],
        title=str(made.title)[:200],
        name=str(made.name or "")[:200],
        level=str(made.level) if made.level is not None else "medium",
        attacks=tuple(dict.fromkeys(attacks)),
        description=" ".join(str(made.description or "").split())[:600],
        false_positives=tuple(" ".join(str(f).split())[:200] for f in made.falsepositives[:8]),
        path=path,
        line=line,
    )


def compile_rule(made: SigmaRule, about: About) -> Rule:
    """Raises Unsupported, UnsupportedValue, UnreadSource or SigmaError."""
    source = made.logsource
    where = gates(source.category, source.product, source.service)
    trees = [_node(condition.parsed) for condition in made.detection.parsed_condition]
    node = trees[0] if len(trees) == 1 else Either(tuple(trees))
    spelled = _spelled(made)
    return Rule(
        about=about,
        gates=where,
        test=compiled(node),
        clauses=clauses(node),
        codes=needed_numbers(node, _CODE_FIELDS),
        numbers=_numbers(node) if NETWORK in where else None,
        looks_at=frozenset(all_fields(node)),
        fields=tuple(spelled.get(f, f) for f in dict.fromkeys(positive_fields(node)))[:_MOST_FIELDS],
    )


def _node(item: object) -> Node:
    if isinstance(item, ConditionFieldEqualsValueExpression):
        return leaf(item.field, item.value)
    if isinstance(item, ConditionValueExpression):
        return leaf(None, item.value)
    if isinstance(item, ConditionNOT):
        return Never(_node(item.args[0]))
    if isinstance(item, ConditionAND):
        return Both(tuple(_node(a) for a in item.args))
    if isinstance(item, ConditionOR):
        return Either(tuple(_node(a) for a in item.args))
    raise Unsupported("the condition is empty" if item is None else f"a condition with {type(item).__name__}")


def _spelled(made: SigmaRule) -> dict[str, str]:
    """Field names in lower case → as the rule writes them."""
    names: dict[str, str] = {}
    todo: list[object] = list(made.detection.detections.values())
    while todo:
        item = todo.pop()
        todo += getattr(item, "detection_items", ())
        name = getattr(item, "field", None)
        if isinstance(name, str):
            names.setdefault(name.lower(), name)
    return names


def _numbers(node: Node) -> tuple[str, frozenset[float]] | None:
    """A numeric column of network events that has to equal one of a few numbers."""
    columns = layout(NETWORK)
    names: dict[str, set[str]] = {}
    for name, places in PLACES[NETWORK].items():
        if len(places) == 1:
            names.setdefault(places[0][0], set()).add(name)
    for column, fields in sorted(names.items()):
        if columns.columns[columns.index[column]].type in (FLOAT, INT):
            numbers = needed_numbers(node, frozenset(fields))
            if numbers is not None:
                return column, numbers
    return None
