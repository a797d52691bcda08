"""Emergency access: news where it is rare, routine where it is routine."""

from typing import Any

import numpy as np

from detectors.ehr.story import DAY, batch_of, found, fresh, restarted, scores
from pipeline.detectors.ehr.break_glass import RING, BreakGlass

START = 1.7e9 - 1.7e9 % DAY


def access(user: str, ts: float, glass: bool, patient: str = "p1", **more: Any) -> dict[str, Any]:
    who = {"kind": "access", "user": user, "department": "Emergency", "patient": patient}
    return who | {"ts": ts, "break_glass": glass} | more


def routine(users: int, days: int, a_day: int) -> list[dict[str, Any]]:
    return [
        access(f"d{u}", START + d * DAY + 3600.0 * k + u, k < a_day, f"p{u}-{d}-{k}")
        for d in range(days)
        for k in range(6)
        for u in range(users)
    ]


def test_rare_access_is_found_whatever_says_so() -> None:
    quiet = [access("n1", START + DAY * d, False) for d in range(30)]
    for signal in ({"break_glass": True}, {"purpose": "BTG"}, {"purpose": "ETREAT"}):
        assert found(fresh(BreakGlass), [*quiet, access("n1", START + 31 * DAY, False) | signal]) == 1


def test_ordinary_access_gets_no_opinion() -> None:
    assert np.isnan(scores(fresh(BreakGlass), [access("n1", START, False, purpose="TREAT")])).all()


def test_routine_becomes_quiet_and_a_run_stays_news() -> None:
    detector = fresh(BreakGlass)
    scores(detector, routine(16, 40, 2))
    assert found(detector, routine(16, 42, 2)[-2 * 6 * 16 :]) <= 4
    run = [access("d3", START + 50 * DAY + 60.0 * k, True, f"x{k}") for k in range(14)]
    assert found(detector, run) >= 1


def test_clicks_on_one_patient_are_one_emergency() -> None:
    detector = fresh(BreakGlass)
    values = scores(detector, [access("n1", START + 10.0 * k, True) for k in range(20)])
    assert len(set(values.tolist())) == 1 and values[0] > 0.5


def test_more_patients_raise_the_score_up_to_the_ring() -> None:
    detector = fresh(BreakGlass)
    scores(detector, [access("n1", START + DAY * d, d % 4 == 0) for d in range(60)])
    values = scores(detector, [access("n1", START + 61 * DAY + k, True, f"x{k}") for k in range(RING)])
    assert values[-1] > values[0] and values[-1] > 0.5


def test_colleagues_in_the_same_emergency_lower_the_score() -> None:
    names = [f"c{i}" for i in range(200)]
    groups = batch_of("ehr", [access(n, START, False) for n in names]).groups
    team = [n for n, g in zip(names, groups, strict=True) if g == groups[0]][:6]
    calm = [access(n, START + DAY * d + i, False) for d in range(30) for i, n in enumerate(team)]
    detector = fresh(BreakGlass)
    scores(detector, calm)
    at = START + 31 * DAY
    surge = [access(n, at + 60.0 * k + i, True, f"x{i}-{k}") for k in range(3) for i, n in enumerate(team)]
    values = scores(restarted(detector), surge)
    assert values[0] > 0.5 and values[-1] < 0.5
    assert scores(detector, [access(team[0], at, True, "x")])[0] > 0.5


def test_restart_goes_on() -> None:
    detector, rows = fresh(BreakGlass), routine(5, 20, 1)
    scores(detector, rows[:300])
    np.testing.assert_array_equal(scores(restarted(detector), rows[300:]), scores(detector, rows[300:]))
