"""AuditEvents of four FHIR versions become the accesses they tell of, and no more than that."""

import base64

import pytest
from health.reading import items, js, public, read, reasons

from pipeline.ingest.format import Bad, Item
from pipeline.ingest.formats.fhir import Fhir

FHIR = Fhir()


def audit(**changes: object) -> dict[str, object]:
    """A complete R4 read of a chart."""
    return {
        "resourceType": "AuditEvent",
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": "read"}],
        "action": "R",
        "recorded": "2026-03-01T08:00:00.5+01:00",
        "outcome": "0",
        "agent": [
            {
                "type": {"coding": [{"code": "110153"}]},
                "who": {"reference": "Device/gateway"},
                "requestor": False,
                "network": {"address": "http://ehr.example/fhir", "type": "5"},
            },
            {
                "type": {"coding": [{"code": "IRCP"}]},
                "role": [{"coding": [{"code": "224535009", "display": "Registered nurse"}]}],
                "who": {
                    "reference": "https://ehr.example/fhir/Practitioner/n-17/_history/2",
                    "display": "Nia Orr",
                },
                "altId": "norr",
                "requestor": True,
                "location": {"reference": "Location/ward-3"},
                "network": {"address": "2001:DB8::1", "type": "2"},
                "purposeOfUse": [{"coding": [{"code": "TREAT"}]}],
            },
        ],
        "source": {"site": "north", "observer": {"display": "ChartServer"}},
        "entity": [
            {
                "what": {"reference": "urn:uuid:p-9"},
                "type": {"code": "1"},
                "role": {"code": "1"},
                "name": "Ann Other",
            },
            {"what": {"reference": "Observation/o-5"}, "type": {"code": "2"}, "role": {"code": "4"}},
            {"what": {"reference": "Encounter/e-3"}, "type": {"code": "2"}, "role": {"code": "4"}},
            {"what": {"identifier": {"value": "req-1"}}, "type": {"code": "XrequestId"}},
        ],
    } | changes


def one(**changes: object) -> dict[str, object]:
    found = items(FHIR, js(audit(**changes)))
    assert len(found) == 1
    return found[0]


def test_a_read_of_a_chart_in_full() -> None:
    assert one() == {
        "ts": 1772348400.5,
        "kind": "access",
        "format": "fhir.AuditEvent",
        "user": "n-17",
        "user_name": "Nia Orr",
        "role": "Registered nurse",
        "department": "ward-3",
        "patient": "p-9",
        "action": "read",
        "resource": "Observation",
        "object_id": "o-5",
        "encounter": "e-3",
        "purpose": "TREAT",
        "break_glass": False,
        "outcome": "success",
        "src_ip": "2001:db8::1",
        "site": "north",
        "application": "ChartServer",
    }


@pytest.mark.parametrize(
    ("agent", "user"),
    [
        ({"who": {"identifier": {"value": "95"}}, "altId": "6"}, "95"),
        ({"who": {"reference": "Practitioner/7", "identifier": {"value": "95"}}}, "7"),
        ({"who": {"reference": "Device/7"}}, "7"),
        ({"altId": "6", "name": "Nia Orr"}, "6"),
        ({"name": "Nia Orr"}, "Nia Orr"),
        ({"reference": {"reference": "Practitioner/7"}, "userId": {"value": "95"}}, "7"),
        ({"userId": {"value": "95"}}, "95"),
        ({"who": {"identifier": {"value": "/gate/fhir/Patient/p-9?x=p-9"}}}, "/gate/fhir"),
    ],
)
def test_the_user_is_named_by_the_best_identifier_there_is(agent: dict[str, object], user: str) -> None:
    assert one(agent=[agent | {"requestor": True}])["user"] == user


def test_a_patient_in_the_portal_is_no_user_and_keeps_the_name() -> None:
    agent = {
        "who": {"reference": "Patient/p-1", "display": "Ann Other"},
        "requestor": True,
        "name": "Ann Other",
    }
    found = one(agent=[agent], entity=[])
    assert (found.get("user"), found.get("user_name")) == (None, None)
    assert (found["patient"], found["role"]) == ("p-1", "Patient")


def test_no_name_of_a_patient_and_no_query_leaves() -> None:
    secret = "name=Other&birthdate=1950-01-01"
    query = {
        "role": {"code": "24"},
        "type": {"code": "2"},
        "query": base64.b64encode(secret.encode()).decode(),
    }
    found = str(one(subtype=[{"code": "search"}], entity=[*audit()["entity"], query | {"description": secret}]))
    assert "Other" not in found
    assert secret not in found
    assert query["query"] not in found


def test_a_query_that_opens_several_charts_is_several_accesses() -> None:
    people = [{"what": {"reference": f"Patient/p-{n}"}, "role": {"code": "1"}} for n in (1, 2, 2, 3)]
    found = read(FHIR, js(audit(entity=people)))
    assert [i.fields["patient"] for i in found if isinstance(i, Item)] == ["p-1", "p-2", "p-3"]
    assert [i.part for i in found if isinstance(i, Item)] == [0, 1, 2]
    assert all("object_id" not in i.fields for i in found if isinstance(i, Item))


def test_an_id_that_names_the_patient_is_never_the_object() -> None:
    copy = {"what": {"identifier": {"value": "p-9^^^&1.2&ISO"}}, "type": {"code": "2"}, "role": {"code": "4"}}
    found = one(entity=[audit()["entity"][0], copy])
    assert found["patient"] == "p-9"
    assert "object_id" not in found


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"purposeOfEvent": [{"coding": [{"code": "BTG"}]}]}, True),
        ({"purposeOfEvent": [{"coding": [{"code": "ETREAT"}]}]}, True),
        ({"subtype": [{"code": "x", "display": "Break the glass"}]}, True),
        ({"subtype": [{"code": "110127", "display": "Emergency Override Started"}]}, True),
        ({"entity": [{"role": {"code": "4"}, "securityLabel": [{"code": "BTG"}]}]}, True),
        ({"purposeOfEvent": [{"coding": [{"code": "HPAYMT"}]}]}, False),
    ],
)
def test_broken_glass(changes: dict[str, object], broken: bool) -> None:
    assert one(**changes)["break_glass"] is broken


def test_without_a_purpose_nothing_is_known_about_the_glass() -> None:
    assert "break_glass" not in one(agent=[{"altId": "u", "requestor": True}])


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({"subtype": [{"code": "search-type"}], "action": "E"}, "query"),
        ({"subtype": [{"code": "vread"}]}, "read"),
        ({"subtype": [{"code": "patch"}], "action": "U"}, "update"),
        ({"subtype": [{"code": "operation"}], "action": "E"}, "execute"),
        ({"type": {"code": "110106"}, "subtype": []}, "export"),
        ({"type": {"code": "110114"}, "subtype": [{"code": "110122"}], "action": "E"}, "login"),
        ({"type": {"code": "110114"}, "subtype": [{"code": "110123"}], "action": "E"}, "logout"),
        ({"subtype": [{"code": "print"}]}, "print"),
        ({"type": {"code": "110110"}, "subtype": [], "action": "D"}, "delete"),
        ({"type": {"code": "x"}, "subtype": [], "action": None}, None),
    ],
)
def test_actions(changes: dict[str, object], action: str | None) -> None:
    assert one(**changes).get("action") == action


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        ("0", "success"),
        ("8", "failure"),
        ({"code": {"code": "error"}}, "failure"),
        ("x", "unknown"),
        (None, "unknown"),
    ],
)
def test_outcomes(outcome: object, word: str) -> None:
    assert one(outcome=outcome)["outcome"] == word


def test_r5_and_dstu2_spellings_say_the_same() -> None:
    r5 = {
        "resourceType": "AuditEvent",
        "category": [{"coding": [{"code": "rest"}]}],
        "code": {"coding": [{"code": "read"}]},
        "recorded": "2026-03-01T07:00:00Z",
        "outcome": {"code": {"code": "success"}},
        "authorization": [{"coding": [{"code": "TREAT"}]}],
        "agent": [{"who": {"reference": "Practitioner/7"}, "requestor": True, "networkString": "10.0.0.4"}],
        "source": {"observer": {"display": "ChartServer"}},
        "patient": {"reference": "Patient/p"},
        "encounter": {"reference": "Encounter/e"},
        "entity": [{"what": {"reference": "Observation/o"}, "role": {"coding": [{"code": "4"}]}}],
    }
    dstu2 = {
        "resourceType": "AuditEvent",
        "event": {
            "type": {"code": "rest"},
            "subtype": [{"code": "read"}],
            "action": "R",
            "dateTime": "2026-03-01T07:00:00Z",
            "outcome": "0",
            "purposeOfEvent": [{"code": "TREAT"}],
        },
        "participant": [
            {
                "reference": {"reference": "Practitioner/7"},
                "requestor": True,
                "network": {"address": "10.0.0.4", "type": "2"},
            }
        ],
        "source": {"identifier": {"value": "ChartServer"}},
        "object": [
            {"reference": {"reference": "Patient/p"}, "role": {"code": "1"}},
            {"reference": {"reference": "Observation/o"}, "role": {"code": "4"}},
            {"reference": {"reference": "Encounter/e"}},
        ],
    }
    new, old = items(FHIR, js(r5))[0], items(FHIR, js(dstu2))[0]
    assert new == old
    assert (new["user"], new["patient"], new["object_id"], new["src_ip"]) == ("7", "p", "o", "10.0.0.4")


def test_number_of_records_where_it_is_told() -> None:
    detail = [{"type": "number-of-records", "valueString": "12"}]
    assert one(entity=[{"role": {"code": "4"}, "detail": detail}])["records"] == 12
    huge = [{"type": "records", "valueString": "9" * 40}]
    assert "records" not in one(entity=[{"role": {"code": "4"}, "detail": huge}])


@pytest.mark.parametrize("recorded", [None, "yesterday", "2444-01-01", "1950-01-01", 12, {}, "2026-02-30"])
def test_without_a_time_there_is_no_event(recorded: object) -> None:
    assert len(reasons(FHIR, js(audit(recorded=recorded)))) == 1


def test_public_examples_are_all_accounted_for() -> None:
    for path in public("fhir_audit", "*.json"):
        content = path.read_bytes()
        assert FHIR.sniff(content[:65536], path.name) > 0.9
        found = read(FHIR, content)
        assert len(found) == 1, path.name
        if path.name.startswith("AuditEvent"):
            assert isinstance(found[0], Item)
            assert found[0].fields["user"]
        elif path.name.startswith(("Consent", "Provenance", "Structure")):
            assert isinstance(found[0], Bad)
            assert found[0].reason.endswith("is not used")
