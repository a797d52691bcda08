"""Many records: against the own norm, the peers' norm, and an absolute limit while neither is known."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, batch_of, fresh, restarted, scores, sentence
from pipeline.detectors.ehr.record_volume import RecordVolume

START = 1.7e9


def opened(user: str, ts: float, count: int, role: str = "nurse", gap_s: float = 15.0) -> list[dict[str, Any]]:
    who = {"kind": "access", "user": user, "role": role, "action": "read", "outcome": "success"}
    return [who | {"ts": ts + gap_s * i, "patient": f"{user}-{ts}-{i}"} for i in range(count)]


def month(user: str, count: int, role: str = "nurse") -> list[dict[str, Any]]:
    return [row for day in range(25) for row in opened(user, START + DAY * day, count, role)]


AFTER = START + 25 * DAY


def test_own_norm_decides() -> None:
    detector = fresh(RecordVolume)
    assert np.nanmax(scores(detector, month("n1", 6))) < 0.5
    assert np.nanmax(scores(detector, opened("n1", AFTER, 80))) > 0.5


def test_high_own_norm_is_quiet() -> None:
    detector = fresh(RecordVolume)
    scores(detector, month("r1", 90, "registrar"))
    assert np.nanmax(scores(detector, opened("r1", AFTER, 110, "registrar"))) < 0.5


def test_colleagues_excuse_a_new_user_and_condemn_one() -> None:
    detector = fresh(RecordVolume)
    scores(detector, month("r1", 90, "registrar"))
    # The same key group, so that they are peers of one another.
    peer = next(f"r{i}" for i in range(2, 400) if _group(f"r{i}") == _group("r1"))
    assert np.nanmax(scores(detector, opened(peer, AFTER, 95, "registrar"))) < 0.5
    assert np.nanmax(scores(detector, opened(peer, AFTER + DAY, 900, "registrar", 2.0))) > 0.5


def _group(user: str) -> int:
    return int(batch_of("ehr", opened(user, START, 1)).groups[0])


def test_unknown_user_warms_up_below_the_limit() -> None:
    values = scores(fresh(RecordVolume), opened("new", START, 90))
    assert np.isnan(values).all()
    values = scores(fresh(RecordVolume), opened("new", START, 140))
    assert np.isnan(values[:95]).all() and values[-1] > 0.5


def test_the_same_patients_again_are_no_more_patients() -> None:
    rows = [r | {"patient": f"p{i % 5}"} for i, r in enumerate(opened("n1", START, 500, gap_s=5.0))]
    assert np.isnan(scores(fresh(RecordVolume), rows)).all()


def test_an_attack_does_not_become_the_norm() -> None:
    detector = fresh(RecordVolume)
    scores(detector, month("n1", 6))
    for day in range(3):
        assert np.nanmax(scores(detector, opened("n1", AFTER + day * DAY, 80))) > 0.5


def test_late_events_do_not_disturb() -> None:
    detector = fresh(RecordVolume)
    scores(detector, month("n1", 6))
    rows = opened("n1", AFTER, 80)
    mixed = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    straight, other = restarted(detector), restarted(detector)
    assert np.nanmax(scores(other, mixed)) == pytest.approx(np.nanmax(scores(straight, rows)), abs=0.05)
    assert np.isnan(scores(other, opened("n1", AFTER - 5 * DAY, 1))).all()


def test_a_wild_clock_is_survived() -> None:
    detector = fresh(RecordVolume)
    scores(detector, month("n1", 6))
    scores(detector, opened("n1", 4.0e9, 1))
    assert np.nanmax(scores(detector, opened("n1", AFTER, 80))) > 0.5


def test_restart_goes_on() -> None:
    detector = fresh(RecordVolume)
    scores(detector, month("n1", 6))
    rows = opened("n1", AFTER, 60)
    np.testing.assert_array_equal(scores(restarted(detector), rows), scores(detector, rows))


def test_sentence_names_who_and_how_much() -> None:
    text = sentence(fresh(RecordVolume), month("n1", 6) + opened("n1", AFTER, 80))
    assert text.startswith("n1 opened the records of about ") and "usual are about 6" in text
