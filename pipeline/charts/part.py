"""How kernels that only other kernels call are compiled: without the ways in from Python, which take long to make."""

import numba as nb

part = nb.njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
"""Decorator for such a kernel, which is a `leaf` too; calling one from Python crashes."""
