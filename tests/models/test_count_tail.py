"""The tail of a count, against sums of the exact probabilities."""

import math

import pytest

from pipeline.models.count_tail import TINY, excess_nats, upper_tail


def _exact(k: int, mean: float, var: float) -> float:
    """1 - CDF(k - 1) of the negative binomial with this mean and variance, by logarithms of gamma functions."""
    size = mean * mean / (var - mean)
    p = size / (size + mean)
    below = sum(
        math.exp(
            math.lgamma(size + j) - math.lgamma(size) - math.lgamma(j + 1) + size * math.log(p) + j * math.log1p(-p)
        )
        for j in range(k)
    )
    return 1.0 - below


@pytest.mark.parametrize(("k", "mean", "var"), [(1, 0.5, 0.8), (4, 2.0, 3.0), (12, 5.0, 20.0), (30, 20.0, 90.0)])
def test_is_that_of_the_negative_binomial(k: int, mean: float, var: float) -> None:
    assert upper_tail(float(k), mean, var) == pytest.approx(_exact(k, mean, var), rel=1e-6)


def test_less_than_poissons_variance_counts_as_poissons() -> None:
    poisson = 1.0 - sum(math.exp(-3.0) * 3.0**j / math.factorial(j) for j in range(8))
    assert upper_tail(8.0, 3.0, 0.0) == pytest.approx(poisson, rel=0.02)


def test_none_is_certain_and_far_out_it_stays_in_order() -> None:
    assert upper_tail(0.0, 3.0, 4.0) == 1.0
    tails = [upper_tail(float(k), 2.0, 2.5) for k in (1, 5, 20, 40, 80, 5000)]
    assert tails == sorted(tails, reverse=True) and tails[-1] == TINY


@pytest.mark.parametrize(("k", "n", "share"), [(9, 10, 0.2), (30, 100, 0.1), (10, 10, 0.5)])
def test_nats_bound_the_binomial_tail_closely(k: int, n: int, share: float) -> None:
    tail = sum(math.comb(n, j) * share**j * (1 - share) ** (n - j) for j in range(k, n + 1))
    nats = excess_nats(float(k), float(n), share)
    assert math.exp(-nats) >= tail * (1 - 1e-9) and nats > 0.6 * -math.log(tail)


def test_what_is_usual_has_no_nats() -> None:
    assert excess_nats(2.0, 10.0, 0.2) == 0.0
