"""Hospital services come to the patients of some departments: which is learned."""

from typing import Any

from tests.charts import hospital
from tests.charts.hospital import DAY, HOUR, accesses, judged

PATIENTS = 24


def event(ts: float, kind: str, **fields: Any) -> dict[str, Any]:
    """All in one key group, as each learns by itself."""
    return hospital.event(ts, kind, chart="one", **fields)


def _ward(*users: str, each: int = 1) -> list[dict[str, Any]]:
    """Stays in one ward, at every `each`-th of which one of these people of Patient Access looks in."""
    events = [event(0.0, "practitioner", practitioner="n1", department="Ward A", role="nurse")]
    for n in range(PATIENTS):
        ts, patient = (1 + n) * 6 * HOUR, f"p{n}"
        stay = {"department": "Ward A", "practitioner": "u9", "start_ts": hospital.T0 + ts}
        events.append(event(ts, "encounter", patient=patient, resource_id=f"e{n}", **stay))
        if users and n % each == 0:
            who = {"user": users[n // each % len(users)], "department": "Patient Access", "role": "registrar"}
            events.append(event(ts + HOUR, "access", patient=patient, **who))
    return events


def _last(
    events: list[dict[str, Any]], user: str, role: str = "registrar", at: str = "Ward A", after: float = HOUR
) -> str:
    """The reason of one more look, by `user` at a patient of this department."""
    ts = (PATIENTS + 2) * 6 * HOUR
    stay = {"department": at, "practitioner": "u9", "start_ts": hospital.T0 + ts, "end_ts": hospital.T0 + ts + DAY}
    events = [*events, event(ts, "encounter", patient="new", resource_id="new", **stay)]
    look = event(ts + after, "access", patient="new", user=user, department="Patient Access", role=role)
    return str(next(a["reason"] for a in accesses(judged([*events, look])) if a["patient"] == "new"))


def test_a_unit_that_comes_to_most_patients_of_a_ward_serves_it() -> None:
    events = _ward("a1", "a2", "a3", "a4")
    assert _last(events, "a5") == "serves_all"
    assert _last(events, "a5", at="Clinic B") == "none"
    assert _last(events, "a5", role="chaplain") == "none"
    assert _last(events, "a5", after=40 * DAY) == "none", "long after the stay"


def test_what_one_role_of_a_department_does_teaches_nothing_of_another_nor_hides_it() -> None:
    """Technicians come after the pharmacists of their department, in its name, and are a unit of their own."""
    events = _ward("a1", "a2", "a3", "a4")
    techs = [e | {"user": f"t{n % 4}", "role": "technician", "ts": e["ts"] + HOUR}
             for n, e in enumerate(e for e in events if e["kind"] == "access")]  # fmt: skip
    assert _last(sorted([*events, *techs], key=lambda e: float(e["ts"])), "t9", role="technician") == "serves_all"
    assert _last(events, "t9", role="technician") == "none"


def test_each_stay_teaches_once() -> None:
    """One patient, who comes again and again, is looked at each time."""
    events = [e | {"patient": "p0"} if "patient" in e else e for e in _ward("a1", "a2", "a3", "a4")]
    assert _last(events, "a5") == "serves_all"
    stays = [e for e in events if e["kind"] != "encounter" or e["resource_id"] == "e0"]
    assert _last(stays, "a5") == "none", "one stay, however often they look"


def test_stays_that_were_told_before_accesses_began_do_not_count() -> None:
    """An export of visits mostly begins earlier than the access log."""
    before = [event(-DAY - n, "encounter", patient=f"q{n}", resource_id=f"q{n}", department="Ward A",
                    start_ts=hospital.T0 - DAY - n) for n in range(4 * PATIENTS)]  # fmt: skip
    assert _last(sorted([*before, *_ward("a1", "a2", "a3", "a4")], key=lambda e: float(e["ts"])), "a5") == "serves_all"


def test_a_unit_of_two_takes_longer_and_nobody_makes_their_curiosity_usual() -> None:
    assert _last(_ward("a1", "a2"), "a1") == "serves_all"
    assert _last(_ward("a1", "a2", each=2), "a1") == "none", "twelve patients"
    assert _last(_ward("a1"), "a1") == "none"
    assert _last(_ward("a1", "a2", "a3", "a4", each=4), "a5") == "none", "a quarter of the ward"
