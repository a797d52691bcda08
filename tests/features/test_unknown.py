"""The same as numpy's own, which cost more for a few values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.unknown import among, filled, is_port

_PORTS = st.lists(st.one_of(st.just(np.nan), st.integers(0, 65_535)), max_size=30)


@given(_PORTS, st.sets(st.integers(0, 65_535), max_size=8))
def test_ports(values: list[float], wanted: set[int]) -> None:
    port, ports = np.array(values, np.float64), tuple(wanted)
    assert is_port(port, ports).tolist() == np.isin(port, ports).tolist()


@given(_PORTS, st.sampled_from((0.0, -1.0)), st.sampled_from((np.float32, np.float64)))
def test_unknown_is_another_number(values: list[float], otherwise: float, kind: type) -> None:
    given_: np.ndarray = np.array(values, kind)
    found = filled(given_, otherwise)
    assert found.dtype == kind
    assert found.tolist() == np.nan_to_num(given_, nan=otherwise).tolist()


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9)), st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 9)))
def test_among_a_few(values: list[int], few: set[int]) -> None:
    array, ascending = np.array(values, np.uint64), np.array(sorted(few), np.uint64)
    assert among(array, ascending).tolist() == [value in few for value in values]
