"""Eight bytes at a time, at any address: what a compiler makes of byte loops is several times slower on short texts.

Callers make sure that the eight bytes lie within the array: nothing is checked.
"""

from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from pipeline.features.leaf import leaf

SLACK = 8
"""Bytes that must follow what is copied: `copy_onward` may change up to seven."""


def _address(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(cgutils.pointer_add(builder, data, at), ir.IntType(64).as_pointer())


@intrinsic
def load64(typing: Any, data: Any, at: Any) -> Any:  # noqa: ARG001
    """uint64 of data[at:at + 8] (uint8), the first byte lowest."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.load(_address(context, builder, signature.args[0], *args))
        word.align = 1
        return word

    return types.uint64(data, types.int64), generate


@intrinsic
def store64(typing: Any, data: Any, at: Any, word: Any) -> Any:  # noqa: ARG001
    """Write `word` at data[at:at + 8] (uint8), the lowest byte first."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, place, value = args
        store = builder.store(value, _address(context, builder, signature.args[0], array, place))
        store.align = 1
        return context.get_dummy_value()

    return types.void(data, types.int64, types.uint64), generate


@intrinsic
def trailing_zeros(typing: Any, word: Any) -> Any:  # noqa: ARG001
    """Number of zero bits below the lowest one of a uint64 that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(word), generate


@nb.njit(cache=True, nogil=True, inline="always")
def zero_bytes(word):  # type: ignore[no-untyped-def]
    """High bit set in each byte of `word` that is 0; bytes above the lowest such one may be marked wrongly."""
    return (word - np.uint64(0x0101010101010101)) & ~word & np.uint64(0x8080808080808080)


@leaf
def same_bytes(one, a, other, b, size):  # type: ignore[no-untyped-def]
    """Whether one[a:a + size] equals other[b:b + size] (uint8)."""
    k = 0
    while k + 8 <= size:
        if load64(one, a + k) != load64(other, b + k):
            return False
        k += 8
    while k < size:
        if one[a + k] != other[b + k]:
            return False
        k += 1
    return True


@leaf
def word_at(data, at, end, words, ends):  # type: ignore[no-untyped-def]
    """Which of the words (uint8, end to end; int64[m] ends) stands at `at` of a text that goes to `end`; -1: none."""
    first = 0
    for m in range(len(ends)):
        size = ends[m] - first
        if at + size <= end and same_bytes(data, at, words, first, size):
            return m
        first = ends[m]
    return -1


@leaf
def copy_onward(source, start, size, target, at):  # type: ignore[no-untyped-def]
    """target[at:at + size] = source[start:start + size], both uint8; up to seven bytes after it may change too."""
    k = 0
    while k < size and start + k + 8 <= len(source) and at + k + 8 <= len(target):
        store64(target, at + k, load64(source, start + k))
        k += 8
    while k < size:
        target[at + k] = source[start + k]
        k += 1
