"""Ranges and counterfactuals of explanations are those of the norms that score."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.detectors.usual_range import UsualRange
from pipeline.features.norm import SIZE, surprise

seen = st.floats(0, 100)
norms = st.tuples(seen, st.floats(0, 15), st.floats(0, 4), seen, st.floats(0, 15), st.floats(0, 4))


def _row(seen_: float, mean: float, var: float) -> np.ndarray:
    row = np.zeros(SIZE)
    row[:3] = seen_, mean, var
    return row


@given(norms, st.floats(0.5, 9))
def test_the_least_amount_deviates_as_asked(given_norms: tuple[float, ...], deviations: float) -> None:
    least = UsualRange(given_norms).least(deviations)
    found = surprise(least, _row(*given_norms[:3]), _row(*given_norms[3:]))[0]
    if math.isinf(least):
        assert math.isnan(found)
    elif least < 1e12:
        assert found == pytest.approx(deviations, abs=1e-6)


@given(norms, st.floats(0, 1e6))
def test_ranges_are_told_where_they_are_known(given_norms: tuple[float, ...], value: float) -> None:
    usual = UsualRange(given_norms)
    feature = usual.feature("bytes", value)
    assert (feature.usual_high is not None) == usual.knows_own
    assert (feature.peer_high is not None) == usual.knows_peers
    for low, high in ((feature.usual_low, feature.usual_high), (feature.peer_low, feature.peer_high)):
        assert low is None or high is None or 0 <= low <= high
