"""Encounters, appointments, orders, teams and people, as far as relations need them."""

import gzip

import pytest
from health.reading import items, js, public, read, reasons

from pipeline.ingest.fhir.values import birth_year, split_reference, until
from pipeline.ingest.format import Bad
from pipeline.ingest.formats.fhir import Fhir

FHIR = Fhir()


def ref(target: str) -> dict[str, str]:
    return {"reference": target}


def one(kind: str, **fields: object) -> dict[str, object]:
    found = items(FHIR, js({"resourceType": kind} | fields))
    assert len(found) == 1
    return found[0]


def test_an_encounter_puts_the_attending_first() -> None:
    nurse, doctor = ref("Practitioner/n"), ref("urn:uuid:d")
    found = one(
        "Encounter",
        id="e",
        status="in-progress",
        **{"class": {"code": "IMP"}},
        subject=ref("Patient/p"),
        participant=[{"individual": nurse}, {"individual": doctor, "type": [{"coding": [{"code": "ATND"}]}]}],
        period={"start": "2026-03-01", "end": "2026-03-02"},
        location=[{"location": ref("Location/er")}, {"location": ref("Location/ward-3")}],
        serviceProvider=ref("Organization/north"),
    )
    assert found == {
        "ts": 1772323200.0,
        "kind": "encounter",
        "format": "fhir.Encounter",
        "resource_id": "e",
        "encounter": "e",
        "status": "in-progress",
        "patient": "p",
        "practitioner": "d",
        "practitioners": ["d", "n"],
        "department": "ward-3",
        "service": "IMP",
        "start_ts": 1772323200.0,
        "end_ts": 1772323200.0 + 2 * 86_400 - 1,
    }


def test_an_appointment_is_known_from_when_it_was_made_and_goes_to_each_patient() -> None:
    people = [{"actor": ref(r)} for r in ("Patient/a", "Patient/b", "Practitioner/d", "Location/clinic")]
    found = items(
        FHIR,
        js(
            {
                "resourceType": "Appointment",
                "id": "x",
                "created": "2026-01-01",
                "start": "2026-03-01T10:00:00Z",
                "end": "2026-03-01T11:00:00Z",
                "participant": people,
            }
        ),
    )
    assert [f["patient"] for f in found] == ["a", "b"]
    assert {f["ts"] for f in found} == {1767225600.0}
    assert {(f["start_ts"], f["end_ts"], f["department"]) for f in found} == {(1772359200.0, 1772362800.0, "clinic")}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (
            "ServiceRequest",
            {"code": {"text": "x"}, "authoredOn": "2026-03-01", "requester": ref("Practitioner/d")},
        ),
        (
            "ServiceRequest",
            {
                "code": {"concept": {"text": "x"}},
                "authoredOn": "2026-03-01",
                "requester": ref("Practitioner/d"),
            },
        ),
        (
            "ProcedureRequest",
            {"code": {"text": "x"}, "orderedOn": "2026-03-01", "orderer": ref("Practitioner/d")},
        ),
        (
            "ProcedureRequest",
            {"code": {"text": "x"}, "authoredOn": "2026-03", "requester": {"agent": ref("Practitioner/d")}},
        ),
        (
            "MedicationOrder",
            {
                "medicationCodeableConcept": {"text": "x"},
                "dateWritten": "2026-03-01",
                "prescriber": ref("#d"),
            },
        ),
        (
            "MedicationRequest",
            {"medication": {"concept": {"text": "x"}}, "authoredOn": "2026-03-01", "requester": ref("d")},
        ),
    ],
)
def test_orders_of_all_versions(kind: str, fields: dict[str, object]) -> None:
    found = one(kind, id="o", subject=ref("Patient/p"), encounter=ref("Encounter/e"), **fields)
    assert found == {
        "ts": 1772323200.0,
        "kind": "order",
        "format": f"fhir.{kind}",
        "resource_id": "o",
        "patient": "p",
        "practitioner": "d",
        "practitioners": ["d"],
        "service": "x",
        "encounter": "e",
    }


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (
            "Procedure",
            {"subject": ref("Patient/p"), "code": {"text": "Suture"}, "encounter": ref("Encounter/e"),
             "performedPeriod": {"start": "2026-03-01T08:00:00Z", "end": "2026-03-01T09:00:00Z"},
             "performer": [{"actor": ref("Practitioner/d")}, {"actor": ref("Organization/o")}],
             "location": ref("Location/er"), "status": "completed"},
            {"ts": 1772352000.0, "start_ts": 1772352000.0, "end_ts": 1772355600.0, "service": "Suture",
             "practitioner": "d", "practitioners": ["d"], "department": "er", "encounter": "e", "status": "completed"},
        ),
        (
            "DiagnosticReport",
            {"subject": ref("Patient/p"), "code": {"text": "Chest"}, "issued": "2026-03-01T10:00:00Z",
             "effectiveDateTime": "2026-03-01T08:00:00Z", "resultsInterpreter": [ref("Practitioner/r")]},
            {"ts": 1772359200.0, "start_ts": 1772352000.0, "service": "Chest", "practitioner": "r",
             "practitioners": ["r"]},
        ),
        (
            "Immunization",
            {"patient": ref("Patient/p"), "vaccineCode": {"text": "Flu"}, "occurrenceDateTime": "2026-03-01T08:00:00Z",
             "status": "not-done", "performer": [{"actor": ref("PractitionerRole/n")}]},
            {"ts": 1772352000.0, "start_ts": 1772352000.0, "service": "Flu", "practitioner": "n",
             "practitioners": ["n"], "status": "cancelled"},
        ),
        (
            "DocumentReference",
            {"subject": ref("Patient/p"), "type": {"text": "Letter"}, "date": "2026-03-01T10:00:00Z",
             "author": [ref("Practitioner/a")], "authenticator": ref("Practitioner/c"),
             "context": {"encounter": [ref("Encounter/e")]}},
            {"ts": 1772359200.0, "service": "Letter", "practitioner": "a", "practitioners": ["a", "c"],
             "encounter": "e"},
        ),
    ],
)  # fmt: skip
def test_what_was_done_or_written(kind: str, fields: dict[str, object], expected: dict[str, object]) -> None:
    assert one(kind, id="x", **fields) == expected | {
        "kind": "order", "format": f"fhir.{kind}", "resource_id": "x", "patient": "p",
    }  # fmt: skip


def test_a_care_team_without_dates_is_known_from_the_beginning() -> None:
    members = [{"member": ref(r)} for r in ("Practitioner/a", "PractitionerRole/b", "Organization/o", "Patient/p")]
    found = one("CareTeam", id="t", subject=ref("Patient/p"), participant=members)
    assert (found["ts"], found["practitioners"], found["department"]) == (0.0, ["a", "b"], "o")


def test_of_a_patient_only_tokens_leave() -> None:
    found = one(
        "Patient",
        id="p",
        meta={"lastUpdated": "2026-03-01T00:00:00Z"},
        name=[
            {"use": "nickname", "family": "Wrong"},
            {"use": "official", "family": " van  Dyke ", "given": ["Ann"]},
        ],
        birthDate="1950-04-05",
        gender="female",
        deceasedDateTime="2026-02-01",
        address=[{"postalCode": "01234", "line": ["5 High Street", "Flat 2"], "city": "Springtown"}],
        telecom=[{"value": "555-0100"}],
        identifier=[{"value": "m-1", "type": {"coding": [{"code": "MB"}]}}, {"value": "999-00-1111"}],
    )
    assert found == {
        "ts": 1772323200.0,
        "kind": "patient",
        "format": "fhir.Patient",
        "patient": "p",
        "family_token": "van dyke",
        "address_token": "01234|5 high street",
        "birth_year": 1950,
        "sex": "female",
        "deceased_ts": 1769904000.0,
        "member_id": "m-1",
    }


def test_a_postal_code_alone_is_no_address() -> None:
    assert "address_token" not in one("Patient", id="p", address=[{"postalCode": "01234"}])


def test_staff_are_known_by_their_work_numbers_but_not_by_private_papers() -> None:
    papers = [
        {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"},
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-00-1111"},
        {"type": {"coding": [{"code": "DL"}]}, "value": "S999"},
    ]
    found = one("Practitioner", id="d", identifier=papers, name=[{"family": "Orr", "given": ["Nia"]}], active=True)
    assert found["practitioners"] == ["d", "1234567893"]
    assert (found["name"], found["family_token"], found["status"]) == ("Nia Orr", "orr", "active")


def test_a_role_names_the_person_and_the_place() -> None:
    found = one(
        "PractitionerRole",
        id="r",
        practitioner=ref("Practitioner/d") | {"display": "Nia Orr"},
        organization=ref("Organization/o"),
        location=[ref("Location/ward-3")],
        code=[{"coding": [{"code": "309343006", "display": "Physician"}]}],
    )
    assert (found["practitioner"], found["practitioners"]) == ("d", ["d", "r"])
    assert (found["department"], found["role"]) == ("ward-3", "Physician")


def test_places_have_names() -> None:
    assert one("Organization", id="o", name="North")["name"] == "North"
    assert one("Location", id="l", name="Ward 3", managingOrganization=ref("Organization/o"))["department"] == "o"


@pytest.mark.parametrize(
    ("spelling", "bare"),
    [
        ("Patient/1", ("Patient", "1")),
        ("Patient/1/_history/3", ("Patient", "1")),
        ("https://x.example/fhir/Patient/1", ("Patient", "1")),
        ("https://x.example/fhir/Patient/1/_history/2", ("Patient", "1")),
        ("urn:uuid:ab-1", ("", "ab-1")),
        ("#in", ("", "in")),
        ("1", ("", "1")),
        ("Patient?identifier=http://x|77", ("Patient", "77")),
        ("1.2.3|77", ("", "77")),
    ],
)
def test_references_join_on_the_bare_id(spelling: str, bare: tuple[str, str]) -> None:
    assert split_reference(spelling) == bare


def test_parts_of_dates_end_with_their_last_second() -> None:
    assert until("2024-02", "x") == until("2024-02-29", "x") == until("2024-02-29T23:59:59Z", "x")
    assert until("2024", "x") == until("2024-12-31T23:59:59+00:00", "x")
    assert until("9999-12-31", "x") is None


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("1950", 1950),
        ("1950-04-05", 1950),
        ("1850-01-01", 1850),
        ("19500405", 1950),
        ("0001", None),
        (7, None),
    ],
)
def test_birth_years(date: object, year: int | None) -> None:
    assert birth_year(date) == year


def test_relations_from_before_1970_hold_from_the_beginning() -> None:
    found = one("Encounter", id="e", period={"start": "1955-01-01T00:00:00Z"})
    assert (found["ts"], found["start_ts"]) == (0.0, 0.0)


def test_a_relation_without_any_date_is_refused() -> None:
    assert reasons(FHIR, js({"resourceType": "Encounter", "id": "e"})) == [
        ("line 1", "the resource has no date from which it is known")
    ]


def test_public_records_are_all_accounted_for() -> None:
    for path in public("synthea_fhir", "*.ndjson.gz"):
        content = gzip.decompress(path.read_bytes())
        found = read(FHIR, content)
        assert len(found) == content.count(b"\n")
        refused = {b.reason for b in found if isinstance(b, Bad)}
        assert refused <= {"billablePeriod is before 1970"}
