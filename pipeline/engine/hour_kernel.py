"""The compiled loop behind `Volumes`: one pass over a batch, some ten nanoseconds an event."""

import numba as nb
import numpy as np

WAYS = 8
NAME = 64
"""Bytes of a name that are kept; longer names are not counted by name."""
OPEN_H = 8
"""Hours that are counted at a time, a power of two."""
_RISKY = 1e12
"""Outweighs any count."""


@nb.njit(cache=True, nogil=True, inline="always")
def _find(g, key, keys):  # type: ignore[no-untyped-def]
    """Slot of `key` in group g of uint64[G, M], or -1; M / WAYS is a power of two."""
    first = int(key & np.uint64(keys.shape[1] // WAYS - 1)) * WAYS
    for slot in range(first, first + WAYS):
        if keys[g, slot] == key:
            return slot
    return -1


@nb.njit(cache=True, nogil=True)
def _claim(g, key, table, fresh_ts, data, start, length):  # type: ignore[no-untyped-def]
    """The slot a newcomer gets.

    Space-saving (Metwally, Agrawal, Abbadi 2005) within sets of WAYS: it takes the lightest slot and its weight, so
    that what is heavy stays whatever comes once. Slots found since `fresh_ts` give way last.
    """
    keys, weights, risky, counts, told, names, sizes, member = table
    first = int(key & np.uint64(keys.shape[1] // WAYS - 1)) * WAYS
    slot, lightest = first, np.inf
    for k in range(first, first + WAYS):
        weight = weights[g, k] + (_RISKY if risky[g, k] >= fresh_ts else 0.0)
        if weight < lightest:
            slot, lightest = k, weight
    keys[g, slot] = key
    risky[g, slot] = -np.inf
    counts[g, slot] = 0
    told[g, slot] = 0
    member[g, slot] = False
    sizes[g, slot] = length
    for i in range(length):
        names[g, slot, i] = data[start + i]
    return slot


@nb.njit(cache=True, nogil=True)
def count_hours(  # type: ignore[no-untyped-def]
    begin, groups, ts, found, data, key, key_start, key_length, part, part_start, part_length, src, dst,
    hour, clock, strays, late, dense, entities, departments, limits,
):  # fmt: skip
    """Count events from row `begin`; the row at which a group's clock has to be moved first, or n.

    groups int32[n], ts float64[n], found bool[n]; hashes and spans of the key and of the department; device classes
    int8[n] of both ends. State: hour int64[G] (-1: none yet), clock float64[G], strays and late int64[G], dense
    int64[G, OPEN_H, 1 + classes], tables as `Volumes` makes them. `limits`: hours a clock may leap, strays that prove
    a clock wrong, seconds for which what was found stays risky.
    """
    leap, most_strays, risky_s = limits
    keys, weights, risky, counts = entities[0], entities[1], entities[2], entities[3]
    part_keys, part_weights, part_counts = departments[0], departments[1], departments[3]
    for i in range(begin, len(groups)):
        g, h = groups[i], np.int64(ts[i] / 3600.0)
        if h != hour[g]:
            if hour[g] < 0 or (hour[g] < h <= hour[g] + leap):
                return i
            if h > hour[g] or h <= hour[g] - OPEN_H:
                strays[g] += 1
                if strays[g] >= most_strays:
                    return i
                late[g] += 1
                continue
        strays[g] = 0
        clock[g] = max(clock[g], ts[i])
        column = h & (OPEN_H - 1)
        dense[g, column, 0] += 1
        if src[i] > 0:
            dense[g, column, src[i]] += 1
        if dst[i] > 0 and dst[i] != src[i]:
            dense[g, column, dst[i]] += 1
        if part[i] != 0 and 0 < part_length[i] <= NAME:
            slot = _find(g, part[i], part_keys)
            if slot < 0:
                slot = _claim(g, part[i], departments, np.inf, data, part_start[i], part_length[i])
            part_weights[g, slot] += 1.0
            part_counts[g, slot, column] += 1
        if key[i] != 0 and 0 < key_length[i] <= NAME:
            slot = _find(g, key[i], keys)
            if slot < 0:
                slot = _claim(g, key[i], entities, clock[g] - risky_s, data, key_start[i], key_length[i])
            weights[g, slot] += 1.0
            counts[g, slot, column] += 1
            if found[i]:
                risky[g, slot] = ts[i]
    return len(groups)
