"""Grouping: few alerts, right counts, the same however the stream was cut."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.findings import counts, few_rows, hits
from pipeline.alerts.alert_state import DAY_S
from pipeline.alerts.allowance import Allowance
from pipeline.alerts.grouper import Grouper
from schemas.alert import Alert
from schemas.finding import Finding

TEST = Allowance("it", "test", "2099", "v7")


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


@settings(max_examples=60, deadline=None)
@given(
    rows=few_rows,
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
