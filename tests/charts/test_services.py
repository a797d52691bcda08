"""Orders that name nobody: who works on their kind is learned."""

from typing import Any

from tests.charts import hospital
from tests.charts.hospital import DAY, HOUR, accesses, judged

KINDS = 24
"""Patients with an order each."""


def event(ts: float, kind: str, **fields: Any) -> dict[str, Any]:
    """All in one key group, as each learns by itself."""
    return hospital.event(ts, kind, chart="one", **fields)


def _orders(*works: str, department: str = "30130", role: str = "PharmD") -> list[dict[str, Any]]:
    """An order a patient, at whose chart one of these people looks an hour later."""
    events = []
    for n in range(KINDS):
        ts, patient = n * 6 * HOUR, f"p{n}"
        asked = {"service": "Medication", "practitioner": "u9", "resource_id": f"o{n}"}
        events.append(event(ts, "order", patient=patient, **asked))
        if works:
            who = {"user": works[n % len(works)], "department": department, "role": role}
            events.append(event(ts + HOUR, "access", patient=patient, **who))
    return events


def _last(
    events: list[dict[str, Any]], user: str, role: str = "PharmD", after: float = HOUR, order: bool = True
) -> str:
    """The reason of one more look, by `user` at a patient with or without such an order."""
    ts = KINDS * 6 * HOUR
    asked = event(ts, "order", patient="new", service="Medication", practitioner="u9", resource_id="new")
    look = event(ts + after, "access", patient="new", user=user, department="30130", role=role)
    found = accesses(judged([*events, *([asked] if order else []), look]))
    return str(next(a["reason"] for a in found if a["patient"] == "new"))


def test_a_unit_that_comes_after_most_orders_of_a_kind_works_on_them() -> None:
    events = _orders("a1", "a2", "a3", "a4")
    assert _last(events, "a5") == "order"
    assert _last(events, "a5", after=3 * DAY) == "none"
    assert _last(events, "a5", order=False) == "none"
    assert _last(events, "a5", role="Dietitian") == "none"


def test_nobody_makes_their_curiosity_usual() -> None:
    """One person is no unit, nor are two after few orders; nor is who comes after few orders of the kind."""
    assert _last(_orders("a1"), "a5") == "none"
    assert _last(_orders("a1", "a2")[: KINDS + 4], "a5") == "none"
    assert _last(_orders("a1", "a2"), "a5") == "order"
    assert _last([*_orders("a1", "a2", "a3"), *_many_more()], "a5") == "none"


def test_nights_are_worked_on_by_others() -> None:
    """Every fourth order comes at night and is read elsewhere: of all orders few, of those at that hour all."""
    events = [e | {"user": f"n{k % 3}", "role": "night reader"} if k % 8 == 1 else e
              for k, e in enumerate(_orders("a1", "a2", "a3", "a4"))]  # fmt: skip
    again = [
        e | {"ts": e["ts"] + 6 * DAY, "patient": f"{e['patient']}b", "resource_id": f"{e.get('resource_id')}b"}
        for e in events
    ]
    asked = event(13 * DAY, "order", patient="new", service="Medication", practitioner="u9", resource_id="new")
    for after, reason in ((HOUR, "order"), (13 * HOUR, "none")):
        look = event(13 * DAY + after, "access", patient="new", user="n9", department="30130", role="night reader")
        found = accesses(judged([*events, *again, asked, look]))
        assert [a["reason"] for a in found if a["patient"] == "new"] == [reason]


def test_whoever_makes_appointments() -> None:
    """A visit is booked with the chart open, weeks ahead, in a department that is not the schedulers'."""
    events = []
    for n in range(KINDS + 1):
        ts, patient = n * 6 * HOUR, f"p{n}"
        when = {"start_ts": hospital.T0 + ts + 30 * DAY, "department": "Clinic", "practitioner": "u9"}
        events.append(event(ts, "appointment", patient=patient, resource_id=f"b{n}", status="booked", **when))
        who = {"user": f"a{n % 5}", "department": "Scheduling", "role": "scheduler"}
        events.append(event(ts + 120.0, "access", patient=patient, **who))
    found = {a["patient"]: a["reason"] for a in accesses(judged(events))}
    assert (found["p1"], found[f"p{KINDS}"]) == ("none", "appointment")
    late = [*events[:-1], events[-1] | {"ts": events[-1]["ts"] + DAY}]
    assert [a["reason"] for a in accesses(judged(late)) if a["patient"] == f"p{KINDS}"] == ["none"]


def _many_more() -> list[dict[str, Any]]:
    asked = {"service": "Medication", "practitioner": "u9"}
    return [
        event(KINDS * 6 * HOUR - 60, "order", patient=f"q{n}", resource_id=f"q{n}", **asked) for n in range(4 * KINDS)
    ]


def test_all_nurses_of_a_house_are_no_unit() -> None:
    events = [{k: v for k, v in e.items() if k != "department"} for e in _orders("a1", "a2", "a3", "a4")]
    asked = event(KINDS * 6 * HOUR, "order", patient="new", service="Medication", practitioner="u9", resource_id="new")
    look = event(KINDS * 6 * HOUR + HOUR, "access", patient="new", user="a5", role="PharmD")
    assert [a["reason"] for a in accesses(judged([*events, asked, look])) if a["patient"] == "new"] == ["none"]
