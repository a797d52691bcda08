"""Drift is noticed when there is one, and not when a hospital only breathes; wherever the stream was cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river.drift import ADWIN

from pipeline.errors import CheckpointError
from pipeline.learning.drift import Drift
from pipeline.learning.drift_kernels import DELTA, cut
from pipeline.learning.drift_monitor import DriftMonitor

HOUR0 = 500_000
GROUPS = 2
Stream = tuple[np.ndarray, np.ndarray, np.ndarray]


def stream(days: int, shift: float = 1.0, at_day: int = 0, seed: int = 3, per_hour: int = 60) -> Stream:
    """(scores, times, key groups): busier and higher by day, otherwise at weekends; from `at_day` on times `shift`."""
    rng = np.random.default_rng(seed)
    scores, times = [], []
    for hour in range(24 * days):
        night, free = hour % 24 < 7, hour // 24 % 7 >= 5
        n = rng.poisson(per_hour * (0.7 if night else 1.0) * (0.7 if free else 1.0))
        level = (1.0 if night else 1.5) * (1.3 if free else 1.0) * np.exp(0.1 * rng.standard_normal())
        level *= shift if hour >= 24 * at_day else 1.0
        scores.append(rng.beta(level, 6.0, n))
        times.append(np.sort(rng.random(n)) * 3600.0 + 3600.0 * (HOUR0 + hour))
    return np.concatenate(scores), np.concatenate(times), np.zeros(sum(map(len, scores)), np.int32)


def monitor() -> DriftMonitor:
    return DriftMonitor("network", ("a", "b"), GROUPS)


def play(m: DriftMonitor, s: Stream, first: int = 0, last: int | None = None, d: int = 0) -> list[Drift]:
    scores, times, groups = (column[first:last] for column in s)
    return m.note(d, scores, m.hours(times), groups)


@pytest.mark.parametrize("seed", range(4))
def test_nights_and_weekends_are_no_drift(seed: int) -> None:
    m = monitor()
    assert play(m, stream(28, seed=seed)) == []
    scored, found, alarms = m.counts(0)["a"]
    assert (scored > 20_000, found, alarms) == (True, 0, 0)


@pytest.mark.parametrize("shift", [0.5, 2.0])
def test_another_level_is_told_within_a_day(shift: float) -> None:
    told = play(monitor(), stream(20, shift, at_day=16))
    assert len(told) == 1
    drift = told[0]
    day = (drift.ts / 3600.0 - HOUR0) / 24.0
    assert 16.0 < day <= 17.5
    assert abs(drift.since_ts / 3600.0 - HOUR0 - 16 * 24) <= 6
    assert (drift.mean_after > drift.mean_before) == (shift > 1.0)
    assert drift.detector == "a"
    assert "has changed since" in drift.sentence()


def test_no_opinion_is_no_score() -> None:
    m = monitor()
    scores, times, groups = stream(3)
    play(m, (np.full_like(scores, np.nan), times, groups))
    assert m.counts(0)["a"] == (0, 0, 0)
    assert m.latest_ts(0) == 0.0


def test_a_wild_clock_does_not_stop_it() -> None:
    scores, times, groups = stream(20, 2.0, at_day=16)
    times = times.copy()
    times[5000::5000] += 86_400.0 * 400
    assert len(play(monitor(), (scores, times, groups))) == 1


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(0, 30_000), max_size=6), st.booleans())
def test_cuts_and_checkpoints_change_nothing(cuts: list[int], reload: bool) -> None:
    s = stream(20, 2.0, at_day=16)
    expected = play(monitor(), s)
    m, told = monitor(), []
    places = sorted({0, *(c % len(s[0]) for c in cuts), len(s[0])})
    for first, last in pairwise(places):
        told += play(m, s, first, last)
        if reload:
            after = monitor()
            for group in range(GROUPS):
                after.load(group, m.state(group))
            m = after
    assert told == expected
    assert len(told) == 1


def test_key_groups_and_detectors_stand_alone() -> None:
    calm, moved = stream(20), stream(20, 2.0, at_day=16)
    m = monitor()
    assert play(m, calm, d=1) == []
    assert play(m, (moved[0], moved[1], moved[2] + 1), d=0)[0].group == 1
    assert play(monitor(), moved, d=1)[0].detector == "b"


def test_another_instance_begins_anew_but_is_counted_on() -> None:
    m = monitor()
    play(m, stream(16))
    before = m.counts(0)["a"]
    m.restart(0, "a")
    assert m.counts(0)["a"] == before
    assert play(m, stream(20, 2.0, at_day=16), first=len(stream(16)[0])) == []


def test_state_of_other_detectors_is_refused() -> None:
    with pytest.raises(CheckpointError):
        DriftMonitor("network", ("a",), GROUPS).load(0, monitor().state(0))


@pytest.mark.parametrize("seed", range(5))
def test_a_cut_that_river_finds_is_found_and_sooner(seed: int) -> None:
    """The bounded window against River's ADWIN on the same units."""
    rng = np.random.default_rng(seed)
    units = np.clip(np.concatenate([rng.normal(0.4, 0.1, 100), rng.normal(0.75, 0.1, 100)]), 0.0, 1.0)
    river, theirs, ours = ADWIN(), 0, 0
    for i, unit in enumerate(units, 1):
        river.update(float(unit))
        theirs = theirs or (i if river.drift_detected else 0)
        window = units[max(0, i - 128) : i]
        ours = ours or (i if cut(window, len(window), DELTA) >= 0 else 0)
    assert 100 < ours <= theirs
