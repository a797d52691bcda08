"""Where someone sits: the part of the house a workstation stands in, so that one desk is as good as the next."""

import numba as nb
import numpy as np

from pipeline.features.addresses import EXTERNAL, address_kinds
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_slice

OUTSIDE = np.uint64(0x0057_51DE)
"""All addresses of the internet are one place: those of homes change by the day."""


def areas(batch: Batch) -> np.ndarray:
    """uint64[n]: subnet of the address (/24, /64), or the workstation's name up to its number; 0 where unknown."""
    found: np.ndarray = batch.shared("ehr.areas", _areas)
    return found


def _areas(batch: Batch) -> np.ndarray:
    ip, name = batch.spans("src_ip"), batch.spans("workstation")
    outside = address_kinds(batch.data, *ip) == EXTERNAL
    return np.where(outside, OUTSIDE, _stems(batch.data, *ip, *name))


@nb.njit(cache=True, nogil=True)
def _stems(data, ip_start, ip_length, name_start, name_length):  # type: ignore[no-untyped-def]
    """uint64[n]; texts data[start:start + length] (uint8), length -1 where unknown."""
    out = np.zeros(len(ip_start), np.uint64)
    for i in range(len(ip_start)):
        if ip_length[i] > 2:
            out[i] = hash_slice(data, ip_start[i], _net_end(data, ip_start[i], ip_length[i]))
        elif name_length[i] > 0:
            n = name_length[i]
            while n > 1 and 48 <= data[name_start[i] + n - 1] <= 57:
                n -= 1
            out[i] = hash_slice(data, name_start[i], n)
    return out


@nb.njit(cache=True, nogil=True)
def _net_end(data, start, length):  # type: ignore[no-untyped-def]
    """How much of an address names its network: up to the last dot, or to the fourth colon."""
    colons = 0
    last = 0
    for j in range(length):
        b = data[start + j]
        if b == 58:
            colons += 1
            if colons == 4:
                return j
        elif b == 46:
            last = j
    return last if last else length
