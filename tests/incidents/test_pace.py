"""How much it takes to be told, by how much was told lately."""

from pipeline.incidents.correlator import Correlator
from pipeline.incidents.options import IncidentOptions
from pipeline.incidents.pace import Pace
from schemas.note import FindingNote
from tests.incidents.notes import T0, correlator, finding

DAY_H = 24.0
OPTIONS = IncidentOptions()


def hint(number: int, at_h: float, score: float = 0.501) -> FindingNote:
    """Only just a finding of medium severity, by another detector about another machine each time."""
    return finding(f"h{number}", f"network.kind{number}", at_h, severity=3, score=score, src_ip=f"10.0.1.{number}")


def plain(number: int, at_h: float) -> FindingNote:
    """What is told on any day."""
    return finding(f"p{number}", f"network.grave{number}", at_h, src_ip=f"10.0.2.{number}")


def told(c: Correlator) -> set[str]:
    """Alerts that are in an incident."""
    return {m.alert_id for group, members in c.groups() if group.is_incident for m in members}


def test_a_single_hint_is_told_where_there_is_nothing_else() -> None:
    c = correlator()
    c.take(hint(1, 0))
    (document,) = c.documents()
    assert told(c) == {"h1"} and document.unmapped.notify
    assert document.unmapped.risk < OPTIONS.risk_threshold


def test_so_many_hints_of_a_quiet_day_are_told_as_people_have_time_for_the_next_day_others() -> None:
    c = correlator()
    for number in range(60):
        c.take(hint(number, number * DAY_H / 60, score=0.5 + 0.05 * (number % 3)))
    first = told(c)
    assert 3 <= len(first) <= OPTIONS.a_day
    for number in range(60, 90):
        c.take(hint(number, DAY_H + (number - 30) * DAY_H / 60))
    assert told(c) > first


def test_what_is_grave_never_waits_and_evident_attacks_let_the_hints_through() -> None:
    c = correlator()
    for number in range(OPTIONS.a_day - 1):
        c.take(plain(number, 0.01 * number))
    c.take(hint(1, 0.5))
    assert "h1" not in told(c)
    c.take(plain(20, 0.6))
    c.take(plain(21, 0.7))
    assert {"p20", "p21"} < told(c)
    c.take(hint(2, 0.8))
    c.take(hint(3, 2.0))
    assert {"h1", "h2", "h3"} < told(c), "what waited is told within the hour"


def test_hints_alone_raise_the_bar_to_the_threshold_and_no_further() -> None:
    pace = Pace(OPTIONS)
    assert pace.bar(T0) == OPTIONS.risk_floor
    for number in range(100):
        pace.opened(f"i{number}", T0, plain=False)
    assert pace.bar(T0) == OPTIONS.risk_threshold
    assert pace.bar(T0 + 2 * 86_400) == OPTIONS.risk_floor
    for number in range(OPTIONS.a_day):
        pace.grown(f"i{number}")
    assert pace.bar(T0) == OPTIONS.risk_floor


def test_a_hint_of_low_severity_is_told_where_its_kind_hardly_ever_comes() -> None:
    c = correlator()
    for number in range(6):
        of_many = finding(f"m{number}", "logs.often", 0.1 * number, severity=2, score=0.95, host=f"srv-{number}")
        c.take(of_many)
    c.take(finding("just", "logs.seldom", 1, severity=2, score=0.55, host="srv-10"))
    c.take(finding("far", "logs.hardly", 1, severity=2, score=0.95, host="srv-11"))
    assert told(c) == {"m0", "m1", "far"}, "the first two of a kind nobody knows to be frequent, then no more"
    for number in range(OPTIONS.a_day):
        c.take(hint(number, 1.1))
    c.take(finding("late", "logs.rarely", 2, severity=2, score=0.7, host="srv-12"))
    assert "late" not in told(c), "it waits its turn like others"


def test_a_checkpoint_keeps_what_was_told() -> None:
    c = correlator()
    for number in range(OPTIONS.a_day - 1):
        c.take(plain(number, 0.01 * number))
    other = correlator()
    other.load(c.state())
    fresh = correlator()
    for each in (c, other, fresh):
        each.take(hint(1, 0.5))
    assert "h1" in told(fresh) and "h1" not in told(c) | told(other)


def test_patients_that_one_provider_billed_for_are_one_incident() -> None:
    c = correlator()
    for number in range(12):
        c.take(
            finding(
                f"a{number}", "claims.identity", 0.1 * number, severity=3, attacks=(), score=0.6,
                patient=f"p{number}", provider="1234567893",
            )
        )  # fmt: skip
    c.take(finding("b", "claims.identity", 2, severity=3, attacks=(), patient="p99", provider="1234567901"))
    groups = sorted(len(members) for _, members in c.groups())
    assert groups == [1, 12] and {f"a{number}" for number in range(12)} <= told(c)
