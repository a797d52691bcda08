"""Bulk: one action at a time, research milder, nothing small."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, found, fresh, restarted, scores, sentence
from pipeline.detectors.ehr.mass_export import MassExport

START = 1.7e9


def taken(ts: float, records: int | None, action: str = "export", **more: Any) -> dict[str, Any]:
    size = {} if records is None else {"records": records}
    return {"kind": "access", "user": "u1", "role": "clerk", "action": action, "ts": ts} | size | more


WEEKS = [taken(START + DAY * d, 10) for d in range(25)]
AFTER = START + 26 * DAY


@pytest.mark.parametrize(("action", "limit"), [("export", 500), ("print", 200), ("query", 2000)])
def test_without_a_norm_an_absolute_limit_holds(action: str, limit: int) -> None:
    assert found(fresh(MassExport), [taken(START, limit, action)]) == 0
    assert found(fresh(MassExport), [taken(START, limit + 1, action)]) == 1


def test_research_needs_more() -> None:
    assert found(fresh(MassExport), [taken(START, 4000, purpose="HRESCH")]) == 0
    assert found(fresh(MassExport), [taken(START, 6000, purpose="HRESCH")]) == 1


def test_own_norm_decides() -> None:
    assert found(fresh(MassExport), [*WEEKS, taken(AFTER, 30)]) == 0
    assert found(fresh(MassExport), [*WEEKS, taken(AFTER, 400)]) == 1


def test_many_small_ones_add_up_within_an_hour_only() -> None:
    assert found(fresh(MassExport), [taken(START + 10.0 * i, None, "print") for i in range(210)]) == 10
    assert found(fresh(MassExport), [taken(START + 60.0 * i, None, "print") for i in range(400)]) == 0


def test_failures_and_reading_do_not_count() -> None:
    rows = [taken(START, 9000, outcome="failure"), taken(START, 9000, "read")]
    assert np.isnan(scores(fresh(MassExport), rows)).all()


def test_late_and_restarted() -> None:
    detector = fresh(MassExport)
    scores(detector, WEEKS)
    rows = [taken(AFTER, 300), taken(AFTER - 1200.0, 300), taken(AFTER - 7300.0, 300)]
    first, again = scores(restarted(detector), rows), scores(detector, rows)
    np.testing.assert_array_equal(first, again)
    assert first[1] > first[0] and np.isnan(first[2])


def test_sentence() -> None:
    assert sentence(fresh(MassExport), [*WEEKS, taken(AFTER, 400)]) == (
        "u1 exported 400 records within an hour; usual are about 10."
    )
