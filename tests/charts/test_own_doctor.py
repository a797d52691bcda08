"""Registrations name the patient's own physician, whose practice follows what happens to its patients elsewhere."""

from typing import Any

import pytest

from tests.charts import hospital
from tests.charts.hospital import DAY, HOUR, T0, accesses, judged


def event(ts: float, kind: str, **fields: Any) -> dict[str, Any]:
    """All in one key group."""
    return hospital.event(ts, kind, chart="one", **fields)


STAFF = [
    event(0.0, "practitioner", practitioner="d1", practitioners=["d1", "P7"], department="Practice", role="physician"),
    event(0.0, "practitioner", practitioner="n1", department="Practice", role="nurse"),
    event(0.0, "practitioner", practitioner="x1", department="Ward", role="nurse"),
    event(0.0, "patient", patient="p1", practitioner="P7"),
]
STAY: dict[str, Any] = {"resource_id": "e1", "department": "Emergency", "practitioner": "e9", "start_ts": T0 + DAY}


@pytest.mark.parametrize(
    ("user", "stay", "after", "reason"),
    [
        ("d1", False, DAY, "care_team"),
        ("d1", True, 9 * DAY, "care_team"),
        ("n1", True, 3 * DAY, "care_team"),
        ("n1", False, DAY, "none"),
        ("n1", True, 60 * DAY, "none"),
        ("x1", True, 3 * DAY, "none"),
    ],
)
def test_who_follows_a_patient(user: str, stay: bool, after: float, reason: str) -> None:
    events = [*STAFF]
    if stay:
        events.append(event(DAY, "encounter", patient="p1", end_ts=T0 + DAY + 6 * HOUR, **STAY))
    events.append(event(after, "access", patient="p1", user=user))
    assert [a["reason"] for a in accesses(judged(events))] == [reason]
