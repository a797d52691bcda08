"""Charts without a reason: a run within a day, a few a day over weeks, and many weak signs."""

from typing import Any

import numpy as np

from detectors.ehr.story import DAY, batch_of, found, fresh, restarted, scores, sentence
from pipeline.detectors.ehr.access_anomaly import AccessAnomaly
from pipeline.detectors.ehr.slow_harvest import SlowHarvest
from pipeline.detectors.ehr.unexplained_access import UnexplainedAccess

START = 1.7e9 - 1.7e9 % DAY
rng = np.random.default_rng(7)


def access(user: str, at: float, patient: str, **more: Any) -> dict[str, Any]:
    who = {"kind": "access", "user": user, "role": "nurse", "department": "Surgery", "patient": patient}
    judged = {"reason": "none", "strength": 0.0, "coverage": 0.95, "user_before": 0, "department_before": 0}
    judged |= {"unexplained_share": 0.05}
    return who | judged | {"ts": START + at, "judged_ts": START + at + 14_400.0} | more


def _team(size: int) -> list[str]:
    """Users of one key group, so that they are colleagues of each other."""
    names = [f"n{i}" for i in range(20 * size)]
    groups = batch_of("judged", [access(n, 0.0, "p") for n in names]).groups
    return [n for n, g in zip(names, groups, strict=True) if g == groups[0]][:size]


TEAM = _team(8)


def oversights(days: int, a_day: float, users: list[str] = TEAM) -> list[dict[str, Any]]:
    """What is never explained anywhere: orders forgotten, notes never written."""
    draw = np.random.default_rng(3)
    rows = [
        access(u, DAY * d + 3600.0 * (8 + k), f"{u}-{d}-{k}")
        for d in range(days)
        for u in users
        for k in range(draw.poisson(a_day))
    ]
    return sorted(rows, key=lambda r: float(r["ts"]))


def test_oversights_are_no_news() -> None:
    for a_day in (0.2, 1.0, 3.0):
        rows = oversights(40, a_day)
        assert found(fresh(UnexplainedAccess), rows) <= 1
        assert found(fresh(SlowHarvest), rows) <= 1


def test_a_run_is_news_and_explained_or_known_charts_are_none() -> None:
    detector = fresh(UnexplainedAccess)
    scores(detector, oversights(20, 0.5))
    run = [access(TEAM[0], DAY * 21 + 60.0 * i, f"s{i}") for i in range(12)]
    for change in ({"strength": 0.8, "reason": "order"}, {"user_before": 9}, {"coverage": 0.1}, {"withdrawn": True}):
        assert found(restarted(detector), [r | change for r in run]) == 0, change
    for share, times, told in ((0.5, 1.0, False), (0.5, 0.05, True), (0.05, 10.0, False)):
        alike = {"unexplained_share": share, "treated_times": times}
        assert (found(restarted(detector), [r | alike for r in run]) >= 1) is told, alike
    pages = [r | {"patient": f"s{i % 2}"} for i, r in enumerate(run)]
    assert found(restarted(detector), pages) == 0
    assert found(detector, run) >= 1


def test_what_is_usual_for_colleagues_is_no_news() -> None:
    detector = fresh(UnexplainedAccess)
    scores(detector, oversights(20, 8.0))
    assert found(detector, [access(TEAM[0], DAY * 21 + 60.0 * i, f"s{i}") for i in range(13)]) == 0


def test_a_few_a_day_for_two_weeks_are_a_harvest() -> None:
    thief = [access(TEAM[2], DAY * d + 3600.0 * (9 + 3 * k), f"t{d}-{k}") for d in range(10, 24) for k in range(3)]
    rows = sorted(oversights(24, 0.4) + thief, key=lambda r: float(r["ts"]))
    values = scores(fresh(SlowHarvest), rows)
    users = np.array([r["user"] for r in rows])
    assert (values[users == TEAM[2]] >= 0.5).sum() >= 1
    assert (values[users != TEAM[2]] >= 0.5).sum() == 0
    # Weeks are one story: told when it becomes news, and when there is half as much more of it.
    assert (values >= 0.5).sum() <= 5


def test_who_documents_care_is_no_stranger() -> None:
    worked = [access(TEAM[0], DAY * d + 3600.0 * (9 + k), f"w{d}-{k}") for d in range(8, 20) for k in range(2)]
    run = [access(TEAM[1], DAY * 21 + 60.0 * i, f"s{i}") for i in range(12)]
    usual = oversights(20, 0.4)
    for cls, rows in ((SlowHarvest, worked), (UnexplainedAccess, run)):
        for wrote in (False, True):
            mine = [r | {"care_after": True} for r in rows] if wrote else rows
            story = sorted(usual + mine, key=lambda r: float(r["ts"]))
            assert (found(fresh(cls), story) == 0) is wrote, cls


def test_of_a_role_that_is_not_known_the_house_tells_what_is_usual() -> None:
    clerk = {"role": "coder", "department": "Billing"}
    mine = [access(TEAM[7], DAY * d + 3600.0 * (9 + k), f"c{d}-{k}", **clerk) for d in range(8, 18) for k in range(2)]
    values = [
        scores(fresh(SlowHarvest), sorted([*oversights(18, often, TEAM[:7]), *mine], key=lambda r: float(r["ts"])))[-1]
        for often in (0.1, 1.0, 3.0)
    ]
    assert values[0] > values[1] > values[2], "two a day of one who has no colleagues here"


def test_many_light_signs_vary_less_than_a_few_heavy_ones() -> None:
    """A fortnight of as much weight is less likely where it is made of many small ones."""
    usual = oversights(24, 0.6)
    least = []
    for light in (1, 4):
        part = {"strength": 0.5 - 0.5 / light}
        rows = [r | part | {"patient": f"{r['patient']}-{k}", "ts": r["ts"] + k} for r in usual for k in range(light)]
        batch, detector = batch_of("judged", rows), fresh(SlowHarvest)
        out = detector.score(batch)
        said = detector.explain(batch, batch.n - 1, out).normal
        assert said is not None
        least.append(int(said.split("Fewer than ")[1].split(" ")[0]))
    assert least[1] < least[0]


def busy(often: float, days: int = 24) -> list[dict[str, Any]]:
    """One who opens `often` times as many charts as the others do, and has as many times their oversights."""
    draw = np.random.default_rng(5)
    rows = []
    for user in TEAM:
        times, so_far = (often if user == TEAM[3] else 1.0), 0.0
        for d in range(days):
            so_far += 20.0 * times
            for k in range(draw.poisson(0.6 * times)):
                rows.append(access(user, DAY * d + 3600.0 * (8 + k % 9) + k, f"{user}-{d}-{k}", user_charts=so_far))
    return sorted(rows, key=lambda r: float(r["ts"]))


def test_who_opens_many_charts_opens_many_without_a_reason() -> None:
    rows = busy(3.5)
    unsaid = [{k: v for k, v in r.items() if k != "user_charts"} for r in rows]
    assert found(fresh(SlowHarvest), unsaid) >= 1
    assert found(fresh(SlowHarvest), rows) == 0
    lazy = [r | {"user_charts": r["user_charts"] / 3.5} if r["user"] == TEAM[3] else r for r in rows]
    assert found(fresh(SlowHarvest), lazy) >= 1, "as many of no more charts than colleagues open"


def test_a_count_of_charts_that_begins_anew_is_no_work_undone() -> None:
    rows = busy(3.5)
    anew = [r | {"user_charts": r["user_charts"] % 700.0} for r in rows]
    assert found(fresh(SlowHarvest), anew) == 0


def test_who_covers_for_others_is_no_thief_but_for_patients_whom_nobody_treats() -> None:
    usual = oversights(24, 0.4)
    nights = [access(TEAM[2], DAY * d + 3600.0 * (1 + k), f"t{d}-{k}") for d in range(10, 24) for k in range(3)]
    for said, told in (
        ({}, True),
        ({"shift_share": 0.4}, True),
        ({"shift_share": 0.9}, False),
        ({"shift_share": 0.9, "treated_times": 1.8}, False),
        ({"shift_share": 0.9, "treated_times": 0.1}, True),
    ):
        rows = sorted([*usual, *(r | said for r in nights)], key=lambda r: float(r["ts"]))
        values = scores(fresh(SlowHarvest), rows)
        mine = np.array([r["user"] == TEAM[2] for r in rows])
        assert (values[mine] >= 0.5).any() == told, said


def test_three_long_shifts_a_week_are_no_five_days() -> None:
    """Whose days off are told is expected to do on a day at work what others of such shifts do."""
    draw = np.random.default_rng(11)
    rows = [
        access(user, DAY * d + 3600.0 * (8 + k) + n, f"{user}-{d}-{k}", user_days=1 + d // 7 * 3 + d % 7 // 2)
        for n, user in enumerate(TEAM)
        for d in range(42)
        if d % 7 in (0, 2, 4)
        for k in range(draw.poisson(2.0))
    ]
    rows.sort(key=lambda r: float(r["ts"]))
    run = [access(TEAM[0], DAY * 42 + 3600.0 * 8 + 60.0 * k, f"r{k}", user_days=19) for k in range(5)]
    told, unsaid = (
        scores(fresh(UnexplainedAccess), [{k: v for k, v in r.items() if k != left} for r in (*rows, *run)])[-1]
        for left in ("", "user_days")
    )
    assert told < 0.5 and told < unsaid
    daily = [r | {"user_days": 1 + (r["ts"] - START) // DAY} for r in (*rows, *run)]
    assert scores(fresh(UnexplainedAccess), daily)[-1] > told, "as many in more days at work"


def test_what_care_explains_late_is_taken_back() -> None:
    usual = oversights(24, 0.4)
    mine = [access(TEAM[2], DAY * d + 3600.0 * (9 + 3 * k), f"t{d}-{k}") for d in range(10, 24) for k in range(3)]
    reason = {"withdrawn": True, "reason": "order", "strength": 0.9}
    late = [r | reason | {"event_id": f"{r['patient']}:withdrawn", "ts": float(r["ts"]) + 1.0} for r in mine]
    last = {str(r["patient"]) for r in mine[-3:]}
    for taken, told in ((late, 0), ([r for r in late if r["patient"] in last], 1)):
        rows = sorted([*usual, *mine, *taken], key=lambda r: float(r["ts"]))
        assert min(found(fresh(SlowHarvest), rows), 1) == told


def test_restart_goes_on() -> None:
    rows = busy(2.0, 30)
    rows += [r | {"withdrawn": True, "ts": float(r["ts"]) + 9.0} for r in rows[100:200:7]]
    rows.sort(key=lambda r: float(r["ts"]))
    for cls in (UnexplainedAccess, SlowHarvest, AccessAnomaly):
        detector = fresh(cls)
        scores(detector, rows[:120])
        np.testing.assert_array_equal(scores(restarted(detector), rows[120:]), scores(detector, rows[120:]))


def test_weak_signs_add_up_and_one_does_not() -> None:
    care = {"reason": "encounter", "strength": 0.6, "user_before": 3, "department_before": 9}
    usual = [access(TEAM[i % 8], 300.0 * i, f"p{i % 50}", **care) for i in range(400)]
    detector = fresh(AccessAnomaly)
    scores(detector, usual)
    at = 300.0 * 401
    one = access(TEAM[0], at, "q", **(care | {"sign_hours": 0.9}))
    many = access(TEAM[0], at + 1, "q", same_family=True, sign_hours=0.4, sign_account=0.4, sign_workstation=0.4)
    few, most = scores(detector, [one, many])
    assert few < 0.4 and most > 0.5


def test_sentences() -> None:
    run = [access("n1", 60.0 * i, f"s{i}") for i in range(9)]
    assert sentence(fresh(UnexplainedAccess), run).startswith(
        "n1 (nurse, Surgery) opened the charts of 9 patients within a day without a reason; usual are 1.0. "
    )
    text = sentence(fresh(AccessAnomaly), [access("n1", 0.0, "q", same_family=True, sign_hours=0.4, hour_share=0.01)])
    assert "a relation to the patient" in text and "an unusual hour" in text
