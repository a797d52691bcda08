"""A flood is counted to the last finding, told once, and hides nothing."""

from incidents.notes import T0, correlator, finding, grouped
from schemas.note import FindingNote

_FLOOD = 6_000


def _flood(alerts: int = _FLOOD) -> list[FindingNote]:
    one = finding("f", "network.beaconing", 0.0, src_ip="10.1.1.1", dst_ip="10.1.1.2")
    minute = 60.0 / alerts
    return [
        one.model_copy(
            update={"alert_id": f"f{i}", "ts": T0 + i * minute, "first_ts": T0 + i * minute, "last_ts": T0 + i * minute}
        )
        for i in range(alerts)
    ]


def test_a_flood_of_alerts_loses_no_finding_and_shows_the_one_that_differs() -> None:
    c = correlator()
    notes = _flood()
    odd = finding("odd", "network.remote_service_exec", 0.009, 3, attacks=["T1569.002"], src_ip="10.1.1.1")
    told = 0
    for i, note in enumerate(notes):
        c.take(note)
        if i == _FLOOD // 2:
            told += sum(d.unmapped.notify for d in c.documents())
            c.take(odd)
            (now,) = c.documents()
            assert now.unmapped.notify
            assert [e.alert_id for e in now.unmapped.timeline if e.detector == odd.detector] == ["odd"]
    (last,) = c.documents()
    detail = last.unmapped
    assert (told, detail.notify) == (1, False)
    assert detail.findings == _FLOOD + 1
    assert detail.alerts == _FLOOD + 1
    assert len(detail.timeline) <= 100
    assert "odd" in {e.alert_id for e in detail.timeline}
    assert detail.silenced >= _FLOOD - 40
    assert c.state()["incidents"].nbytes < 3_000_000
    for note in notes[-500:]:
        c.take(note)
    assert c.documents() == [], "notes that come again count nothing"


def test_counts_of_a_flood_survive_a_checkpoint_in_its_middle() -> None:
    notes = _flood(alerts=300)
    first = correlator()
    for note in notes[:200]:
        first.take(note)
    second = correlator()
    second.load(first.state())
    for note in notes[150:]:
        second.take(note)
    (document,) = second.documents()
    assert document.unmapped.findings == 300
    assert grouped(second) and document.unmapped.alerts == 300


def test_a_flood_of_one_alert_is_a_note_a_doubling() -> None:
    c = correlator()
    for power in range(18):
        until = power / 1000
        c.take(finding("a", "network.beaconing", 0.0, count=1 << power, until_h=until, src_ip="10.1.1.1"))
    (document,) = c.documents()
    assert document.unmapped.findings == 1 << 17
    assert document.unmapped.alerts == 1


def test_silence_ends_when_the_incident_escalates_or_goes_on_for_long() -> None:
    c = correlator()

    def take(note: FindingNote) -> bool:
        c.take(note)
        (document,) = c.documents()
        return document.unmapped.notify

    base = {"src_ip": "10.1.1.1"}
    assert take(finding("a", "network.beaconing", 0.0, attacks=["T1071"], **base))
    assert not take(finding("a", "network.beaconing", 0.0, count=2, until_h=0.5, attacks=["T1071"], **base))
    assert not take(finding("b", "network.flow_anomaly", 0.6, 2, attacks=[], **base))
    assert take(finding("c", "network.port_scan", 0.7, 3, attacks=["T1046"], **base)), "a new tactic"
    assert take(finding("d", "network.slow_scan", 0.8, 3, attacks=["T1046"], **base)), "another kind"
    assert take(finding("e", "network.ransomware", 0.9, 5, attacks=["T1486"], **base)), "graver"
    assert not take(finding("e", "network.ransomware", 0.9, 5, 2, attacks=["T1486"], until_h=1.0, **base))
    assert take(finding("a", "network.beaconing", 0.0, count=4, until_h=1.0 + 25.0, attacks=["T1071"], **base))
    silenced = [g.silenced for g, _ in c.groups()]
    assert silenced == [3]
