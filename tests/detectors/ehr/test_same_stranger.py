"""One stranger's chart, again and again: who is told, who goes on working, and what a house teaches."""

from typing import Any

import numpy as np

from detectors.ehr.story import DAY, fresh, restarted, scores, sentence
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.same_stranger import SameStranger

Row = dict[str, Any]
DAYS = (21, 23, 24, 27, 30, 33, 36, 40)


def looks(days: tuple[int, ...] = DAYS, patient: str = "ex", user: str = "n1", **more: Any) -> list[Row]:
    """One of three pages on each of these days."""
    return [
        judged_access(DAY * d + 36_000.0 + 20.0 * page, patient, user=user, user_before=3 * n + page,
                      department_before=3 * n + page, **more)
        for n, d in enumerate(days)
        for page in range(3)
    ]  # fmt: skip


def strangers(days: int = 20, again: int = 0, user: str = "n1") -> list[Row]:
    """Three charts a day that nothing explains; each is opened on `again` later days, too."""
    rows = [
        judged_access(DAY * (d + k) + 40_000.0 + 60.0 * n, f"q{d}-{n}", user=user, user_before=k, department_before=k)
        for d in range(days)
        for n in range(3)
        for k in range(again + 1)
    ]
    return sorted(rows, key=lambda r: float(r["ts"]))


def told(rows: list[Row], before: list[Row] | None = None) -> np.ndarray:
    """Scores of `rows` after those before."""
    detector = fresh(SameStranger)
    scores(detector, strangers() if before is None else before)
    values: np.ndarray = scores(detector, rows)
    return values


def test_who_comes_back_is_told_at_the_fourth_or_fifth_look_and_each_look_counts_once() -> None:
    values = told(looks())
    first = int(np.argmax(values >= 0.5)) // 3
    assert 3 <= first <= 4
    assert (values >= 0.5).sum() == len(DAYS) - first, "a look is told once, not by the page"
    text = sentence(fresh(SameStranger), [*strangers(), *looks()], row=-3)
    assert "n1 (nurse, Surgery) opened one patient's chart without a reason at" in text and "ex" not in text.split()


def test_a_reason_writing_or_colleagues_at_the_chart_keep_it_quiet() -> None:
    for quiet in (
        {"reason": "order", "strength": 0.6},
        {"care_after": True},
        {"department_before": 200},
        {"coverage": 0.05, "treated_times": 1.0},
        {"unexplained_share": 1.0},
        {"is_self": True},
        {"left_s": 4.0, "left_usual": 0.8, "left_late": 0.05},
    ):
        values = told([r | quiet for r in looks()])
        assert not (values >= 0.5).any(), quiet


def test_where_a_house_tells_little_only_a_patient_whom_nobody_treats_is_a_stranger() -> None:
    poor = {"coverage": 0.4, "unexplained_share": 0.5}
    assert (told([r | poor | {"treated_times": 0.1} for r in looks()]) >= 0.5).any()
    assert not (told([r | poor | {"treated_times": 2.0} for r in looks()]) >= 0.5).any()


def test_a_house_where_people_come_back_to_strangers_teaches_it() -> None:
    assert not (told(looks(DAYS[:5]), strangers(again=5)) >= 0.5).any()
    assert (told(looks(DAYS[:5])) >= 0.5).any()


def test_one_sitting_is_one_look_and_months_apart_are_none() -> None:
    sitting = [r | {"ts": looks()[0]["ts"] + 600.0 * n} for n, r in enumerate(looks())]
    assert not (told(sitting) >= 0.5).any()
    assert not (told(looks((30, 100, 170, 240, 310, 380))) >= 0.5).any()


def test_what_is_explained_after_all_counts_no_more() -> None:
    run = looks()
    detector = fresh(SameStranger)
    scores(detector, strangers())
    scores(detector, run[:15])
    other = restarted(detector)
    assert (scores(other, run[15:]) >= 0.5).any()
    scores(detector, [r | {"withdrawn": True, "reason": "care_team", "strength": 0.95} for r in run[:15]])
    assert not (scores(detector, run[15:]) >= 0.5).any()


def test_what_one_other_pair_does_is_no_custom() -> None:
    quiet = strangers(20)
    other = looks(days=(18, 19, 20, 21), patient="other", user="n2")[:9]
    told = [
        float(np.nanmax(scores(fresh(SameStranger), sorted([*quiet, *more, *looks(DAYS[:4])], key=_ts))))
        for more in ([], other)
    ]
    assert told[1] == told[0]


def _ts(row: Row) -> float:
    return float(row["ts"])
