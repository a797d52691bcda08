"""The most of earlier half days, known only once they are over."""

import numpy as np

from pipeline.detectors.memory.former_peak import HALF_DAY_S, FormerPeak


def _add(state: FormerPeak, amounts: list[float], hours: list[float]) -> list[float]:
    ts = np.array(hours) * 3600.0
    key = np.full(len(ts), 7, np.uint64)
    return list(state.add(key, np.array(amounts), ts, np.zeros(len(ts), np.int32)))


def test_what_is_going_on_is_no_former_peak() -> None:
    assert _add(FormerPeak(1, 8), [5.0, 9.0, 2.0], [0.0, 1.0, 2.0]) == [0.0, 0.0, 0.0]


def test_last_night_is_remembered_and_never_less() -> None:
    half = HALF_DAY_S / 3600.0
    assert _add(FormerPeak(1, 8), [9.0, 3.0, 4.0, 1.0], [0.0, half, half + 1, 3 * half]) == [0.0, 9.0, 9.0, 9.0]


def test_it_does_not_depend_on_where_a_batch_is_cut() -> None:
    amounts, hours = [9.0, 3.0, 4.0, 20.0, 1.0], [0.0, 13.0, 14.0, 15.0, 40.0]
    one, two = FormerPeak(1, 8), FormerPeak(1, 8)
    assert _add(one, amounts, hours) == _add(two, amounts[:2], hours[:2]) + _add(two, amounts[2:], hours[2:])
