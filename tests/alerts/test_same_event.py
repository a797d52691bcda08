"""What several detectors and rules find in one event is told once."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.findings import Hits, hits
from pipeline.alerts.allowance import Allowance
from pipeline.alerts.grouper import Grouper
from schemas.alert import Alert
from schemas.finding import Finding


def _rules(rows: list[tuple[int, int]], at: list[int], severity: list[int], yields: list[bool]) -> Hits:
    """Findings of rules about things at times, each of its own rule, in the events `at`."""
    made = hits(rows, first=100)
    plain = made.describe

    def describe(k: int) -> Finding:
        told = {"title": f"Rule {k}", "severity": severity[k], "attacks": [f"T100{k}"], "rule": f"r{k}"}
        return plain(k).model_copy(update=told)

    made.detector, made.describe, made.at = "test.rules", describe, np.array(at)
    made.severity, made.yields = np.array(severity, np.int8), np.array(yields)
    made.keys = made.keys + np.arange(len(rows), dtype=np.uint64) * np.uint64(1_000)
    return made


def _told(alerts: list[Alert]) -> list[tuple[str, int, int, str]]:
    return [(a.finding_info.analytic.uid, a.count, a.severity_id, a.message.partition(" Also: ")[2]) for a in alerts]


def test_a_rule_is_told_in_the_alert_of_a_detector_about_the_same_event() -> None:
    rules = _rules([(1, 10), (1, 20)], [0, 1], [3, 3], [True, True])
    one = hits([(1, 10)])
    grouper = Grouper("1")
    told = grouper.add([rules, one])
    assert _told(told) == [("test.one", 1, 3, "Rule 0."), ("test.rules", 1, 3, "")]
    assert told[0].unmapped["beside"] == ["test.rules"]
    assert [a.technique.uid for a in told[0].finding_info.attacks] == ["T1000"]
    again = Grouper("1")
    again.load(1, grouper.state(1))
    assert _told(again.drain()) == _told(told)


def test_what_is_graver_or_ones_own_stands_by_itself() -> None:
    rules = _rules([(1, 10), (1, 10)], [0, 0], [4, 3], [True, False])
    assert _told(Grouper("1").add([rules, hits([(1, 10)])])) == [
        ("test.one", 1, 3, ""), ("test.rules", 1, 4, ""), ("test.rules", 1, 3, ""),
    ]  # fmt: skip


def test_of_several_rules_the_gravest_speaks() -> None:
    rules = _rules([(1, 10)] * 4, [0, 0, 0, 0], [3, 4, 4, 2], [True, True, True, True])
    assert _told(Grouper("1").add([rules])) == [("test.rules", 1, 4, "Rule 0; Rule 2; Rule 3.")]


def test_of_equals_ones_own_takes_the_shipped_in() -> None:
    rules = _rules([(1, 10)] * 2, [0, 0], [3, 3], [True, False])
    assert _told(Grouper("1").add([rules])) == [("test.rules", 1, 3, "Rule 0.")]


def test_many_rules_do_not_fill_a_sentence() -> None:
    rules = _rules([(1, 10)] * 40, [0] * 40, [3] * 40, [True] * 40)
    assert _told(Grouper("1").add([rules])) == [
        ("test.rules", 1, 3, "Rule 1; Rule 2; Rule 3; Rule 4; Rule 5 and 34 more.")
    ]


def test_a_hidden_alert_hides_nothing_else() -> None:
    def allowed(finding: Finding) -> Allowance | None:
        return Allowance("o", "r", "2030-01-01", "v") if finding.detector == "test.one" else None

    rules = _rules([(1, 10), (1, 10)], [0, 0], [3, 3], [True, True])
    assert _told(Grouper("1", allowed).add([rules, hits([(1, 10)])])) == [("test.rules", 1, 3, "Rule 1.")]


Event = tuple[int, str, list[tuple[int, bool]]]
"""Whom it is about, which detectors find it, and (severity, whether it yields) of each rule that matches it."""
events = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["", "one", "two", "both"]),
        st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=3),
    ),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(given_events=events, cuts=st.lists(st.integers(0, 25), max_size=4))
def test_cuts_do_not_matter(given_events: list[Event], cuts: list[int]) -> None:
    whole, parts = Grouper("1"), Grouper("1")
    bounds = sorted({0, len(given_events), *(c for c in cuts if c < len(given_events))})
    told = [a.model_dump() for a in whole.add(_batch(given_events, 0))]
    cut = [a.model_dump() for lo, hi in pairwise(bounds) for a in parts.add(_batch(given_events[lo:hi], lo))]
    ids = [a["metadata"]["uid"] for a in told]
    assert len(set(ids)) == len(ids), "no document is told twice under one id"
    assert {a["metadata"]["uid"]: a for a in cut} == dict(zip(ids, told, strict=True))
    assert [a.model_dump() for a in whole.drain()] == [a.model_dump() for a in parts.drain()]


def _batch(given_events: list[Event], first: int) -> list[Hits]:
    """Detectors `test.one` and `test.two` and a detector of rules, over events whose times are their numbers."""
    made = []
    for name in ("one", "two"):
        at = [i for i, (_, who, _) in enumerate(given_events) if who in (name, "both")]
        found = hits([(given_events[i][0], first + i) for i in at])
        found.detector = f"test.{name}"
        made.append(_placed(found, at))
    every = [(i, number, *rule) for i, event in enumerate(given_events) for number, rule in enumerate(event[2])]
    at = [i for i, *_ in every]
    rules = _rules([(given_events[i][0], first + i) for i in at], at, [e[2] for e in every], [e[3] for e in every])
    rules.keys = np.array([1 + given_events[i][0] + 1_000 * number for i, number, *_ in every], np.uint64)
    plain = rules.describe
    rules.describe = lambda k: plain(k).model_copy(
        update={"title": f"Rule {every[k][1]}", "rule": "", "attacks": [], "group_key": str(rules.keys[k])}
    )
    return [h for h in (*made, _placed(rules, at)) if len(h.ts)]


def _placed(made: Hits, at: list[int]) -> Hits:
    """Found in the events `at`, which are known by their times."""
    made.at, plain = np.array(at), made.describe

    def describe(k: int) -> Finding:
        finding = plain(k)
        place = {"offset": round(finding.ts), "event_id": str(finding.ts)}
        return finding.model_copy(update={"evidence": finding.evidence.model_copy(update=place)})

    made.describe = describe
    return made
