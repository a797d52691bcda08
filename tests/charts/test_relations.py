"""What is known of user and patient beside care, and what the chart says of a claim."""

from typing import Any

import pytest

from tests.charts.hospital import DAY, accesses, event, judged


def _staff(who: str, **fields: Any) -> dict[str, Any]:
    return event(0, "practitioner", practitioner=who, chart=fields.pop("chart", "p1"), **fields)


def _open(ts: float, **fields: Any) -> dict[str, Any]:
    return event(ts, "access", **{"action": "read", "user": "u1", "patient": "p1", **fields})


def test_relations_beside_care() -> None:
    home = {"family_token": "fam", "address_token": "home"}
    stream = [
        _staff("u1", department="A", family_token="other", address_token="else"),
        _staff("u2", department="A", **home),
        event(1, "patient", patient="p1", deceased_ts=1_700_000_000 - 2 * DAY, **home),
        _open(5),
        _open(6, user="u2", department="A"),
    ]
    first, second = accesses(judged(stream))
    assert first["is_coworker"] is True
    assert first["same_department"] is True
    assert "same_family" not in first
    assert abs(first["deceased_days"] - 2) < 0.01
    assert second["same_family"] is True
    assert second["same_address"] is True
    assert "is_coworker" not in second


def test_ones_own_chart() -> None:
    (access,) = accesses(judged([event(0, "practitioner", practitioner="u1", patient="p1"), _open(5)]))
    assert access["is_self"] is True
    (access,) = accesses(judged([event(0, "practitioner", practitioner="u2", patient="p1"), _open(5)]))
    assert (access["is_coworker"], "is_self" in access) == (True, False)


def test_a_common_family_name_is_no_hint() -> None:
    many = [event(i, "patient", patient="p1", chart="p1", family_token=f"f{i}") for i in range(1)]
    many += [event(1, "patient", patient=f"x{i}", chart="p1", family_token="smith") for i in range(40)]
    many += [event(2, "patient", patient="p1", family_token="smith")]
    (access,) = accesses(judged([_staff("u1", family_token="smith"), *many, _open(5)]))
    assert "same_family" not in access


def test_a_common_family_name_under_the_same_roof_is_kin() -> None:
    home = {"family_token": "smith", "address_token": "home"}
    many = [event(1, "patient", patient=f"x{i}", chart="p1", family_token="smith") for i in range(40)]
    lodger = event(2, "patient", patient="p2", family_token="jones", address_token="home")
    stream = [_staff("u1", **home), *many, event(2, "patient", patient="p1", **home), lodger, _open(5)]
    kin, other = accesses(judged([*stream, _open(6, patient="p2", chart="p2")]))
    assert (kin["same_family"], kin["same_address"]) == (True, True)
    assert (other.get("same_family"), other["same_address"]) == (None, True)


def test_how_often_before() -> None:
    stream = [_open(1, department="A"), _open(2, user="u2", department="A"), _open(3, department="A")]
    found = sorted(accesses(judged(stream)), key=lambda d: d["ts"])
    assert [(d["user_before"], d["department_before"]) for d in found] == [(0, 0), (0, 1), (1, 2)]


def test_claims_wait_for_encounter_and_opened_chart() -> None:
    claim = event(DAY, "claim", patient="p1", claim_id="c", provider="h", from_ts=1_700_000_000)
    (found,) = [d for d in judged([claim]) if d["kind"] == "claim"]
    assert "encounter_days" not in found
    assert "chart_days" not in found
    stay = event(2 * DAY, "encounter", patient="p1", start_ts=1_700_000_000, end_ts=1_700_000_100)
    (found,) = [d for d in judged([claim, stay, _open(3 * DAY)]) if d["kind"] == "claim"]
    assert (found["encounter_days"], found["chart_days"]) == (0, 3)
    (found,) = [d for d in judged([stay, _open(0.5 * DAY), claim]) if d["kind"] == "claim"]
    assert found["claim_judged_ts"] == stay["ts"]
    (found,) = [d for d in judged([_open(0, purpose="HPAYMT"), claim]) if d["kind"] == "claim"]
    assert "chart_days" not in found


def test_a_team_that_nobody_disbands_is_no_visit() -> None:
    team = event(0, "care_team", patient="p1", start_ts=1_700_000_000, practitioners=["u1"])
    claim = event(20 * DAY, "claim", patient="p1", claim_id="c", provider="h", from_ts=1_700_000_000 + 12 * DAY)
    (found,) = [d for d in judged([team, claim]) if d["kind"] == "claim"]
    assert found["encounter_days"] == pytest.approx(12, abs=1)
    (found,) = [d for d in judged([team | {"end_ts": claim["from_ts"] + DAY}, claim]) if d["kind"] == "claim"]
    assert found["encounter_days"] == 0


def test_documents_are_spliced_whatever_their_white_space() -> None:
    (access,) = accesses(judged([_open(5, object_id='a "quoted" } text', user_name="Ünï")]))
    assert (access["object_id"], access["user_name"], access["reason"]) == ('a "quoted" } text', "Ünï", "none")
