"""What tells a crowd beside the usual rows from a usual that moves."""

from __future__ import annotations

import numpy as np

from pipeline.models import crowd_kernels as crowd

Rows = np.ndarray


def _after(tails: Rows) -> np.ndarray:
    num = np.array([1.0, 1.0, 0.0, *crowd.USUAL_SHARES])
    for p in tails:
        crowd.follow(p, num)
    return num


def _usual(n: int) -> Rows:
    return np.random.default_rng(1).random(n)


def test_usual_rows_have_full_weight() -> None:
    num = _after(_usual(20_000))
    assert not crowd.stands(num)
    assert all(crowd.due(p, num) > 0.85 for p in (0.01, 0.2)) and crowd.due(0.4, num) == 1.0


def test_a_crowd_counts_no_more_than_its_due_share() -> None:
    tails = _usual(20_000)
    tails[::2] = 0.05
    num = _after(tails)
    assert crowd.stands(num) and crowd.beside(num) > 0.9
    assert abs(crowd.due(0.05, num) * num[crowd.LOW] - 0.2 * num[crowd.BODY]) < 0.02
    assert crowd.due(0.2, num) > 0.85


def test_what_moves_is_no_crowd() -> None:
    num = _after(_usual(20_000) ** 3)  # all have become less usual, none has stayed
    assert crowd.beside(num) == 0.0 and crowd.due(0.05, num) == 1.0


def _apart(nearest: Rows, same: float = -9.0) -> bool:
    return bool(crowd.far_half_is_a_crowd(np.arange(256.0), nearest, 256, same))


def test_a_far_half_that_is_denser_is_a_crowd() -> None:
    far, thinning = np.arange(256) >= 128, np.linspace(1.0, 2.0, 256)
    assert not _apart(thinning) and not _apart(np.full(256, 1.0))
    assert _apart(np.where(far, 0.2, thinning))
    assert not _apart(np.where(far, 0.2, thinning), same=0.2)  # the very same rows say nothing
    assert not crowd.far_half_is_a_crowd(np.zeros(3), np.zeros(3), 3, -1.0)


def test_a_denser_far_quarter_or_one_of_it_is_a_lesser_mode_of_the_usual() -> None:
    place, thinning = np.arange(256), np.linspace(1.0, 2.0, 256)
    assert not _apart(np.where(place >= 192, 0.2, thinning))
    assert not _apart(np.where((place >= 128) & (place < 192), 0.2, thinning))
