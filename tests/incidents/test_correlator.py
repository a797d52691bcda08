"""From notes to incidents, whatever their order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.notes import T0, correlator, finding, grouped, link
from pipeline.errors import CheckpointError
from pipeline.incidents.assessment import Assessment
from pipeline.incidents.options import HOUR_S, IncidentOptions
from pipeline.incidents.unjudged import assess_alone
from schemas.note import VerdictNote


def _ransomware() -> list[Any]:
    return [
        link("u1", "WS-1", 0.0),
        link("WS-1.hosp.example", "10.20.5.1", 0.0, via="address", kinds=("host", "ip")),
        finding("a", "logs.suspicious_command", 0.1, attacks=["T1059.001"], host="WS-1", user="u1"),
        finding("b", "logs.backup_tampering", 0.2, 5, attacks=["T1490"], host="srv-backup", user="u1"),
        finding("c", "network.ransomware", 0.3, 5, attacks=["T1486"], src_ip="10.20.5.1", dst_ip="10.20.1.20"),
        finding("d", "logs.odd_hour", 0.0, 2, attacks=["T1078"], user="u1", host="ws-1"),
    ]


def test_names_of_one_actor_become_one_incident() -> None:
    c = correlator()
    for note in _ransomware():
        c.take(note)
    assert grouped(c) == {frozenset("abcd")}
    (document,) = c.documents()
    detail = document.unmapped
    assert detail.kind == "ransomware"
    assert detail.notify
    assert detail.tactics == ["Initial Access", "Execution", "Impact"]
    assert [e.alert_id for e in detail.timeline] == ["d", "a", "b", "c"]
    assert {p.value for p in detail.parties} >= {"ws-1", "u1", "10.20.5.1", "srv-backup", "10.20.1.20"}
    assert "ransomware" in document.message
    assert document.priority == "Critical"


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(13)))
def test_any_order_gives_the_same_groups(order: list[int]) -> None:
    notes = [
        *_ransomware(),
        finding("e", "network.lateral_movement", 1.0, src_ip="10.20.5.1", dst_ip=["10.20.6.1", "10.20.1.10"]),
        finding("f", "network.beaconing", 3.0, attacks=["T1071.001"], src_ip="10.20.6.1", sni="c2.example"),
        finding("g", "network.beaconing", 4.0, attacks=["T1071.001"], src_ip="10.20.7.1", sni="c2.example"),
        finding("h", "network.lateral_movement", 1.5, src_ip="10.20.8.1", dst_ip="10.20.1.10"),
        finding("i", "network.port_scan", 60.0, 3, attacks=["T1046"], src_ip="10.20.5.1", dst_ip="10.20.1.10"),
        finding("a", "logs.suspicious_command", 0.1, 4, 2, ["T1059.001"], until_h=5.0, host="WS-1", user="u1"),
        finding("j", "logs.credential_dumping", 2.0, 5, attacks=["T1003.006"], host="dc1", src_ip="10.20.8.1"),
    ]
    c = correlator()
    for place in order:
        c.take(notes[place])
        c.documents()
    assert grouped(c) == {frozenset("abcdefg"), frozenset("hj"), frozenset("i")}


def test_a_note_that_comes_again_changes_nothing() -> None:
    c = correlator()
    for note in _ransomware():
        c.take(note)
    c.documents()
    for note in _ransomware():
        c.take(note)
    assert c.documents() == []


def test_a_checkpoint_keeps_everything() -> None:
    notes = _ransomware()
    whole, first = correlator(), correlator()
    for note in notes:
        whole.take(note)
    for note in notes[:4]:
        first.take(note)
    first.documents()
    second = correlator()
    second.load(first.state())
    for note in notes[4:]:
        second.take(note)
    (expected,), (found,) = whole.documents(), second.documents()
    same = {"revision", "notify"}
    assert expected.unmapped.model_dump(exclude=same) == found.unmapped.model_dump(exclude=same)
    second.load({})
    assert grouped(second) == set()
    state = first.state()
    with pytest.raises(CheckpointError, match="another version"):
        second.load({"incidents": state["incidents"][:-9]})


def test_what_comes_after_a_gap_is_another_incident() -> None:
    c = correlator()
    c.take(finding("a", "network.beaconing", 0.0, src_ip="10.1.1.1"))
    c.take(finding("b", "network.beaconing", 23.0, src_ip="10.1.1.1"))
    c.take(finding("c", "network.beaconing", 48.0, src_ip="10.1.1.1"))
    assert grouped(c) == {frozenset("ab"), frozenset("c")}


def test_the_older_incident_survives_when_two_meet() -> None:
    c = correlator()
    c.take(finding("b", "network.ransomware", 1.0, 5, attacks=["T1486"], src_ip="10.20.5.1"))
    c.take(finding("a", "logs.backup_tampering", 0.5, 5, attacks=["T1490"], host="ws-1"))
    later, older = (d.unmapped.incident_id for d in c.documents())
    c.take(link("ws-1", "10.20.5.1", 1.0, via="address", kinds=("host", "ip")))
    documents = {d.unmapped.incident_id: d for d in c.documents()}
    assert documents[later].unmapped.merged_into == older
    assert documents[later].activity_id == 3
    assert documents[older].unmapped.alerts == 2
    assert not documents[older].unmapped.merged_into


def test_a_weak_finding_is_watched_and_a_precise_one_is_told() -> None:
    c = correlator()
    c.take(finding("a", "network.flow_anomaly", 0.0, 2, attacks=[], score=0.55, src_ip="10.1.1.1"))
    assert c.documents() == []
    assert grouped(c) == {frozenset("a")}
    c.take(finding("b", "ehr.coworker", 0.0, 3, attacks=["T1213"], user="u7", patient="p1"))
    (document,) = c.documents()
    assert document.unmapped.kind == "record_access"
    assert document.unmapped.tactics == ["Privacy"]


def test_what_is_withdrawn_or_judged_harmless_resolves_its_incident() -> None:
    judged: dict[str, Assessment] = {}
    c = correlator(assess=lambda note: judged.get(note.alert_id) or assess_alone(note))
    c.take(finding("a", "ehr.coworker", 0.0, 3, attacks=["T1213"], user="u7", patient="p1"))
    (first,) = c.documents()
    c.take(finding("a", "ehr.coworker", 0.0, 3, attacks=["T1213"], user="u7", patient="p1", withdrawn=1))
    (second,) = c.documents()
    assert (first.status, second.status) == ("New", "Resolved")
    assert not second.unmapped.notify
    c.take(finding("b", "ehr.vip", 1.0, 3, attacks=["T1213"], user="u8", patient="p1"))
    (third,) = c.documents()
    judged["b"] = Assessment(0.02)
    c.take(
        VerdictNote(
            ts=T0 + 2 * HOUR_S, verdict_id="v", incident_id=third.unmapped.incident_id, verdict="false", who="kim"
        )
    )
    (fourth,) = c.documents()
    assert fourth.status == "Resolved"


def test_what_is_allowed_or_over_budget_weighs_nothing_or_less() -> None:
    c = correlator()
    c.take(finding("a", "ehr.coworker", 0.0, 3, attacks=["T1213"], user="u7", allowed=True, suppressed="allowed"))
    c.take(finding("b", "ehr.coworker", 0.0, 3, attacks=["T1213"], user="u8", suppressed="over its budget"))
    c.take(finding("c", "ehr.coworker", 0.0, 3, attacks=["T1213"], user="u9"))
    assert [d.unmapped.subject.value for d in c.documents()] == ["u9"]
    c.tables()
    risks = {m.subject[1]: m.points for _, found in c.groups() for m in found}
    assert risks["u7"] == 0.0
    assert 0.0 < risks["u8"] < risks["u9"]


def test_groups_are_forgotten_in_time_and_beyond_a_number() -> None:
    c = correlator(IncidentOptions(max_members=80))
    for i in range(200):
        c.take(finding(f"a{i}", "logs.odd_hour", i / 60, 2, user=f"u{i}", host=f"ws-{i}"))
    assert 60 <= len(grouped(c)) <= 80
    for day in range(1, 10):
        c.take(finding(f"z{day}", "logs.odd_hour", 24.0 * day, 2, user="u"))
    assert len(grouped(c)) == 1


def test_one_clock_that_is_years_ahead_makes_nothing_forgotten() -> None:
    c = correlator()
    c.take(finding("a", "network.beaconing", 0.0, src_ip="10.1.1.1"))
    c.take(finding("b", "network.beaconing", 24.0 * 365, src_ip="10.1.1.2"))
    c.take(finding("c", "network.beaconing", 1.0, src_ip="10.1.1.1"))
    assert frozenset("ac") in grouped(c)


def test_three_hints_about_one_name_are_told() -> None:
    c = correlator()
    for i, detector in enumerate(("logs.volume", "logs.rare_template")):
        c.take(finding(str(i), detector, i, 2, attacks=[], score=0.55, host="srv-1"))
    c.take(finding("else", "logs.template_sequence", 1, 2, attacks=[], score=0.55, host="srv-2"))
    assert c.documents() == []
    c.take(finding("third", "logs.template_sequence", 2, 2, attacks=[], score=0.55, host="srv-1"))
    (document,) = c.documents()
    assert document.unmapped.opened_because == "3 detectors agree"
