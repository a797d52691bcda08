"""Verdicts make alike alerts rank lower or higher, whenever and in whatever order they come, and nobody rules alone."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.learning.assessor import Assessor
from schemas.feedback import Verdict
from schemas.note import FindingNote
from tests.learning.notes import assessed, backup, finding, named, shown, theft, verdict


def test_after_a_false_alarm_the_next_alike_ranks_lower_and_what_is_unlike_keeps_its_rank() -> None:
    assessor = Assessor()
    first, other = assessed(assessor, backup(1, 0)), assessed(assessor, theft(1, 1))
    assert first.priority == other.priority and first.detector_precision is None
    assessor.take(verdict("backup-1", "false", at=26))
    assessor.take(verdict("theft-1", "true", at=26))
    again, unlike = assessed(assessor, backup(2, 48)), assessed(assessor, theft(2, 49))
    assert again.p_true < 0.3 < first.p_true and again.priority < 0.7 * first.priority
    assert unlike.p_true > other.p_true and unlike.priority > again.priority
    assert (again.detector_precision, again.detector_verdicts) == (0.0, 1)
    assert (unlike.detector_precision, unlike.detector_verdicts) == (1.0, 1)


def test_a_detector_that_was_wrong_each_time_still_says_which_of_its_alerts_is_the_likeliest() -> None:
    """And none that nobody judged counts as judged to be nothing."""
    assessor, scores = Assessor(), np.linspace(0.55, 0.99, 60)

    def alert(number: int) -> FindingNote:
        return finding(f"a{number}", at=number / 4, entity=f"10.0.1.{number}", score=scores[number * 7 % 60])

    for number in range(40):
        assessor.take(alert(number))
        assessor.take(verdict(f"a{number}", "false", "ada" if number % 2 else "ben", at=number / 4 + 0.1))
    late = sorted((alert(number) for number in range(40, 60)), key=lambda note: note.score)
    found = [assessed(assessor, note).p_true for note in late]
    assert np.median(np.diff(found)) > 0 and found[-1] > found[0]
    assert min(found) > 0.03 and max(found) < 0.1


def test_another_machine_that_calls_the_same_place_profits_too() -> None:
    assessor = Assessor()
    assessor.take(backup(1, 0))
    assessor.take(verdict("backup-1", "benign_expected"))
    same = assessed(assessor, backup(2, 48).model_copy(update={"entity": "10.9.0.8"}))
    elsewhere = [named("domain", "elsewhere.example")]
    other = assessed(assessor, backup(3, 49).model_copy(update={"entity": "10.9.0.9", "observables": elsewhere}))
    assert same.p_true < other.p_true < 0.5


def test_the_classifier_learns_what_no_name_tells() -> None:
    """New machines and places all the time; only how much is sent tells one from the other."""
    assessor, rng = Assessor(), np.random.default_rng(3)

    def alert(number: int, real: bool) -> FindingNote:
        return finding(
            f"a{number}", at=number / 4, entity=f"10.0.{number // 250}.{number % 250}",
            features=[shown("bytes_out", float(rng.lognormal(14 if real else 9)), 1e4), shown("hosts", 3.0)],
        )  # fmt: skip

    for number in range(120):
        real = number % 4 == 0
        assessor.take(alert(number, real))
        assessor.take(verdict(f"a{number}", "true" if real else "false", who=f"p{number % 3}", at=number / 4 + 24))
    guesses = [
        (real, assessed(assessor, alert(1000 + 2 * i + real, real)).p_true) for i in range(30) for real in (0, 1)
    ]
    right = [p > 0.5 if real else p < 0.25 for real, p in guesses]
    assert sum(right) >= 54


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("ada", "true", 1), ("ada", "false", 2)], "false"),  # the latest of a person
        ([("ada", "false", 2), ("ada", "true", 1)], "false"),  # whenever it comes
        ([("ada", "true", 1), ("bob", "false", 1), ("cyd", "true", 1)], "true"),
        ([("ada", "true", 1), ("bob", "false", 1)], "undecided"),
        ([("ada", "benign_expected", 1), ("bob", "false", 1), ("bob", "benign_expected", 3)], "benign_expected"),
    ],
)
def test_the_majority_of_latest_words_decides(said: Sequence[tuple[str, Verdict, float]], expected: str) -> None:
    assessor = Assessor()
    assessor.take(backup(1, 0))
    before = assessor.assess(backup(1, 0))
    for who, what, at in said:
        assessor.take(verdict("backup-1", what, who, at))
    rows = assessor.tables()["judgements"].to_pylist()
    assert [row["verdict"] for row in rows] == [expected]
    after = assessor.assess(backup(1, 0))
    assert after.p_true == {"true": 0.98, "undecided": before.p_true}.get(expected, 0.02)
    assert after.detector_verdicts == (expected != "undecided")


def test_a_verdict_that_is_taken_back_leaves_nothing_behind() -> None:
    plain, corrected = Assessor(), Assessor()
    for assessor in (plain, corrected):
        for number in range(6):
            assessor.take(backup(number, number))
            assessor.take(theft(number, number))
    corrected.take(verdict("backup-1", "false", at=10))
    for assessor in (plain, corrected):
        assessor.take(verdict("theft-1", "false", at=11))
        assessor.take(verdict("backup-1", "true", at=12))
    for note in (backup(7, 20), theft(7, 20)):
        a, b = assessed(plain, note), assessed(corrected, note)
        assert a.p_true == pytest.approx(b.p_true, abs=0.03) and a.detector_precision == b.detector_precision


def test_a_verdict_on_an_incident_is_one_on_its_alerts_seen_by_then() -> None:
    assessor = Assessor()
    for note in (backup(1, 0), theft(1, 1), theft(2, 100)):
        assessor.take(note)
    assessor.belongs("backup-1", "i1")
    assessor.take(verdict("i1", "true", at=24, incident=True))
    assessor.belongs("theft-1", "i1")
    assessor.belongs("theft-2", "i1")
    judged = {row["alert_id"]: row["verdict"] for row in assessor.tables()["judgements"].to_pylist()}
    assert judged == {"backup-1": "true", "theft-1": "true"}
    assessor.take(verdict("backup-1", "false", at=20))
    assert assessor.assess(backup(1, 0)).p_true == 0.02  # what is said of the alert itself goes before


def test_verdicts_that_come_before_their_alert_wait_and_are_counted_and_not_for_ever() -> None:
    early, late = Assessor(), Assessor()
    early.take(verdict("backup-1", "false", at=2))
    early.take(verdict("backup-1", "false", at=2))
    early.take(verdict("i9", "true", at=2, incident=True))
    assert early.unknown_verdicts == 2
    early.take(backup(1, 1))
    late.take(backup(1, 1))
    late.take(verdict("backup-1", "false", at=2))
    assert assessed(early, backup(2, 30)) == assessed(late, backup(2, 30))
    early.take(verdict("theft-1", "false", at=3))
    early.take(backup(3, 24 * 8))
    assert assessed(early, theft(1, 24 * 8 + 1)).p_true > 0.4


def burst(assessor: Assessor, who: str, said: Verdict, count: int, first: int = 0) -> None:
    """So many alerts of one detector, all judged the same by one account."""
    for number in range(first, first + count):
        assessor.take(theft(number, number / 10))
        assessor.take(verdict(f"theft-{number}", said, who, at=number / 10 + 1))


def test_hundreds_of_verdicts_by_one_account_are_one_opinion() -> None:
    """Ten alone weigh what five hundred do, and beside others' true ones they do not prevail."""
    ten, flooded, contradicted = Assessor(), Assessor(), Assessor()
    burst(ten, "mallory", "false", 10)
    burst(flooded, "mallory", "false", 500)
    for number in range(20):
        contradicted.take(theft(9000 + number, 2.5 * number))
        contradicted.take(verdict(f"theft-{9000 + number}", "true", f"p{number % 3}", at=2.5 * number + 1))
        burst(contradicted, "mallory", "false", 25, 25 * number)
    probe = theft(7777, 60)
    assert assessed(flooded, probe).p_true == pytest.approx(assessed(ten, probe).p_true, abs=0.05)
    assert assessed(contradicted, probe).p_true > 0.3
    for assessor in (flooded, contradicted):
        shifts = [float(row["shift"]) for _, row in assessor.list_rows()]
        assert max(shifts, default=0.0) <= 0.1


def test_a_grave_alert_stays_in_sight_whatever_was_said_of_others() -> None:
    assessor = Assessor()
    for number in range(200):
        note = theft(number, number / 10).model_copy(update={"severity": 5})
        assessor.take(note)
        assessor.take(verdict(note.alert_id, "false", f"p{number % 5}", at=number / 10 + 1))
    grave = assessed(assessor, theft(777, 60).model_copy(update={"severity": 5}))
    fresh = assessed(assessor, backup(1, 60))
    assert grave.p_true < 0.05 and grave.priority > fresh.priority


def test_who_is_always_alone_with_an_opinion_is_believed_less() -> None:
    assessor = Assessor()
    for number in range(30):
        assessor.take(theft(number, number))
        for who, said in (("ada", "true"), ("bob", "true"), ("mallory", "false")):
            assessor.take(verdict(f"theft-{number}", said, who, at=number + 1))  # type: ignore[arg-type]
    assert assessor.agreement("ada") == (0, 0)  # bob and mallory are a tie
    assert assessor.agreement("mallory") == (30, 0)
    before = assessed(assessor, backup(0, 50)).p_true
    for number in range(1, 30):
        assessor.take(backup(number, 50 + number))
        assessor.take(verdict(f"backup-{number}", "false", "mallory", at=51 + number))
    assert assessed(assessor, backup(99, 90)).p_true == pytest.approx(before, abs=0.02)


def test_explained_allowed_and_judged_alerts_stand_low() -> None:
    assessor = Assessor()
    usual = assessed(assessor, theft(1, 0)).priority
    void = assessed(assessor, theft(2, 0).model_copy(update={"withdrawn": 1}))
    allowed = assessed(assessor, theft(3, 0).model_copy(update={"allowed": True}))
    assert void.p_true == 0.02 and void.priority < 0.1 * usual and allowed.priority < 0.3 * usual
