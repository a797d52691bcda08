"""Claims and benefits: what was billed, with the numbers as they stand."""

import pytest
from health.reading import items, js, reasons

from pipeline.ingest.formats.fhir import Fhir

FHIR = Fhir()
DAY = 1772323200.0  # 2026-03-01


def code(value: str) -> dict[str, object]:
    return {"coding": [{"code": value}]}


def claim(**changes: object) -> dict[str, object]:
    return {
        "resourceType": "Claim",
        "id": "c-1",
        "status": "active",
        "use": "claim",
        "type": code("professional"),
        "patient": {"reference": "urn:uuid:p"},
        "created": "2026-03-05",
        "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}},
        "facility": {"reference": "Location/l"},
        "insurer": {"reference": "Organization/payer"},
        "insurance": [{"focal": True, "coverage": {"identifier": {"value": "m-1"}}}],
        "careTeam": [
            {"provider": {"reference": "Practitioner/other"}},
            {"provider": {"reference": "#doc"}, "role": code("primary")},
        ],
        "contained": [{"id": "doc", "identifier": [{"type": code("NPI"), "value": "1999999984"}]}],
        "diagnosis": [
            {"sequence": 1, "diagnosisCodeableConcept": code("Z00.0")},
            {"sequence": 2, "diagnosisCodeableConcept": code("E11.9"), "type": [code("principal")]},
            {"sequence": 3, "diagnosisReference": {"reference": "Condition/c"}},
        ],
        "item": [
            {
                "sequence": 1,
                "productOrService": code("99213"),
                "modifier": [code("25")],
                "servicedDate": "2026-03-01",
                "quantity": {"value": 2, "unit": "UN"},
                "unitPrice": {"value": 40.5},
                "locationCodeableConcept": code("11"),
                "encounter": [{"reference": "Encounter/e"}],
            },
            {
                "sequence": 2,
                "productOrService": code("80053"),
                "servicedPeriod": {"start": "2026-03-02", "end": "2026-03-03"},
                "net": {"value": 19},
            },
        ],
    } | changes


def one(**changes: object) -> dict[str, object]:
    found = items(FHIR, js(claim(**changes)))
    assert len(found) == 1
    return found[0]


def test_a_claim_in_full() -> None:
    assert one() == {
        "ts": DAY,
        "kind": "claim",
        "format": "fhir.Claim",
        "claim_id": "c-1",
        "claim_type": "professional",
        "patient": "p",
        "member_id": "m-1",
        "provider": "1234567893",
        "rendering": "1999999984",
        "facility": "l",
        "payer": "payer",
        "encounter": "e",
        "place_of_service": "11",
        "from_ts": DAY,
        "through_ts": DAY + 2 * 86_400,
        "created_ts": DAY + 4 * 86_400,
        "diagnoses": ["E11.9", "Z00.0"],
        "total_amount": 100.0,
        "lines": [
            {
                "procedure": "99213",
                "modifiers": ["25"],
                "quantity": 2.0,
                "unit": "UN",
                "amount": 81.0,
                "from_ts": DAY,
                "through_ts": DAY,
                "place_of_service": "11",
            },
            {"procedure": "80053", "amount": 19.0, "from_ts": DAY + 86_400, "through_ts": DAY + 2 * 86_400},
        ],
    }


def test_the_billed_period_and_total_come_before_the_lines() -> None:
    found = one(billablePeriod={"start": "2026-02-01", "end": "2026-02-02"}, total={"value": 7.5})
    assert (found["ts"], found["total_amount"]) == (1769904000.0, 7.5)


def test_a_benefit_repeats_its_claim_with_what_was_paid() -> None:
    totals = [
        {"category": code("submitted"), "amount": {"value": 100}},
        {"category": code("benefit"), "amount": {"value": 70}},
    ]
    found = one(resourceType="ExplanationOfBenefit", id="b", claim={"reference": "Claim/c-1"}, total=totals)
    assert (found["kind"], found["claim_id"], found["total_amount"], found["paid_amount"]) == (
        "benefit",
        "c-1",
        100,
        70,
    )
    paid = one(resourceType="ExplanationOfBenefit", id="b", payment={"amount": {"value": 65}}, total=totals)
    assert (paid["claim_id"], paid["paid_amount"]) == ("b", 65)


def test_without_service_dates_the_creation_counts() -> None:
    found = one(item=[])
    assert found["ts"] == found["created_ts"]
    assert "from_ts" not in found


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "cancelled"},
        {"use": "preauthorization"},
        {"created": None, "item": []},
        {"created": "soon"},
        {"billablePeriod": {"start": "1930-01-01"}},
        {"total": {"value": 1e300}},
        {"total": {"value": "much"}},
        {"item": [{"servicedDate": "2026-03-01", "quantity": {"value": -1}}]},
        {"item": [{"servicedDate": "2026-03-01"}] * 1025},
        {"patient": {"reference": "Patient/" + "1" * 2000}},
    ],
)
def test_what_would_be_a_false_claim_is_refused(changes: dict[str, object]) -> None:
    assert len(reasons(FHIR, js(claim(**changes)))) == 1


def test_a_benefit_that_answers_no_claim_is_the_claim_with_what_was_asked_for_its_lines() -> None:
    """As Medicare's Blue Button and CARIN's profile write it: amounts stand among what was decided."""
    bluebutton = "https://bluebutton.cms.gov/resources/variables/line_sbmtd_chrg_amt"
    resource = {
        "resourceType": "ExplanationOfBenefit",
        "id": "carrier-1",
        "status": "active",
        "type": {"coding": [{"code": "71"}, {"code": "professional"}]},
        "patient": {"reference": "Patient/p"},
        "created": "2026-03-09",
        "billablePeriod": {"start": "2026-03-01", "end": "2026-03-01"},
        "item": [
            {
                "productOrService": code("99213"),
                "adjudication": [
                    {"category": code("benefit"), "amount": {"value": 70}},
                    {"category": {"coding": [{"code": bluebutton}]}, "amount": {"value": 93}},
                ],
            }
        ],
    }
    (found,) = items(FHIR, js(resource))
    assert (found["kind"], found["claim_id"]) == ("claim", "carrier-1")
    assert (found["claim_type"], found["total_amount"]) == ("professional", 93.0)
    assert found["lines"][0]["amount"] == 93.0
