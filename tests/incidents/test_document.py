"""What an incident says: for a nurse manager, an analyst, a playbook and a database."""

import pytest

from incidents.notes import T0, correlator, finding, link
from pipeline.incidents.asset import Asset
from pipeline.incidents.options import HOUR_S
from pipeline.incidents.rows import incident_rows
from schemas.incident import Incident
from schemas.note import FindingNote


def _told(*notes: FindingNote, assets: dict[str, Asset] | None = None) -> Incident:
    c = correlator(assets=assets)
    c.take(link("u1", "ws-1", 0.0))
    for note in notes:
        c.take(note)
    documents = c.documents()
    assert len(documents) == 1
    return documents[0]


@pytest.mark.parametrize(
    ("note", "kind", "words"),
    [
        (finding("a", "network.arp_spoofing", 0, attacks=["T1557.002"], src_ip="10.1.1.1"), "intrusion", "break-in"),
        (finding("a", "network.auth_brute_force", 0, attacks=["T1110"], src_ip="10.1.1.1"), "account",
         "tries to get into accounts"),
        (finding("a", "ehr.shared_account", 0, attacks=["T1078"], user="u9"), "account", "somebody else may be using"),
        (finding("a", "claims.identity", 0, attacks=[], entity_field="patient", patient="p~1"), "identity_theft",
         "used by another person"),
        (finding("a", "claims.duplicate", 0, attacks=[], entity_field="provider", provider="17"), "billing",
         "hold the payment"),
        (finding("a", "network.exfiltration", 0, attacks=["T1041"], src_ip="10.1.1.1"), "exfiltration",
         "data left the hospital"),
        (finding("a", "network.port_scan", 0, attacks=["T1046"], src_ip="10.1.1.1"), "reconnaissance", "explored"),
        (finding("a", "network.flood", 0, attacks=["T1498"], src_ip="10.1.1.1"), "disruption", "fallback"),
        (finding("a", "devices.internet", 0, attacks=["T1071"], src_ip="10.1.1.1"), "device", "biomedical"),
        (finding("a", "network.phishing_click", 0, attacks=["T1204.001"], src_ip="10.1.1.1"), "phishing", "mail"),
    ],
)  # fmt: skip
def test_kinds_and_their_sentence(note: FindingNote, kind: str, words: str) -> None:
    document = _told(note)
    assert document.unmapped.kind == kind
    assert words in document.message
    assert note.entity in document.message
    assert "since 2026-03-02 08:00 UTC. First: " in document.message


def test_the_inventory_is_in_the_parties_and_weighs() -> None:
    note = finding("a", "devices.internet", 0, attacks=["T1071"], src_ip="10.4.1.1", dst_ip="198.51.100.9")
    pump = Asset(5, life_support=True, device_class="infusion_pump", name="Pump 12", department="ICU")
    plain, known = _told(note), _told(note, assets={"10.4.1.1": pump})
    assert "Infusion pump Pump 12 (10.4.1.1) of ICU is a device" in known.message
    subject, reached = known.unmapped.parties
    assert (subject.role, subject.criticality, subject.life_support) == ("subject", 5, True)
    assert (reached.value, reached.role) == ("198.51.100.9", "touched")
    assert known.unmapped.risk > plain.unmapped.risk


def test_it_is_valid_and_travels() -> None:
    document = _told(finding("d", "ehr.mass_export", 2, attacks=["T1213"], user="u1", patient="p'~1"))
    again = Incident.model_validate_json(document.to_json())
    assert again == document
    assert (document.class_uid, document.type_uid, document.activity_id) == (2005, 200501, 1)
    assert document.start_time == round((T0 + 2 * HOUR_S) * 1000)
    assert document.desc
    assert "'u1'" in document.unmapped.sql
    assert document.finding_info_list[0]["uid"] == "d"


def test_long_and_hostile_texts_stay_within_their_bounds() -> None:
    document = _told(
        finding("a", "ehr.mass_export", 0, attacks=["T1213"], user="u'1;--\n" + "x" * 200, message="m" * 1024,
                normal="n" * 1024, title="t" * 1000)
    )  # fmt: skip
    Incident.model_validate_json(document.to_json())
    assert len(document.message) <= 1024
    assert "u\\'1;-- xx" in document.unmapped.sql


def test_rows_fit_the_documents() -> None:
    c = correlator()
    c.take(finding("a", "ehr.mass_export", 0, attacks=["T1213"], user="u1"))
    (risk,) = c.tables()["risks"].to_pylist()
    (row,) = incident_rows(c.documents()).to_pylist()
    assert (risk["entity"], risk["incident_id"]) == ("u1", row["incident_id"])
    assert all(t.num_rows == 0 for t in c.tables().values())
    c.take(finding("a", "ehr.mass_export", 0, count=2, until_h=0.1, attacks=["T1213"], user="u1"))
    assert c.tables()["risks"].num_rows <= 1
