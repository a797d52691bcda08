"""What detectors remember, against the plain way of counting it."""

import numpy as np
import pytest

from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.usual_amount import UsualAmount
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.detectors.network.rounds import HOUR_S, HOURS, MACHINES, Rounds
from pipeline.features.hashing import mix64

GROUPS = 2
rng = np.random.default_rng(3)
N = 400
KEY = np.array([mix64(np.uint64(k)) for k in rng.integers(1, 9, N)], np.uint64)
TS = 1e9 + np.cumsum(rng.exponential(5.0, N))
GROUP = (KEY % np.uint64(GROUPS)).astype(np.int32)


def test_sum_is_that_of_the_window() -> None:
    weight = rng.integers(0, 5, N).astype(float)
    found = WindowedSum(GROUPS, 64, 120.0).add(KEY, weight, TS, GROUP)
    bucket = np.floor(TS / 10.0)
    for i in range(N):
        inside = (KEY[: i + 1] == KEY[i]) & (bucket[: i + 1] > bucket[i] - 12)
        assert found[i] == weight[: i + 1][inside].sum()


def test_distinct_is_that_of_the_window_and_zero_asks() -> None:
    item = rng.integers(0, 12, N).astype(np.uint64)
    found = WindowedDistinct(GROUPS, 64, 60.0, ring=16).add(KEY, item, TS, GROUP)
    for i in range(N):
        inside = (KEY[: i + 1] == KEY[i]) & (np.floor(TS[: i + 1]) + 60.0 >= np.floor(TS[i]))
        assert found[i] == len(set(item[: i + 1][inside].tolist()) - {0})


def test_sightings_are_those_before_the_row() -> None:
    age, gap, count = Sightings(GROUPS, 64).note(KEY, TS, GROUP)
    for i in range(N):
        before = np.flatnonzero(KEY[:i] == KEY[i])
        assert count[i] == len(before)
        assert age[i] == (TS[i] - TS[before[0]] if len(before) else 0.0)
        assert gap[i] == (TS[i] - TS[before[-1]] if len(before) else np.inf)


def test_rounds_are_earlier_hours_and_the_machines_new_in_them() -> None:
    ts = 1e9 + np.cumsum(rng.exponential(600.0, N))
    opened, new = rng.random(N) < 0.6, rng.random(N) < 0.3
    found = Rounds(GROUPS, 64).steady(KEY, opened, opened & new, ts, GROUP)
    hour = ts // HOUR_S
    for i in range(N):
        before = (KEY[:i] == KEY[i]) & opened[:i] & (hour[:i] < hour[i])
        machines = (before & new[:i]).sum()
        assert found[i] == (len(set(hour[:i][before])) >= HOURS and machines >= MACHINES)
    assert 0 < found.sum() < N


def test_amount_is_judged_by_past_windows_and_peers() -> None:
    """Hours of ten each, then one of a hundred; a newcomer is judged by its peers."""
    key = np.full(210, 7, np.uint64)
    ts = np.concatenate([1e9 + 3600.0 * np.repeat(np.arange(11), 10) + np.tile(np.arange(10.0), 11),
                         1e9 + 3600.0 * 11 + np.arange(100.0)])  # fmt: skip
    peer, group = np.full(210, 3, np.uint64), np.zeros(210, np.int32)
    memory = UsualAmount(1, 64, 3600.0)
    found = memory.add(key, peer, 1.0, ts, group)
    z, usual, amount = found.deviations, found.usual, found.amount
    assert np.isnan(z[:10]).all() and z[109] < 1.0
    assert amount[-1] == 100.0 and z[-1] > 5.0 and usual[-1] == pytest.approx(10.0, rel=0.05)
    newcomer = memory.add(np.array([9], np.uint64), peer[:1], 1.0, ts[-1:] + 1.0, group[:1]).deviations
    assert np.isnan(newcomer[0]), "eleven windows are too few to speak for peers"


@pytest.mark.parametrize("memory", [WindowedSum(GROUPS, 64, 60.0), WindowedDistinct(GROUPS, 64, 60.0),
                                    Sightings(GROUPS, 64), UsualAmount(GROUPS, 64, 60.0)],
                         ids=lambda m: type(m).__name__)  # fmt: skip
def test_an_unknown_key_has_no_memory(memory: EntityState) -> None:
    nobody, group, ts = np.zeros(3, np.uint64), np.zeros(3, np.int32), np.full(3, 1e9)
    if isinstance(memory, Sightings):
        out = memory.note(nobody, ts, group)[0]
    elif isinstance(memory, WindowedDistinct):
        out = memory.add(nobody, nobody + np.uint64(1), ts, group)
    elif isinstance(memory, UsualAmount):
        out = memory.add(nobody, nobody, 1.0, ts, group).deviations
    else:
        assert isinstance(memory, WindowedSum)
        out = memory.add(nobody, 1.0, ts, group)
    assert np.isnan(out).all()
    assert not memory.arrays()["keys"].any()
