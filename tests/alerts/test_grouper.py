"""Grouping: few alerts, right counts, the same however the stream was cut."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alerts.alert_state import DAY_S
from pipeline.alerts.allowance import Allowance
from pipeline.alerts.grouper import Grouper
from schemas.alert import Alert
from schemas.finding import Evidence, Finding, Observable

TEST = Allowance("it", "test", "2099", "v7")


@dataclass
class Hits:
    """Findings of one detector as the engine gives them."""

    detector: str
    groups: np.ndarray
    keys: np.ndarray
    ts: np.ndarray
    scores: np.ndarray
    a_day: int | None
    describe: Callable[[int], Finding]
    observe: Callable[[int], dict[tuple[str, str], str]]
    event_id: Callable[[int], str] | None = None
    alert_days: int = 1
    beside: tuple[str, ...] = ()
    throughout: tuple[str, ...] = ()

    @property
    def rows(self) -> np.ndarray:
        """All of the batch."""
        return np.arange(len(self.ts))


def hits(rows: list[tuple[int, int]], *, first: int = 0, a_day: int | None = None, withdrawable: bool = False) -> Hits:
    """Findings about things (numbers) at times (seconds); a thing's key group is its number modulo two."""
    scores = [0.5 + (thing * 7 + round(ts)) % 50 / 100 for thing, ts in rows]

    def describe(k: int) -> Finding:
        thing, ts = rows[k]
        return Finding(
            detector=made.detector, title="One", severity=3, source="network", ts=ts, entity=f"e{thing}",
            entity_type="ip", group_key=f"e{thing}", score=scores[k], threshold=0.5, message=f"e{thing} at {ts}",
            observables=[Observable(name=n, type=t, value=v) for (t, v), n in observe(k).items()], model_version="v",
            evidence=Evidence(topic="t", partition=0, offset=first + k, event_id=str(first + k)),
        )  # fmt: skip

    def observe(k: int) -> dict[tuple[str, str], str]:
        return {("ip", f"e{rows[k][0]}"): "src_ip", ("ip", f"d{rows[k][1]}"): "dst_ip"}

    made = Hits(
        "test.one", np.array([t % 2 for t, _ in rows], np.int32), np.array([t + 1 for t, _ in rows], np.uint64),
        np.array([float(s) for _, s in rows]), np.array(scores), a_day, describe, observe,
        (lambda k: str(first + k)) if withdrawable else None,
    )  # fmt: skip
    return made


def counts(alerts: list[Alert]) -> dict[str, list[int]]:
    """By entity, the counts that were told."""
    found: dict[str, list[int]] = {}
    for alert in alerts:
        found.setdefault(str(alert.unmapped["entity"]), []).append(alert.count)
    return found


def test_told_at_each_doubling_and_counted_to_the_end() -> None:
    grouper = Grouper("1")
    told = grouper.add([hits([(1, i) for i in range(11)])])
    assert counts(told) == {"e1": [1, 2, 4, 8]}
    assert [a.activity_id for a in told] == [1, 2, 2, 2]
    assert len({a.finding_info.uid for a in told}) == 1
    ((state, document),) = grouper.changed()
    assert (state.count, document.count, document.start_time, document.end_time) == (11, 11, 0, 10_000)
    assert {o.value for o in document.observables} == {"e1"} | {f"d{i}" for i in range(11)}
    assert grouper.changed() == []
    grouper.add([hits([(1, i) for i in range(11, 13)])])
    assert grouper.changed() == [], "not told, so not written yet"
    again = Grouper("1")
    again.load(1, grouper.state(1))
    for kept in (grouper, again):
        ((state, document),) = kept.changed(everything=True)
        assert state.count == document.count == 13
        assert kept.changed(everything=True) == []


def test_each_day_has_its_own_alert_and_a_past_one_is_closed() -> None:
    grouper = Grouper("1")
    told = grouper.add([hits([(1, 10), (1, DAY_S + 10)])])
    assert len({a.finding_info.uid for a in told}) == 2
    assert grouper.close({1: 1.5 * DAY_S}) == []
    closed = grouper.close({1: 2.0 * DAY_S})
    assert [(a.activity_id, a.start_time) for a in closed] == [(3, 10_000)]
    assert grouper.close({1: 2.0 * DAY_S}) == []


rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3 * DAY_S)), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    rows=rows,
    cuts=st.lists(st.integers(0, 60), max_size=5),
    a_day=st.sampled_from([None, 1, 2]),
    allowed=st.sets(st.integers(0, 3)),
)
def test_what_is_told_does_not_depend_on_cuts(
    rows: list[tuple[int, int]], cuts: list[int], a_day: int | None, allowed: set[int]
) -> None:
    def entry(f: Finding) -> Allowance | None:
        return TEST if int(f.ts) % 5 in allowed else None

    whole, pieces = Grouper("1", entry), Grouper("1", entry)
    told = whole.add([hits(rows, a_day=a_day)])
    parts: list[Alert] = []
    borders = sorted({0, len(rows), *(c for c in cuts if c < len(rows))})
    for begin, end in pairwise(borders):
        parts += pieces.add([hits(rows[begin:end], first=begin, a_day=a_day)])
        for group in range(2):  # a restart between any two batches changes nothing
            pieces.load(group, pieces.state(group))
    key = lambda a: (a.finding_info.uid, a.count)  # noqa: E731
    assert sorted(told, key=key) == sorted(parts, key=key)
    assert sorted(whole.drain(), key=key) == sorted(pieces.drain(), key=key)


def test_an_alert_of_some_days_counts_what_comes_within_them() -> None:
    grouper = Grouper("1")
    found = hits([(1, 10), (1, 2 * DAY_S), (1, 3 * DAY_S), (1, 4 * DAY_S)])
    found.alert_days = 3
    told = grouper.add([found])
    assert [(a.activity_name, a.count) for a in told] == [("Create", 1), ("Update", 2), ("Create", 1), ("Update", 2)]
    assert len({a.finding_info.uid for a in told}) == 2
    assert grouper.close({1: 3.9 * DAY_S}) == []
    assert [a.count for a in grouper.close({1: 4.0 * DAY_S})] == [2]


def test_what_is_told_late_of_a_day_before_belongs_to_the_case() -> None:
    grouper = Grouper("1")
    found = hits([(1, 5 * DAY_S), (1, 3 * DAY_S), (1, 2 * DAY_S)], withdrawable=True)
    found.alert_days = 3
    told = grouper.add([found])
    assert [(a.activity_name, a.count) for a in told] == [("Create", 1), ("Update", 2), ("Create", 1)], (
        "three days before it is another"
    )
    assert told[1].start_time == 3 * DAY_S * 1000
    assert grouper.withdraw(1, 3 * DAY_S, "1:withdrawn") == []
    assert [a.status for a in grouper.withdraw(1, 5 * DAY_S, "0:withdrawn")] == ["Resolved"]


def test_what_others_found_the_same_day_is_told_once() -> None:
    one, other = hits([(1, 10)], withdrawable=True), hits([(1, 20), (1, 1.5 * DAY_S + 21)], first=7, withdrawable=True)
    other.detector, other.beside, one.alert_days, other.alert_days = "test.two", ("test.one",), 5, 5
    grouper = Grouper("1")
    told = grouper.add([other, one])
    assert [(a.finding_info.analytic.uid, a.activity_name, a.count) for a in told] == [
        ("test.one", "Create", 1), ("test.one", "Update", 2), ("test.two", "Create", 1)
    ], "one event is told by who stands beside nobody; after the shift of the next day it is another case"  # fmt: skip
    assert told[1].message == "e1 at 10 Also: One." and told[1].unmapped["beside"] == ["test.two"]
    again = Grouper("1")
    again.load(1, grouper.state(1))
    for kept in (grouper, again):
        assert kept.withdraw(1, 10.0, "0:withdrawn") == [], "what the other found is left"
        assert [a.status for a in kept.withdraw(1, 20.0, "7:withdrawn")] == ["Resolved"]


def test_who_counts_the_same_is_taken_in_as_long_as_the_alert_lasts() -> None:
    for days, alerts in ((4, 1), (5, 2)):
        one, other = hits([(1, 10)]), hits([(1, days * DAY_S + 20)], first=7)
        one.alert_days, other.alert_days, other.detector = 5, 9, "test.two"
        other.beside = other.throughout = ("test.one",)
        assert len({a.finding_info.uid for a in Grouper("1").add([one, other])}) == alerts
        other.throughout = ()
        assert len({a.finding_info.uid for a in Grouper("1").add([one, other])}) == 2


def test_a_case_is_as_grave_as_the_gravest_counted_in_it() -> None:
    one, other = hits([(1, 10)]), hits([(1, 20)], first=7)
    plain = other.describe
    other.detector, other.describe = "test.two", lambda k: plain(k).model_copy(update={"severity": 4})
    one.beside, other.beside, one.alert_days, other.alert_days = ("test.two",), ("test.one",), 5, 5
    grouper = Grouper("1")
    told = grouper.add([other, one])
    assert [(a.finding_info.analytic.uid, a.count, a.severity_id) for a in told] == [
        ("test.one", 1, 3), ("test.one", 2, 4),
    ]  # fmt: skip
    again = Grouper("1")
    again.load(1, grouper.state(1))
    assert [a.severity_id for a in again.drain()] == [4]


@settings(max_examples=60, deadline=None)
@given(rows=rows, more=rows, cuts=st.lists(st.integers(0, 60), max_size=5))
def test_what_is_told_of_cases_does_not_depend_on_cuts(
    rows: list[tuple[int, int]], more: list[tuple[int, int]], cuts: list[int]
) -> None:
    def both(begin: int, end: int) -> list[Hits]:
        one, other = hits(rows[begin:end], first=begin), hits(more[begin:end], first=begin)
        one.alert_days, other.alert_days = 2, 3
        other.detector, other.beside = "test.two", ("test.one",)
        return [other, one]

    whole, pieces = Grouper("1"), Grouper("1")
    told = whole.add(both(0, 60))
    parts: list[Alert] = []
    for begin, end in pairwise(sorted({0, 60, *cuts})):
        parts += pieces.add(both(begin, end))
        for group in range(2):
            pieces.load(group, pieces.state(group))
    key = lambda a: (a.finding_info.uid, a.count)  # noqa: E731
    assert sorted(told, key=key) == sorted(parts, key=key)
    assert sorted(whole.drain(), key=key) == sorted(pieces.drain(), key=key)


def test_findings_may_be_withdrawn_until_nothing_is_left() -> None:
    grouper = Grouper("1")
    grouper.add([hits([(1, 10), (1, 20)], withdrawable=True)])
    grouper.changed()
    assert grouper.withdraw(1, 10.0, "0:withdrawn") == []
    ((state, document),) = grouper.changed()
    assert (state.count, state.withdrawn, document.status, document.unmapped["withdrawn"]) == (2, 1, "New", 1)
    assert grouper.withdraw(1, 10.0, "0:withdrawn") == [], "taken back once"
    assert grouper.withdraw(1, 10.0 + DAY_S, "1:withdrawn") == [] == grouper.withdraw(0, 20.0, "1:withdrawn")
    again = Grouper("1")
    again.load(1, grouper.state(1))
    for kept in (grouper, again):
        (closed,) = kept.withdraw(1, 20.0, "1:withdrawn")
        assert (closed.activity_id, closed.status, closed.count) == (3, "Resolved", 2)
        assert "reason" in (closed.status_detail or "")
    assert grouper.close({1: 3.0 * DAY_S}) == [], "closed once"
    assert again.drain() == []


def test_a_new_finding_opens_a_withdrawn_alert_again() -> None:
    grouper = Grouper("1")
    grouper.add([hits([(1, 10), (1, 11), (1, 12)], withdrawable=True)])
    for event_id in "012":
        grouper.withdraw(1, 10.0, f"{event_id}:withdrawn")
    (told,) = grouper.add([hits([(1, 30)], first=3, withdrawable=True)])
    assert (told.activity_id, told.status, told.count) == (2, "New", 4)
    assert [a.status for a in grouper.close({1: 3.0 * DAY_S})] == ["New"]


def test_what_cannot_be_withdrawn_is_not() -> None:
    grouper = Grouper("1")
    grouper.add([hits([(1, 10)])])
    assert grouper.withdraw(1, 10.0, "0:withdrawn") == []


def test_a_long_id_was_cut_for_the_mark_of_its_withdrawal() -> None:
    grouper = Grouper("1")
    found = hits([(1, 10)])
    found.event_id = lambda _: "x" * 64
    grouper.add([found])
    assert len(grouper.withdraw(1, 10.0, "x" * 54 + ":withdrawn")) == 1


def test_a_budget_bounds_what_is_told_but_not_what_is_kept() -> None:
    grouper = Grouper("1")
    told = grouper.add([hits([(2 * i, 100) for i in range(40)], a_day=3)])
    assert 3 <= len(told) < 20
    kept = grouper.changed()
    assert len(kept) == 40
    silent = [a for s, a in kept if s.suppressed]
    assert len(silent) == 40 - len(told)
    assert all(a.status == "Suppressed" and "budget" in (a.status_detail or "") for a in silent)


def test_allowed_findings_are_counted_and_not_told() -> None:
    grouper = Grouper("1", lambda f: TEST if "e1" in {f.entity, *(o.value for o in f.observables)} else None)
    told = grouper.add([hits([(1, 1), (2, 1), (1, 2)])])
    assert set(counts(told)) == {"e2"}
    kept = grouper.changed()
    assert {s.finding.entity: s.count for s, _ in kept} == {"e1": 2, "e2": 1}
    (hidden,) = [a for s, a in kept if s.suppressed]
    assert (hidden.status, hidden.status_detail) == ("Suppressed", "allowed by it until 2099: test")
    assert hidden.unmapped["allowed"] == {"owner": "it", "reason": "test", "until": "2099", "version": "v7"}
    assert hidden.unmapped["lists"] == {"allow": "v7"}
    assert set(counts(grouper.drain())) == {"e2"}


def test_what_is_not_allowed_is_not_hidden_by_what_is() -> None:
    """An entry about one of those involved, or one that ends at noon, hides no more than that."""
    names = lambda f: {f.entity, *(o.value for o in f.observables)}  # noqa: E731
    by_target = Grouper("1", lambda f: TEST if "d7" in names(f) else None)
    told = by_target.add([hits([(1, 7), (1, 7), (1, 7)])])
    assert told == []
    told = by_target.add([hits([(1, 7), (1, 9), (1, 9), (1, 7)], first=3)])
    assert [(a.activity_name, a.count, a.status) for a in told] == [("Create", 5, "New")]
    assert told[0].message == "e1 at 9" and not told[0].unmapped["allowed"]
    ((state, _),) = by_target.changed()
    assert (state.count, state.suppressed) == (7, None)
    until_noon = Grouper("1", lambda f: TEST if f.ts < 43_200 else None)
    assert until_noon.add([hits([(1, t) for t in (10, 20, 43_100)])]) == []
    again = Grouper("1", lambda f: TEST if f.ts < 43_200 else None)
    again.load(1, until_noon.state(1))
    later = [g.add([hits([(1, 43_300), (1, 43_400)], first=3)]) for g in (until_noon, again)]
    assert [[a.count for a in told] for told in later] == [[4], [4]]


def test_a_flood_is_one_alert_and_still_shows_the_one_that_differs() -> None:
    grouper = Grouper("1")
    told = grouper.add([hits([(1, i % 500) for i in range(100_000)] + [(3, 7)])])
    assert len(told) < 25
    assert counts(grouper.drain()) == {"e1": [100_000], "e3": [1]}
