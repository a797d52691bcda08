"""Strays from the role and from its hours, told of a user: how many it takes, and what is usual after all."""

from typing import Any

import pytest

from detectors.ehr.story import DAY, found, fresh, restarted, scores, sentence
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.odd_hours import OddHours
from pipeline.detectors.ehr.role_mismatch import RoleMismatch


def stray(number: int, **more: Any) -> dict[str, Any]:
    """Of a role of which 60 accesses are known in each of eight key groups, none alike."""
    known = {"role_known": 60, "role_did": 0, "role_day": number // 8 + 1, "role_part": number % 8, "all_share": 0.01}
    what = {"action": "create", "resource": "MedicationRequest", "reason": "order", "strength": 0.9}
    return judged_access(36_000.0 + 60.0 * number, f"p{number}", **what, **known) | more


def test_it_takes_some_and_a_role_that_is_known() -> None:
    assert found(fresh(RoleMismatch), [stray(i) for i in range(2)]) == 0
    assert scores(fresh(RoleMismatch), [stray(i) for i in range(8)])[-1] > 0.6
    assert found(fresh(RoleMismatch), [stray(i, role_known=4) for i in range(4)]) == 0, "hardly anything is known"
    assert found(fresh(RoleMismatch), [stray(i, role_did=6) for i in range(8)]) == 0, "some of the role do it"
    assert found(fresh(RoleMismatch), [stray(i, ts=stray(0)["ts"] + i * DAY) for i in range(8)]) == 0, "once a day"
    busy = [stray(i, role_day=400, role_known=400) for i in range(3)]
    assert (
        found(fresh(RoleMismatch), busy) == 0 < found(fresh(RoleMismatch), [stray(i, role_known=400) for i in range(3)])
    )


def test_it_says_what_is_known_of_the_role() -> None:
    said = sentence(fresh(RoleMismatch), [stray(i) for i in range(8)])
    assert "did 8 times within a day what does not fit the role" in said and "0 of 480 by others of the role" in said


@pytest.mark.parametrize(("share", "told"), [(0.0, True), (0.03, True), (0.05, False), (0.2, False)])
def test_an_hour_at_which_colleagues_work_is_none(share: float, told: bool) -> None:
    night = [judged_access(10_800.0 + 60.0 * i, f"p{i}", sign_hours=0.7, hour_share=share) for i in range(4)]
    assert (found(fresh(OddHours), night) > 0) is told
    assert "opened more charts around 03 hours UTC" in sentence(fresh(OddHours), night)


def test_a_long_sitting_is_held_against_such_where_nobody_has_a_shift() -> None:
    def night(share: float, long: float | None) -> list[dict[str, Any]]:
        return [judged_access(10_800.0, "p", sign_hours=0.42, hour_share=share, hour_long=long, user_sitting=4)]

    assert found(fresh(OddHours), night(0.04, 0.004)) == 1, "colleagues open one at most"
    assert "0.4% of what colleagues in Surgery open in sittings of 4 charts or more is" in sentence(
        fresh(OddHours), night(0.04, 0.004)
    )
    for share, long in ((0.04, None), (0.04, 0.04), (0.2, 0.004), (0.04, 0.025)):
        assert found(fresh(OddHours), night(share, long)) == 0


def test_what_little_is_known_of_colleagues_adds_up_over_the_charts_of_a_sitting() -> None:
    few = {"sign_hours": 0.7, "hour_share": 5 / 24 / 5, "hour_known": 4, "hour_near": 0}
    night = [judged_access(10_800.0 + 60.0 * i, f"p{i}", hour_part=i % 8, **few) for i in range(3)]
    assert (scores(fresh(OddHours), night) >= 0.5).tolist() == [False, True, True], "a share of 5/24 of 5, of 9"
    again = [d | {"hour_part": 0} for d in night]
    assert found(fresh(OddHours), again) == 0, "one key group tells once what it knows"
    days_apart = [d | {"ts": d["ts"] + DAY * i} for i, d in enumerate(night)]
    assert found(fresh(OddHours), days_apart) == 0
    worked = [d | {"hour_near": 2 * (i == 1), "hour_share": (2 * (i == 1) + 5 / 24) / 5} for i, d in enumerate(night)]
    assert found(fresh(OddHours), worked) == 0


@pytest.mark.parametrize("cls", [RoleMismatch, OddHours])
def test_goes_on_after_a_restart(cls: Any) -> None:
    rows = [stray(i, sign_hours=0.7, hour_share=0.01) for i in range(12)]
    whole = scores(fresh(cls), rows)
    first = fresh(cls)
    assert scores(first, rows[:5]).tolist() == whole[:5].tolist()
    assert scores(restarted(first), rows[5:]).tolist() == whole[5:].tolist()
