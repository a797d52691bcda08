"""Where an IP address belongs, read from its text in compiled code: inside, outside, or a group of hosts."""

import numba as nb
import numpy as np

from pipeline.features.hashing import hash_slice

UNKNOWN, EXTERNAL, INTERNAL, GROUP = range(4)


@nb.njit(cache=True, nogil=True)
def _ipv4(data: np.ndarray, start: int, length: int) -> int:
    """Kind of a dotted address; RFC 1918, 6598, 3927 and loopback are internal, RFC 5771 and broadcast groups."""
    part = np.zeros(4, np.int64)
    place = 0
    digits = 0
    for i in range(start, start + length):
        b = data[i]
        if 48 <= b <= 57 and digits < 3:
            part[place] = part[place] * 10 + (b - 48)
            digits += 1
        elif b == 46 and digits > 0 and place < 3:
            place += 1
            digits = 0
        else:
            return UNKNOWN
    if place != 3 or digits == 0 or part.max() > 255:
        return UNKNOWN
    a, b2 = part[0], part[1]
    if a == 10 or a == 127 or (a == 192 and b2 == 168) or (a == 172 and 16 <= b2 < 32):
        return INTERNAL
    if (a == 100 and 64 <= b2 < 128) or (a == 169 and b2 == 254):
        return INTERNAL
    return GROUP if a >= 224 or a == 0 or part[3] == 255 else EXTERNAL


@nb.njit(cache=True, nogil=True)
def _nibble(b: int) -> int:
    if 48 <= b <= 57:
        return b - 48
    b |= 32
    return b - 87 if 97 <= b <= 102 else -1


@nb.njit(cache=True, nogil=True)
def _ipv6(data: np.ndarray, start: int, length: int) -> int:
    """Kind by the first 16 bits: fc00::/7 and fe80::/10 and ::1 internal, ff00::/8 a group (RFC 4193, 4291)."""
    head = 0
    i = start
    while i < start + length and data[i] != 58:
        digit = _nibble(int(data[i]))
        if digit < 0 or i - start >= 4:
            return UNKNOWN
        head = head * 16 + digit
        i += 1
    if i == start + length:
        return UNKNOWN
    if head == 0:
        return INTERNAL if length == 3 and data[start + 2] == 49 else GROUP
    if head >> 9 == 0x7E or head >> 6 == 0x3FA:
        return INTERNAL
    return GROUP if head >> 8 == 0xFF else EXTERNAL


@nb.njit(cache=True, nogil=True)
def address_kinds(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """int8[n]: UNKNOWN, EXTERNAL, INTERNAL or GROUP for texts data[start:start + length]; length -1 is unknown."""
    out = np.zeros(len(start), np.int8)
    for i in range(len(start)):
        if length[i] < 2:
            continue
        six = False
        for j in range(start[i], start[i] + min(length[i], 5)):
            six |= data[j] == 58
        if six:
            out[i] = _ipv6(data, start[i], length[i])
        else:
            out[i] = _ipv4(data, start[i], length[i])
    return out


@nb.njit(cache=True, nogil=True)
def address_blocks(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """uint64[n]: hash of the text up to the second separator (IPv4 /16, IPv6 /32), of all of it with fewer, 0 unknown.

    Two addresses of one block belong, as a rule, to one owner.
    """
    out = np.zeros(len(start), np.uint64)
    for i in range(len(start)):
        if length[i] < 1:
            continue
        end, found = start[i], 0
        while end < start[i] + length[i] and found < 2:
            found += data[end] == 46 or data[end] == 58
            end += 1
        out[i] = hash_slice(data, start[i], end - start[i])
    return out
