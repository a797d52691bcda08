"""Emergency access without care: news where it is rare, routine where it is routine, never where care follows."""

from typing import Any

import numpy as np

from detectors.ehr.story import DAY, batch_of, found, fresh, restarted, scores, sentence
from pipeline.detectors.ehr.break_glass_without_care import BreakGlassWithoutCare

START = 1.7e9 - 1.7e9 % DAY


def access(user: str, ts: float, care: bool | None, patient: str = "p1", **more: Any) -> dict[str, Any]:
    who = {"kind": "access", "user": user, "role": "physician", "department": "Emergency", "patient": patient}
    judged = {"reason": "none", "strength": 0.0, "coverage": 0.95, "break_glass": True, "judged_ts": ts + DAY}
    return who | judged | {"ts": ts} | ({} if care is None else {"care_after": care}) | more


def routine(users: int, days: int, in_vain: int) -> list[dict[str, Any]]:
    return [
        access(f"d{u}", START + d * DAY + 3600.0 * k + u, k >= in_vain, f"p{u}-{d}-{k}")
        for d in range(days)
        for k in range(6)
        for u in range(users)
    ]


def test_absence_is_what_counts() -> None:
    detector = fresh(BreakGlassWithoutCare)
    rows = [access("n1", START, care) for care in (True, None)]
    rows += [access("n1", START, False, strength=0.8), access("n1", START, False, withdrawn=True)]
    rows += [access("n1", START, False, break_glass=False)]
    assert np.isnan(scores(detector, rows)).all()
    assert found(detector, [access("n1", START + DAY, False)]) == 1


def test_a_mass_casualty_that_is_followed_by_care_is_quiet() -> None:
    night = [access(f"d{i % 7}", START + 60.0 * i, True, f"x{i % 30}") for i in range(120)]
    assert found(fresh(BreakGlassWithoutCare), night) == 0


def test_routine_becomes_quiet_and_a_run_stays_news() -> None:
    detector = fresh(BreakGlassWithoutCare)
    scores(detector, routine(16, 40, 1))
    assert found(detector, routine(16, 42, 1)[-2 * 6 * 16 :]) <= 2
    run = [access("d3", START + 50 * DAY + 60.0 * k, False, f"x{k}") for k in range(14)]
    assert found(detector, run) >= 1


def test_clicks_on_one_patient_are_one_emergency() -> None:
    values = scores(fresh(BreakGlassWithoutCare), [access("n1", START + 10.0 * k, False) for k in range(20)])
    assert values[0] > 0.5 and np.isnan(values[1:]).all()


def test_colleagues_in_the_same_emergency_lower_the_score() -> None:
    names = [f"c{i}" for i in range(200)]
    groups = batch_of("judged", [access(n, START, False) for n in names]).groups
    team = [n for n, g in zip(names, groups, strict=True) if g == groups[0]][:8]
    values = scores(fresh(BreakGlassWithoutCare), [access(n, START + i, False, f"x{i}") for i, n in enumerate(team)])
    assert values[0] > values[-1]


def test_restart_goes_on() -> None:
    detector, rows = fresh(BreakGlassWithoutCare), routine(5, 20, 1)
    scores(detector, rows[:300])
    np.testing.assert_array_equal(scores(restarted(detector), rows[300:]), scores(detector, rows[300:]))


def test_sentence() -> None:
    assert sentence(fresh(BreakGlassWithoutCare), [access("d1", START, False)]) == (
        "d1 (physician, Emergency) opened a patient's chart by emergency access within a day, and no order, note or "
        "visit followed; usual is one in 100 days. For the last, no appointment, order, visit, care team or earlier "
        "care explains it, nor did anything come in until 2023-11-15 00:00 UTC."
    )


def test_where_much_care_is_never_told_of_one_in_vain_is_no_news_and_a_run_is() -> None:
    once = [access("new", START, False)]
    run = [access("new", START + 2 * DAY + 600.0 * k, False, f"x{k}", unexplained_share=0.4) for k in range(12)]
    assert found(fresh(BreakGlassWithoutCare), [row | {"unexplained_share": 0.02} for row in once]) == 1
    untold = fresh(BreakGlassWithoutCare)
    assert found(untold, [row | {"unexplained_share": 0.4} for row in once]) == 0
    assert found(untold, run) >= 1
