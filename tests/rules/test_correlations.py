"""Correlations: what they count, under which key, and that their state moves."""

from typing import Any

import numpy as np
import pytest
import yaml

from pipeline.detectors.detector import Setup
from pipeline.detectors.logs.sigma import LogSigma
from pipeline.errors import CheckpointError
from pipeline.rules.reading import read_rules
from pipeline.rules.rule_set import RuleSet
from rules.short_events import batch_of, document


def _base(name: str, image: str) -> dict[str, Any]:
    detection = {"s": {"Image|endswith": image}, "condition": "s"}
    return {"title": name, "name": name, "logsource": {"category": "process_creation"}, "detection": detection}


def rules_of(correlation: dict[str, Any], **more: Any) -> RuleSet:
    common = {"rules": ["a"], "group-by": ["User"], "timespan": "60s"} | correlation
    documents = [_base("a", "a.exe"), _base("b", "b.exe"), {"title": "c", "correlation": common} | more]
    rules = read_rules([("c.yml", yaml.safe_dump_all(documents))])
    assert not rules.problems, rules.problems
    return rules


def told(rules: RuleSet, events: list[tuple[float, str, dict[str, Any]]]) -> list[int]:
    """Events at which the correlation was told; (seconds, image, more fields)."""
    documents = [
        document({"p": {"i": image, "User": "ann"} | more}, 0)[1] | {"ts": 1000.0 + ts, "event_id": str(k)}
        for k, (ts, image, more) in enumerate(events)
    ]
    detector = LogSigma(Setup(8, rules=rules))
    whole = detector.score(batch_of(documents, "logs")).parts
    # In two pieces, the second by another detector that loads the state of the first.
    half = len(documents) // 2
    first, second = LogSigma(Setup(8, rules=rules)), LogSigma(Setup(8, rules=rules))
    rows = []
    if half:
        part = first.score(batch_of(documents[:half], "logs")).parts
        assert part is not None
        rows += part.rows.tolist()
    for group in range(8):
        second.load(group, first.state(group))
    part = second.score(batch_of(documents[half:], "logs")).parts
    assert part is not None and whole is not None
    rows += [half + r for r in part.rows.tolist()]
    assert rows == whole.rows.tolist()
    number = len(detector.rules.rules)
    return [r for r, w in zip(whole.rows.tolist(), whole.which.tolist(), strict=True) if w >= number]


A, B = "x\\a.exe", "x\\b.exe"
MINUTE = [(0, A, {}), (10, A, {}), (20, A, {}), (90, A, {})]
CASES = [
    ({"type": "event_count", "condition": {"gte": 3}}, MINUTE, [2]),
    ({"type": "event_count", "condition": {"gt": 3}}, MINUTE, []),
    ({"type": "event_count", "condition": {"eq": 2}}, MINUTE, [1]),
    ({"type": "event_count", "condition": {"lt": 2}}, MINUTE, [0, 3]),
    ({"type": "event_count", "condition": {"lte": 2}}, MINUTE, [0, 1, 3]),
    ({"type": "event_count", "condition": {"gte": 2}}, [(0, A, {}), (1, A, {"User": "bob"}), (2, A, {})], [2]),
    ({"type": "event_count", "condition": {"gte": 1}}, [(0, A, {"User": ""})], []),
    ({"type": "value_count", "condition": {"gte": 2, "field": "CommandLine"}},
     [(0, A, {"c": "1"}), (1, A, {"c": "1"}), (2, A, {"c": "2"})], [2]),
    ({"type": "value_sum", "condition": {"gt": 100, "field": "Size"}},
     [(0, A, {"Size": 60}), (1, A, {"Size": "x"}), (2, A, {"Size": 60})], [2]),
    ({"type": "value_avg", "condition": {"lt": 50, "field": "Size"}},
     [(0, A, {"Size": 60}), (1, A, {"Size": 30})], [1]),
    ({"type": "value_percentile", "condition": {"gte": 90, "field": "Size", "percentile": 50}},
     [(0, A, {"Size": 10}), (1, A, {"Size": 100}), (2, A, {"Size": 90})], [2]),
    ({"type": "temporal", "rules": ["a", "b"]}, [(0, B, {}), (30, A, {}), (100, B, {})], [1]),
    ({"type": "temporal", "rules": ["a", "b"]}, [(0, B, {}), (30, B, {}), (100, A, {})], []),
    ({"type": "temporal_ordered", "rules": ["a", "b"]}, [(0, B, {}), (10, A, {}), (20, B, {})], [2]),
    ({"type": "event_count", "rules": ["a", "b"], "group-by": ["who"], "condition": {"gte": 2},
      "aliases": {"who": {"a": "User", "b": "Owner"}}}, [(0, A, {}), (1, B, {"User": "x", "Owner": "ANN"})], [1]),
]  # fmt: skip


@pytest.mark.parametrize(("correlation", "events", "expected"), CASES)
def test_correlation(correlation: dict[str, Any], events: list[Any], expected: list[int]) -> None:
    assert told(rules_of(correlation), events) == expected


def test_its_rules_are_silent_unless_it_generates() -> None:
    count = {"type": "event_count", "condition": {"gte": 9}}
    batch = batch_of([document({"p": {"i": A, "User": "ann"}})[1]], "logs")
    for generate, findings in ((False, 0), (True, 1)):
        rules = rules_of(count | {"generate": generate})
        parts = LogSigma(Setup(8, rules=rules)).score(batch).parts
        assert parts is not None and len(parts.rows) == findings


def test_other_correlations_begin_as_new_and_foreign_state_is_refused() -> None:
    one = LogSigma(Setup(8, rules=rules_of({"type": "event_count", "condition": {"gte": 2}})))
    other = LogSigma(Setup(8, rules=rules_of({"type": "event_count", "condition": {"gte": 2}, "timespan": "1h"})))
    batch = batch_of([document({"p": {"i": A, "User": "ann"}})[1]], "logs")
    one.score(batch)
    group = int(batch.groups[0])
    other.load(group, one.state(group))
    parts = other.score(batch).parts
    assert parts is not None and not len(parts.rows)
    with pytest.raises(CheckpointError):
        one.load(group, {"correlations": np.frombuffer(b"nonsense", np.uint8)})


def test_missing_rule_is_told() -> None:
    correlation = {"type": "event_count", "rules": ["nobody"], "timespan": "1m", "condition": {"gte": 2}}
    rules = read_rules([("c.yml", yaml.safe_dump({"title": "c", "correlation": correlation}))])
    assert not rules.correlations and "nobody" in rules.problems[0].reason
