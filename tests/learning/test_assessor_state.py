"""What was learned from verdicts is the same after a crash, a replay or a flood; and bounded."""

from itertools import pairwise

import numpy as np
import pytest

from pipeline.errors import CheckpointError
from pipeline.learning.assessor import Assessor
from schemas.feedback import Verdict
from schemas.note import FindingNote, VerdictNote
from tests.learning.notes import DAY, START, assessed, backup, theft, verdict


def story(count: int = 60) -> list[FindingNote | VerdictNote]:
    """Alerts, delayed and partly wrong verdicts of three people, corrections."""
    notes: list[FindingNote | VerdictNote] = []
    rng = np.random.default_rng(1)
    for number in range(count):
        notes += [backup(number, number), theft(number, number + 0.5)]
        if number >= 10:
            said: Verdict = "false" if rng.random() < 0.9 else "true"
            notes.append(verdict(f"backup-{number - 10}", said, f"p{number % 3}", at=number))
            notes.append(verdict(f"theft-{number - 10}", "true", f"p{number % 2}", at=number))
        if number % 20 == 19:
            notes.append(verdict(f"backup-{number - 12}", "true", "p0", at=number + 0.2))
    return notes


def test_a_replay_gives_the_same_however_often_rows_were_asked_for() -> None:
    whole, parted = Assessor(), Assessor()
    rows = []
    for at, note in enumerate(story()):
        whole.take(note)
        parted.take(note)
        if at % 7 == 0:
            rows += [row for name, t in parted.tables().items() if name == "assessments" for row in t.to_pylist()]
        if at % 50 == 49:  # as after a crash: what was saved is put back
            fresh = Assessor()
            fresh.load(parted.state())
            parted = fresh
    for note in (backup(777, 70), theft(777, 71)):
        assert assessed(whole, note) == assessed(parted, note)
    told = [row["revision"] for row in rows if row["alert_id"] == "theft-50"]
    assert told == sorted(set(told)) and told
    assert whole.list_rows() == parted.list_rows()
    last = {row["alert_id"]: row["p_true"] for row in rows + parted.tables()["assessments"].to_pylist()}
    once = {row["alert_id"]: row["p_true"] for row in whole.tables()["assessments"].to_pylist()}
    assert {a: p for a, p in last.items() if a in once} == pytest.approx(once, abs=0.021)


def test_notes_seen_twice_change_nothing() -> None:
    once, twice = Assessor(), Assessor()
    for note in story():
        once.take(note)
    for first, second in pairwise([*story(), story()[-1]]):
        for note in (first, second):
            twice.take(note)
    probe = theft(777, 71)
    assert assessed(once, probe).detector_verdicts == assessed(twice, probe).detector_verdicts
    assert assessed(once, probe).p_true == pytest.approx(assessed(twice, probe).p_true, abs=0.02)


def test_memory_is_bounded_and_a_flood_of_one_detector_takes_no_others() -> None:
    assessor = Assessor(alerts=50)
    for number in range(10):
        assessor.take(backup(number, 0))
    for number in range(500):
        assessor.take(theft(number, number / 100))
    assessor.take(verdict("backup-3", "false", at=50))
    assessor.take(verdict("theft-3", "false", at=50))  # forgotten
    assert assessor.unknown_verdicts == 1
    assert assessed(assessor, backup(99, 60)).detector_verdicts == 1


def test_damaged_state_is_refused_and_changes_nothing() -> None:
    assessor = Assessor()
    for note in story(20):
        assessor.take(note)
    probe, state = theft(777, 40), assessor.state()
    expected = assessed(assessor, probe)
    broken = [
        state | {"plain": state["plain"][:-50]}, {k: v for k, v in state.items() if k != "alerts|numbers"},
        {k: v[:-1] if k == "learned|network|X" else v for k, v in state.items()}, {"plain": state["plain"]},
    ]  # fmt: skip
    for given in broken:
        with pytest.raises(CheckpointError):
            assessor.load(given)
        assert assessor.assess(probe) == expected
    with pytest.raises(CheckpointError):
        Assessor(seed=8).load(state)
    assessor.load({})
    assert assessor.assess(probe).detector_verdicts == 0
    assert START < probe.ts < START + 2 * DAY
