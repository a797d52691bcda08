"""Alerts that stay open for days, and what several detectors tell of one thing."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.findings import Hits, few_rows, hits
from pipeline.alerts.alert_state import DAY_S
from pipeline.alerts.grouper import Grouper
from schemas.alert import Alert


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
@given(rows=few_rows, more=few_rows, cuts=st.lists(st.integers(0, 60), max_size=5))
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
