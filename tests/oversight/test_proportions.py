"""Intervals and tests against published values and simulation."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.oversight import attack_names, proportions
from pipeline.oversight.proportions import fisher, holm, risk_ratio, wilson


def test_examples_of_the_textbooks() -> None:
    assert doctest.testmod(proportions).failed == 0
    assert doctest.testmod(attack_names).failed == 0
    # Newcombe, Statistics in Medicine 1998, table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    # Fisher's tea: 4 of 4 guessed right has one chance in 70, and its mirror image another.
    assert fisher(4, 4, 0, 4) == pytest.approx(2 / 70)
    # Physicians' Health Study, NEJM 1989: infarctions under placebo and aspirin.
    assert risk_ratio(189, 11034, 104, 11037) == pytest.approx((1.8178, 1.4330, 2.3059), abs=5e-4)


counts = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))


@given(counts)
def test_laws(given_counts: tuple[int, int, int, int]) -> None:
    a, more, b, more_b = given_counts
    n, m = a + more, b + more_b
    low, high = wilson(a, n)
    assert 0.0 <= low <= (a / n if n else 0.5) <= high <= 1.0
    assert 0.0 <= fisher(a, n, b, m) <= 1.0
    assert fisher(a, n, b, m) == pytest.approx(fisher(b, m, a, n))
    if n and m:
        ratio, below, above = risk_ratio(a, n, b, m)
        assert 0.0 < below <= ratio <= above
        assert risk_ratio(b, m, a, n)[0] == pytest.approx(1.0 / ratio)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_only_raises_and_keeps_the_order(values: list[float]) -> None:
    corrected = holm(values)
    assert all(v <= c <= 1.0 for v, c in zip(values, corrected, strict=True))
    order = sorted(range(len(values)), key=lambda k: values[k])
    assert [corrected[k] for k in order] == sorted(corrected)


def test_intervals_cover_the_truth() -> None:
    """Of 4,000 draws, 95 % of the intervals hold the true ratio, and the true share."""
    rng = np.random.default_rng(7)
    a, b = rng.binomial(120, 0.2, 4000), rng.binomial(300, 0.1, 4000)
    intervals = [risk_ratio(int(x), 120, int(y), 300) for x, y in zip(a, b, strict=True)]
    assert 0.94 <= np.mean([low <= 2.0 <= high for _, low, high in intervals]) <= 0.965
    shares = [wilson(int(x), 120) for x in a]
    assert 0.93 <= np.mean([low <= 0.2 <= high for low, high in shares]) <= 0.97
