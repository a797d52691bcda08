"""Every path from a user to a patient explains an access, the strongest wins, and without one there is no reason."""

from typing import Any

import pytest

from tests.charts.hospital import DAY, GROUPS, HOUR, accesses, batch_of, event, explainer, judged, read, reasons

_READ = {"action": "read", "user": "u1", "department": "Ward 7", "role": "nurse", "patient": "p1"}


def _open(ts: float, **fields: Any) -> dict[str, Any]:
    return event(ts, "access", **{**_READ, **fields})


@pytest.mark.parametrize(
    ("context", "reason", "strength"),
    [
        (event(0, "appointment", patient="p1", practitioner="u1", start_ts=1_700_003_600), "appointment", 1.0),
        (event(0, "care_team", patient="p1", practitioners=["x", "u1"], start_ts=0), "care_team", 0.95),
        (event(0, "encounter", patient="p1", practitioners=["x", "u1"], department="Clinic"), "encounter", 0.95),
        (event(0, "order", patient="p1", practitioner="u1", service="blood"), "order", 0.9),
        (event(0, "order", patient="p1", practitioner="x", department="Ward 7"), "order", 0.9),
        (event(0, "order", patient="p1", practitioner="x", service="ward-7"), "order", 0.9),
        (event(0, "encounter", patient="p1", practitioner="x", department="WARD 7"), "encounter", 0.8),
        (event(0, "encounter", patient="p1", practitioner="x", department="Ward 8"), "none", 0.0),
        (event(0, "encounter", patient="p2", practitioner="u1", department="Ward 7"), "none", 0.0),
        (event(0, "order", patient="p1", practitioner="u1", service="x", status="entered-in-error"), "none", 0.0),
        (event(0, "claim", patient="p1", claim_id="c1", provider="h"), "none", 0.0),
    ],
)
def test_a_relation_of_care_explains(context: dict[str, Any], reason: str, strength: float) -> None:
    assert reasons([context, _open(60)]) == [(reason, strength)]


@pytest.mark.parametrize("user", ["u1", "U1", "HOSP\\u1", "hosp.example\\U1", "u1@hosp.example", "HOSP\\u1@x"])
@pytest.mark.parametrize("listed", ["u1", "HOSP\\u1", "u1@hosp.example"])
def test_one_account_is_written_in_several_ways(user: str, listed: str) -> None:
    for named in ({"practitioner": listed}, {"practitioners": ["x", listed]}):
        assert reasons([event(0, "care_team", patient="p1", **named), _open(60, user=user)]) == [("care_team", 0.95)]


@pytest.mark.parametrize(
    ("user", "listed"),
    [("HOSP\\u2", "HOSP\\u1"), ("hosp", "u1@hosp"), ("HOSP", "HOSP\\u1"), ("@a", "@b"), ("HOSP\\", "u1")],
)
def test_one_domain_is_not_one_person(user: str, listed: str) -> None:
    for named in ({"practitioner": listed}, {"practitioners": ["x", listed]}):
        assert reasons([event(0, "care_team", patient="p1", **named), _open(60, user=user)]) == [("none", 0.0)]


def test_the_strongest_reason_is_kept_with_its_name() -> None:
    stream = [
        event(0, "encounter", patient="p1", resource_id="enc-1", department="Ward 7"),
        event(1, "care_team", patient="p1", resource_id="team-1", practitioners=["u1"]),
        _open(60),
    ]
    (access,) = accesses(judged(stream))
    assert (access["reason"], access["reason_ref"], access["judged_ts"]) == ("care_team", "team-1", access["ts"])


def test_context_within_the_time_of_grace_explains_late_and_nothing_waits_longer() -> None:
    late = event(2 * HOUR, "order", patient="p1", practitioner="u1")
    (access,) = accesses(judged([_open(0), late]))
    assert (access["reason"], access["late"], access["judged_ts"]) == ("order", True, late["ts"])
    (access,) = accesses(judged([_open(0), _open(9 * HOUR, user="other", patient="p1")]))[:1]
    assert (access["reason"], access["judged_ts"]) == ("none", access["ts"] + 4 * HOUR)


def test_context_that_comes_after_judgement_withdraws_under_the_old_offset() -> None:
    found = accesses(judged([_open(0), event(9 * HOUR, "order", patient="p1", practitioner="u1")]))
    assert [(d["event_id"], d["reason"], d.get("withdrawn")) for d in found] == [
        ("e0", "none", None),
        ("e0:withdrawn", "order", True),
    ]
    found = accesses(judged([_open(0), event(4 * DAY, "order", patient="p1", practitioner="u1")]))
    assert [d["reason"] for d in found] == ["none"]


def test_department_reasons_fade_after_discharge_and_end() -> None:
    stay = event(0, "encounter", patient="p1", department="Ward 7", start_ts=1_700_000_000, end_ts=1_700_000_000 + DAY)
    found = reasons([stay, _open(DAY), _open(18 * DAY, user="u2"), _open(60 * DAY, user="u3")])
    assert found[0] == ("encounter", 0.8)
    assert found[1][0] == "encounter"
    assert 0.5 < found[1][1] < 0.8
    assert found[2] == ("none", 0.0)


def test_who_treated_may_look_again_but_curiosity_repeated_is_no_reason() -> None:
    team = event(0, "encounter", patient="p1", department="Ward 7", end_ts=1_700_000_000 + HOUR, status="finished")
    assert reasons([team, _open(60), _open(33 * DAY)])[1][0] == "repeat"
    assert reasons([_open(ts * DAY) for ts in range(20)]) == [("none", 0.0)] * 20


def test_billing_is_explained_by_what_is_to_be_paid() -> None:
    done = event(0, "encounter", patient="p1", department="X", start_ts=1_699_900_000, end_ts=1_699_990_000)
    clerk = {"user": "b1", "department": "Office", "role": "Medical Coder"}
    assert reasons([done, _open(60, **clerk)]) == [("payment", 0.8)]
    assert reasons([done, _open(60, purpose="HPAYMT", department="Z")]) == [("payment", 0.8)]
    assert reasons([_open(60, **clerk)]) == [("none", 0.0)]


def test_break_glass_waits_for_care_and_says_whether_it_came() -> None:
    glass = _open(0, break_glass=True)
    entry = _open(5 * HOUR, action="create")
    first = accesses(judged([glass, entry]))[0]
    assert (first["reason"], first["care_after"], first["judged_ts"]) == ("none", True, entry["ts"])
    (first,) = accesses(judged([glass]))
    assert (first["care_after"], first["strength"]) == (False, 0)
    stay = event(-HOUR, "encounter", patient="p1", department="Ward 7")
    (first,) = accesses(judged([stay, glass]))
    assert (first["reason"], "care_after" in first) == ("encounter", False)


def _busy(role: str, spread: int, seed: int) -> list[dict[str, Any]]:
    """Five departments with patients, of which four people of a role open those of the first `spread`."""
    stream = []
    for i in range(200):
        where = f"Ward {i % 5}"
        stream.append(event(i, "encounter", patient=f"p{i}", resource_id=f"e{i}", department=where))
        if i % 5 < spread:
            who = f"{role}{(i // 5) % 4 + seed}"
            stream.append(event(i + 0.5, "access", patient=f"p{i}", user=who, role=role, department="Desk"))
    return [{**e, "chart": "one"} for e in stream]


def test_a_role_found_everywhere_serves_everybody_in_care_and_nobody_else() -> None:
    last = _open(300, user="clerk1", role="clerk", department="Desk", patient="p3", chart="one")
    stranger = {**last, "patient": "unknown"}
    assert reasons([*_busy("clerk", 5, 0), last])[-1][0] == "serves_all"
    assert reasons([*_busy("clerk", 5, 0), stranger])[-1] == ("none", 0.0)
    assert reasons([*_busy("clerk", 1, 0), last])[-1] == ("none", 0.0)


def test_one_curious_person_does_not_make_a_role_serve_all() -> None:
    calm = [event(i, "access", patient=f"p{i % 200}", user="loner", role="nurse", department="W", chart="one")
            for i in range(200, 400)]  # fmt: skip
    stream = [e for e in _busy("nurse", 5, 0) if e["kind"] == "encounter"] + calm
    assert set(reasons(stream)) == {("none", 0.0)}


def test_a_service_that_is_usually_asked_for_is_a_colleague_when_it_was_not() -> None:
    stream = []
    for i in range(40):
        stream.append(event(i, "encounter", patient=f"p{i}", department="Ward 7", practitioner="d1"))
        if i < 30:
            stream.append(event(i + 0.1, "order", patient=f"p{i}", practitioner="d1", department="Physio"))
            stream.append(event(i + 0.2, "access", patient=f"p{i}", user=f"t{i % 4}", department="Physio"))
    last = _open(100, user="t9", role="", department="Physio", patient="p35")
    found = reasons([{**e, "chart": "one"} for e in [*stream, last]])
    assert found[0] == ("order", 0.9)
    assert found[-1][0] == "colleague"
    assert 0.5 <= found[-1][1] <= 0.7


@pytest.mark.parametrize(("passed_s", "due"), [(299.0, False), (301.0, True)])
def test_what_such_a_role_explains_is_judged_when_the_chart_may_have_been_left(passed_s: float, due: bool) -> None:
    last = _open(6 * HOUR, user="clerk1", role="clerk", department="Desk", patient="p3", chart="one")
    it = explainer()
    first = read(it.process(*batch_of([*_busy("clerk", 5, 0), last])))
    then = read(it.advance(dict.fromkeys(range(GROUPS), last["ts"] + passed_s)))
    assert last["ts"] not in [d["ts"] for d in accesses(first)]
    assert [(d["reason"], d["judged_ts"]) for d in accesses(then) if d["ts"] == last["ts"]] == (
        [("serves_all", last["ts"] + 300.0)] if due else []
    )
