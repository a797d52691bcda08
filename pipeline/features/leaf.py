"""How kernels are compiled that only read and write what they are given.

numba counts references to each array that a function holds, with an atomic operation when it begins and another when it
ends: in functions of a few dozen instructions that is the larger part of their cost (reading JSON took 40 % longer).
"""

import numba as nb

leaf = nb.njit(cache=True, nogil=True, _nrt=False)
"""Decorator for a kernel that makes no array and gives none back, not even a part of one: the caller, who counts, would
give up what nobody has counted. numba refuses one that makes an array."""
