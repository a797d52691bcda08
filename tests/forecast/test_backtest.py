"""The judge: every span holds against the right hours, and peers are asked the same."""

import numpy as np
import pytest

from pipeline.forecast.backtest import SPANS, WARM_H, Judged, backtest

MONDAY = 492_336
KEY = ("source", "ehr", "events")


class Constant:
    """A peer that always says five."""

    def learn_one(self, y: float, x: None = None) -> None:
        """Learns nothing."""

    def forecast(self, horizon: int, xs: None = None) -> list[float]:
        """Five."""
        return [5.0] * horizon


@pytest.fixture(scope="module")
def judged() -> dict[str, Judged]:
    """Three and a half weeks that repeat themselves hour by hour, each hour its number in the week."""
    values = np.arange(24.5 * 24) % 168
    _, spans = backtest({KEY: values}, MONDAY, {"five": Constant})
    return {j.span: j for j in spans}


def test_every_span_meets_its_hours(judged: dict[str, Judged]) -> None:
    assert tuple(judged) == SPANS
    hours = judged[SPANS[0]].truth[0]
    first = WARM_H + (-WARM_H) % 6
    assert hours[0].tolist() == [(first + h) % 168 for h in range(24)]
    assert hours[1, 0] == (first + 6) % 168
    assert judged[SPANS[1]].truth[0, 0, 0] == hours[0].sum()
    assert judged[SPANS[2]].truth[0, 0].shape == (6,)
    assert (judged[SPANS[3]].truth == 168 * 167 / 2).all()


def test_what_repeats_itself_is_known_last_week(judged: dict[str, Judged]) -> None:
    for j in judged.values():
        errors = j.errors()
        assert errors["last week"].max() == 0.0
        assert errors["yesterday"].min() > 0.0
    # The mixture has to find out that last week is right.
    assert judged[SPANS[0]].errors()["wardwatch"][0] < judged[SPANS[0]].errors()["yesterday"][0] / 2


def test_peers_are_asked_for_the_same(judged: dict[str, Judged]) -> None:
    j = judged[SPANS[0]]
    assert j.errors()["five"][0] == pytest.approx(np.abs(j.truth - 5).mean())
    assert judged[SPANS[1]].peers["five"][0, 0, 0] == 120.0


def test_coverage_and_pinball_are_by_hand() -> None:
    truth = np.array([[[1.0], [5.0], [10.0], [20.0]]])
    ranges = np.tile(np.array([4.0, 12.0, 0.0, 15.0]), (1, 4, 1, 1))
    j = Judged("x", truth, truth, ranges, truth - 1, truth, {})
    inside, inside_95 = j.inside()
    assert (inside[0], inside_95[0]) == (0.5, 0.75)
    # Last week lies one below everywhere: the mean of the four levels, whose sum is two, is the loss.
    assert j.pinball()[1][0] == pytest.approx(0.5)


def test_too_short_is_not_judged() -> None:
    assert backtest({KEY: np.ones(15 * 24)}, MONDAY) == ([KEY], [])
    assert backtest({}, MONDAY) == ([], [])
