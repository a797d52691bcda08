"""Common names in subjects of certificates (RFC 4514), and how drawn they look, in compiled code."""

import numba as nb
import numpy as np

from pipeline.features.domain_names import PLAIN_BITS, label_cost


@nb.njit(cache=True, nogil=True)
def common_name(data, start, length):  # type: ignore[no-untyped-def]
    """(int64[n], int32[n]): where the common name of each subject begins, past a wildcard, and its length; -1: none."""
    begin, size = start.copy(), np.full(len(start), -1, np.int32)
    for i in range(len(start)):
        k, end = start[i], start[i] + length[i]
        while k + 3 < end and not (data[k] | 32 == 99 and data[k + 1] | 32 == 110 and data[k + 2] == 61):
            k += 1
        if k + 3 >= end:
            continue
        k += 3
        if k + 2 < end and data[k] == 42 and data[k + 1] == 46:
            k += 2
        begin[i] = k
        while k < end and data[k] != 44 and data[k] != 32:
            k += 1
        size[i] = k - begin[i]
    return begin, size


@nb.njit(cache=True, nogil=True)
def drawn_bits(data, begin, size, costs):  # type: ignore[no-untyped-def]
    """float64[n]: by how many bits the first label of each name (as `common_name` finds it), or the one behind `www.`,
    costs more than a chosen name's would."""
    out = np.zeros(len(begin))
    name = np.empty(64, np.uint8)
    for i in range(len(begin)):
        k, end = begin[i], begin[i] + size[i]
        if size[i] > 4 and data[k] | 32 == 119 and data[k + 1] | 32 == 119 and data[k + 2] | 32 == 119:
            k += 4 if data[k + 3] == 46 else 0
        count = 0
        while k < end and count < 64 and data[k] != 46:
            b = data[k]
            name[count] = b + 32 if 65 <= b <= 90 else b
            count += 1
            k += 1
        if count >= 6:
            out[i] = label_cost(name, 0, count, costs) - PLAIN_BITS * count
    return out
