import sys

import numba as nb
import numpy as np
import pytest
from numba.core.errors import NumbaError

from pipeline.features.entity_table import claim_slot, table


def test_one_that_makes_an_array_is_refused() -> None:
    @nb.njit(_nrt=False)  # as `leaf`, which would keep it in the cache
    def makes(n):  # type: ignore[no-untyped-def]
        return np.zeros(n)[0]

    with pytest.raises(NumbaError):
        makes(3)


def test_one_that_gives_a_part_of_an_array_is_refused() -> None:
    @nb.njit(_nrt=False)
    def gives(array):  # type: ignore[no-untyped-def]
        return array[1:]

    with pytest.raises(NumbaError):
        gives(np.zeros(3))


def test_whose_arrays_they_are_is_as_it_was() -> None:
    made = table(64)
    keys, seen = made["keys"], made["seen"]
    before = sys.getrefcount(keys), sys.getrefcount(seen)
    for key in range(1, 500):
        claim_slot(keys, seen, np.uint64(key), float(key))
    assert (sys.getrefcount(keys), sys.getrefcount(seen)) == before
    assert sorted(keys.tolist())[0] > 0
