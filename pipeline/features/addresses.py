"""Where an IP address belongs, read from its text in compiled code: inside, outside, or a group of hosts."""

import numba as nb
import numpy as np

from pipeline.features.hashing import hash_slice

UNKNOWN, EXTERNAL, INTERNAL, GROUP = range(4)
_SEEN = 1024  # addresses remembered within a batch


@nb.njit(cache=True, nogil=True)
def _ipv4(data: np.ndarray, start: int, length: int) -> int:
    """Kind of a dotted address; RFC 1918, 6598, 3927 and loopback are internal, RFC 5771 and broadcast groups."""
    parts = np.int64(0)  # ten bits each, the last one lowest: no number of three digits needs more
    part = np.int64(0)
    place = 0
    digits = 0
    for i in range(start, start + length):
        b = data[i]
        if 48 <= b <= 57 and digits < 3:
            part = part * 10 + (b - 48)
            digits += 1
        elif b == 46 and digits > 0 and place < 3 and part <= 255:
            parts = parts << 10 | part
            part = np.int64(0)
            place += 1
            digits = 0
        else:
            return UNKNOWN
    if place != 3 or digits == 0 or part > 255:
        return UNKNOWN
    a, b2 = parts >> 20, parts >> 10 & 1023
    if a == 10 or a == 127 or (a == 192 and b2 == 168) or (a == 172 and 16 <= b2 < 32):
        return INTERNAL
    if (a == 100 and 64 <= b2 < 128) or (a == 169 and b2 == 254):
        return INTERNAL
    return GROUP if a >= 224 or a == 0 or part == 255 else EXTERNAL


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
def _kind(data, start, length):  # type: ignore[no-untyped-def]
    """Kind of one text of two letters or more."""
    for j in range(start, start + min(length, 5)):
        if data[j] == 58:
            return _ipv6(data, start, length)
    return _ipv4(data, start, length)


@nb.njit(cache=True, nogil=True)
def address_kinds(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """int8[n]: UNKNOWN, EXTERNAL, INTERNAL or GROUP for texts data[start:start + length]; length -1 is unknown."""
    out = np.zeros(len(start), np.int8)
    for i in range(len(start)):
        if length[i] >= 2:
            out[i] = _kind(data, start[i], length[i])
    return out


@nb.njit(cache=True, nogil=True)
def kinds_and_blocks(data, start, length, ids):  # type: ignore[no-untyped-def]
    """(`address_kinds` int8[n], `address_blocks` uint64[n]) by the hashes of the texts, uint64[n]: a batch has few
    addresses, each many times, and what an address is takes twenty times what finding it again does."""
    kinds, blocks = np.zeros(len(start), np.int8), np.zeros(len(start), np.uint64)
    seen, seen_kind, seen_block = np.zeros(_SEEN, np.uint64), np.zeros(_SEEN, np.int8), np.zeros(_SEEN, np.uint64)
    for i in range(len(start)):
        if length[i] < 1:
            continue
        slot = ids[i] & np.uint64(_SEEN - 1)
        if seen[slot] != ids[i]:
            seen[slot] = ids[i]
            seen_kind[slot] = _kind(data, start[i], length[i]) if length[i] >= 2 else UNKNOWN
            seen_block[slot] = _block(data, start[i], length[i])
        kinds[i], blocks[i] = seen_kind[slot], seen_block[slot]
    return kinds, blocks


@nb.njit(cache=True, nogil=True)
def address_blocks(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """uint64[n]: hash of the text up to the second separator (IPv4 /16, IPv6 /32), of all of it with fewer, 0 unknown.

    Two addresses of one block belong, as a rule, to one owner.
    """
    out = np.zeros(len(start), np.uint64)
    for i in range(len(start)):
        if length[i] >= 1:
            out[i] = _block(data, start[i], length[i])
    return out


@nb.njit(cache=True, nogil=True)
def _block(data, start, length):  # type: ignore[no-untyped-def]
    """Hash of one text up to its second separator."""
    end, found = start, 0
    while end < start + length and found < 2:
        found += data[end] == 46 or data[end] == 58
        end += 1
    return hash_slice(data, start, end - start)
