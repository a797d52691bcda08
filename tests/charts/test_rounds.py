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


def test_a_unit_of_two_takes_longer_and_nobody_makes_their_curiosity_usual() -> None:
    assert _last(_ward("a1", "a2"), "a1") == "serves_all"
    assert _last(_ward("a1", "a2", each=2), "a1") == "none", "twelve patients"
    assert _last(_ward("a1"), "a1") == "none"
    assert _last(_ward("a1", "a2", "a3", "a4", each=4), "a5") == "none", "a quarter of the ward"
