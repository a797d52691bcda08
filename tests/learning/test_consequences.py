"""What verdicts ask of thresholds and of the allow-list: within limits, on evidence, and taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import orjson
import pytest

from pipeline.engine.tuning import Tuning, fault_of
from pipeline.learning.assessor import Assessor
from pipeline.runtime.lists.allowed import fault_of as fault_of_allowed
from schemas.feedback import Verdict
from tests.learning.notes import DAY, START, finding, verdict


def judged(
    assessor: Assessor, said: Sequence[tuple[Verdict, float]], who: Sequence[str] = ("ada", "bob"), first: int = 0
) -> list[float]:
    """One alert an hour of a detector with threshold 0.6, of these verdicts and scores; the shifts that were asked."""
    shifts = []
    for number, (verdict_, score) in enumerate(said, first):
        entity = f"10.1.{number // 200}.{number % 200}"
        assessor.take(finding(f"a{number}", at=number, score=score, threshold=0.6, entity=entity))
        assessor.take(verdict(f"a{number}", verdict_, who[number % len(who)], at=number + 2))
        for name, row in assessor.list_rows():
            assert name == "tuning" and fault_of(row) is None
            assert row["by"] == "verdicts" and row["detector"] == "network.beaconing"
            shifts.append(float(row["shift"]))
    return shifts


FALSE_LOW: list[tuple[Verdict, float]] = [("false", 0.65)] * 9
MIXED: list[tuple[Verdict, float]] = [*FALSE_LOW, ("true", 0.95), *FALSE_LOW * 3]


def test_false_alarms_just_over_the_threshold_raise_it_step_by_step_and_not_beyond_what_was_true() -> None:
    shifts = judged(Assessor(), MIXED)
    assert shifts and max(shifts) == 0.15  # the least that hides 0.65: 0.6 + 0.15 · 0.4 = 0.66
    steps = [0.0, *shifts]
    assert all(b - a <= 0.1 + 1e-9 for a, b in pairwise(steps))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([("false", 0.65)] * 7, "too few"),
        ([("false", 0.65), ("true", 0.61)] * 20, "true ones would be hidden"),
        ([("false", 1.0)] * 40, "no threshold would help"),
        ([("benign_expected", 0.65)] * 40, "what is expected is for the allow-list"),
        ([("true", 0.65), ("false", 0.62)] * 20, "half of them are true"),
    ],
)
def test_no_threshold_moves_without_a_reason(said: Sequence[tuple[Verdict, float]], why: str) -> None:
    assert not judged(Assessor(), said), why


def test_one_account_alone_moves_a_threshold_by_a_tenth_at_most() -> None:
    shifts = judged(Assessor(), [("false", 0.7)] * 300, who=("mallory",))
    assert max(shifts, default=0.0) <= 0.1
    shifts = judged(Assessor(), [("false", 0.62)] * 300, who=("mallory",))
    assert max(shifts) == 0.1
    assert (
        Tuning([{"detector": "d", "shift": "0.1", "by": "verdicts", "reason": "r", "until": "2100-01-01"}], 5).shift
        == 0
    )


def test_a_true_alarm_that_a_shift_would_hide_takes_it_back_at_once() -> None:
    assessor = Assessor()
    up = judged(assessor, MIXED)
    assert up[-1] > 0
    assert judged(assessor, [("true", 0.61)], first=100)[-1] == 0.0


def test_a_detector_that_is_nearly_always_right_becomes_more_sensitive_within_limits() -> None:
    down = judged(Assessor(), [("true", 0.62)] * 60)
    assert down and min(down) >= -0.2 and down == sorted(down, reverse=True)
    assert not judged(Assessor(), [("true", 0.95)] * 60)  # nothing stands near the threshold


def test_a_shift_lapses_unless_verdicts_keep_coming() -> None:
    assessor = Assessor()
    judged(assessor, MIXED)
    told: list[dict[str, str]] = []
    for number in range(100, 112):
        assessor.take(finding(f"a{number}", at=24 * 2 * (number - 98), score=0.65, threshold=0.6, entity="10.3.0.1"))
        assessor.take(verdict(f"a{number}", "false", "bob", at=24 * 2 * (number - 98) + 1))
        told += [row for _, row in assessor.list_rows()]
    days = [datetime.fromisoformat(row["until"]).replace(tzinfo=UTC).timestamp() for row in told]
    assert days and days == sorted(days)
    assert all(START + 30 * DAY < day < START + 60 * DAY for day in days)


def test_of_many_rules_under_one_threshold_none_moves_it() -> None:
    assessor = Assessor()
    for number in range(40):
        assessor.take(finding(f"a{number}", at=number, detector="logs.sigma", rule="r1", source="logs"))
        assessor.take(verdict(f"a{number}", "false", "ab"[number % 2], at=number + 1))
    assert not assessor.list_rows()


def scans(
    assessor: Assessor, said: Sequence[tuple[str, float, Verdict]], first: int = 0, **other: Any
) -> list[dict[str, Any]]:
    """Alerts of one scanner, judged by these people on these days; the rows of `proposals`."""
    for number, (who, day, what) in enumerate(said, first):
        assessor.take(finding(f"s{number}", at=24 * day + number / 10, entity="10.7.7.7", **other))
        assessor.take(verdict(f"s{number}", what, who, at=24 * day + 5))
    tables = assessor.tables()
    return tables["proposals"].to_pylist() if "proposals" in tables else []


def test_three_expected_verdicts_of_two_days_or_people_propose_an_entry_that_nobody_owns_yet() -> None:
    for said in ([("ada", 0.0), ("ada", 1.0), ("ada", 2.0)], [("ada", 0.0), ("bob", 0.0), ("ada", 0.0)]):
        [row] = scans(Assessor(), [(who, day, "benign_expected") for who, day in said])
        entry = orjson.loads(row["row"])
        assert (entry["detector"], entry["entity"], entry["owner"]) == ("network.beaconing", "10.7.7.7", "")
        assert "owner is missing" in str(fault_of_allowed(entry)) and fault_of_allowed(entry | {"owner": "x"}) is None
        assert row["evidence"] == 3 and not row["withdrawn"]
        until = datetime.fromisoformat(row["until"]).replace(tzinfo=UTC).timestamp()
        assert 29 * DAY <= until - START <= 93 * DAY


@pytest.mark.parametrize(
    "said",
    [
        [("ada", 0.0, "benign_expected")] * 2,
        [("ada", 0.0, "benign_expected")] * 9,  # one person on one day
        [("ada", 0.0, "false"), ("ada", 1.0, "false"), ("bob", 2.0, "false")],
        [("ada", 0.0, "true"), ("ada", 1.0, "benign_expected"), ("bob", 2.0, "benign_expected"),
         ("bob", 3.0, "benign_expected")],
    ],
)  # fmt: skip
def test_less_proposes_nothing(said: list[tuple[str, float, Verdict]]) -> None:
    assert not scans(Assessor(), said)


def test_a_true_alarm_takes_the_proposal_back_and_its_end_begins_anew() -> None:
    assessor = Assessor()
    expected: list[tuple[str, float, Verdict]] = [("ada", float(day), "benign_expected") for day in range(3)]
    [row] = scans(assessor, expected)
    [back] = scans(assessor, [("bob", 4.0, "true")], first=10)
    assert back["proposal_id"] == row["proposal_id"] and back["withdrawn"] and back["revision"] > row["revision"]
    later = Assessor()
    [row] = scans(later, expected)
    assert not scans(later, [("ada", 100.0, "benign_expected")], first=20)
    [other] = scans(later, [("ada", 101.0, "benign_expected"), ("ada", 102.0, "benign_expected")], first=30)
    assert other["proposal_id"] != row["proposal_id"] and not other["withdrawn"]


def test_a_rule_is_allowed_by_its_own_name() -> None:
    said: list[tuple[str, float, Verdict]] = [("ada", float(day), "benign_expected") for day in range(3)]
    [row] = scans(Assessor(), said, detector="logs.sigma", rule="rule-7", source="logs")
    assert orjson.loads(row["row"])["detector"] == row["detector"] == "rule-7"
