"""Pseudonyms of a whole chunk in one pass: documents as they stand, HMAC-SHA-256 written out.

It takes ordinary documents only and marks every other one for `Pseudonymiser`, which decides what becomes of it; tests
hold both to each other. Nothing is remembered: a code costs less here than finding it in a table.
"""

import numba as nb
import numpy as np

from pipeline.features.leaf import leaf
from pipeline.features.words import copy_onward, load64, same_bytes, trailing_zeros, word_at, zero_bytes

LONGEST = 55
"""Bytes of an identifier that fit into one block of SHA-256 with its padding."""
CODE = 22
"""Bytes of a pseudonym: its prefix and 20 letters."""
MOST = 8
"""Identifiers of one document."""
_QUOTE, _BACKSLASH, _COLON = 34, 92, 58
_QUOTES, _BACKSLASHES = 0x2222222222222222, 0x5C5C5C5C5C5C5C5C
_LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8).copy()
_REFERENCE = np.frombuffer(b"Patient/", np.uint8).copy()
BEGIN = np.array(
    [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19], np.uint32
)
"""FIPS 180-4, 5.3.3."""


def _thirds(primes: list[int]) -> np.ndarray:
    """The first 32 bits of the fractions of the cube roots (FIPS 180-4, 4.2.2), in whole numbers."""
    out = []
    for prime in primes:
        scaled, low, high = prime << 96, 0, 1 << 36
        while high - low > 1:  # the largest whole number whose cube is no more
            middle = (low + high) // 2
            low, high = (middle, high) if middle**3 <= scaled else (low, middle)
        out.append(low & 0xFFFFFFFF)
    return np.array(out, np.uint32)


_ROUNDS = _thirds([n for n in range(2, 312) if all(n % d for d in range(2, n))])


@nb.njit(cache=True, nogil=True, inline="always")
def _turned(x, n):  # type: ignore[no-untyped-def]
    return np.uint32((x >> np.uint32(n)) | np.uint32(x << np.uint32(32 - n)))


@leaf
def compress(state, w):  # type: ignore[no-untyped-def]
    """Take one block into `state` (uint32[8]); w uint32[64] holds the block in its first 16 words."""
    for t in range(16, 64):
        x, y = w[t - 15], w[t - 2]
        low = _turned(x, 7) ^ _turned(x, 18) ^ (x >> np.uint32(3))
        high = _turned(y, 17) ^ _turned(y, 19) ^ (y >> np.uint32(10))
        w[t] = np.uint32(w[t - 16] + low + w[t - 7] + high)
    a, b, c, d = state[0], state[1], state[2], state[3]
    e, f, g, h = state[4], state[5], state[6], state[7]
    for t in range(64):
        mixed = _turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25)
        one = np.uint32(h + mixed + ((e & f) ^ (~e & g)) + _ROUNDS[t] + w[t])
        other = np.uint32((_turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)))
        h, g, f, e = g, f, e, np.uint32(d + one)
        d, c, b, a = c, b, a, np.uint32(one + other)
    state[0] = np.uint32(state[0] + a)
    state[1] = np.uint32(state[1] + b)
    state[2] = np.uint32(state[2] + c)
    state[3] = np.uint32(state[3] + d)
    state[4] = np.uint32(state[4] + e)
    state[5] = np.uint32(state[5] + f)
    state[6] = np.uint32(state[6] + g)
    state[7] = np.uint32(state[7] + h)


@nb.njit(cache=True, nogil=True)
def begun(block):  # type: ignore[no-untyped-def]
    """uint32[8]: the state after one block (uint8[64])."""
    w, state = np.zeros(64, np.uint32), BEGIN.copy()
    for k in range(64):
        w[k // 4] = np.uint32(w[k // 4] << np.uint32(8)) | np.uint32(block[k])
    compress(state, w)
    return state


@leaf
def _code(data, begin, size, keys, w, state, out, at):  # type: ignore[no-untyped-def]
    """Write the pseudonym of data[begin:begin + size] at out[at:]. keys: uint32[2, 8], `begun` of both pads."""
    for k in range(16):
        w[k] = np.uint32(0)
    for k in range(size):
        w[k // 4] |= np.uint32(data[begin + k]) << np.uint32(24 - 8 * (k % 4))
    w[size // 4] |= np.uint32(0x80) << np.uint32(24 - 8 * (size % 4))
    w[15] = np.uint32(8 * (64 + size))
    for k in range(8):
        state[k] = keys[0, k]
    compress(state, w)
    for k in range(8):
        w[k], state[k] = state[k], keys[1, k]
    w[8] = np.uint32(0x80000000)
    for k in range(9, 15):
        w[k] = np.uint32(0)
    w[15] = np.uint32(8 * (64 + 32))
    compress(state, w)
    out[at], out[at + 1] = 112, 126
    for k in range(20):
        bit = 5 * k
        both = (np.uint64(state[bit // 32]) << np.uint64(32)) | np.uint64(state[bit // 32 + 1])
        out[at + 2 + k] = _LETTERS[np.int64((both >> np.uint64(59 - bit % 32)) & np.uint64(31))]


@leaf
def _holds(out, begin, end, data, first, size):  # type: ignore[no-untyped-def]
    """Whether data[first:first + size] stands anywhere in out[begin:end]; `out` goes on for eight bytes."""
    head, width = np.uint64(0), min(size, 8)
    for k in range(width):
        head |= np.uint64(data[first + k]) << np.uint64(8 * k)
    mask = ~np.uint64(0) >> np.uint64(64 - 8 * width)
    for i in range(begin, end - size + 1):
        if load64(out, i) & mask == head and (size <= 8 or same_bytes(out, i + 8, data, first + 8, size - 8)):
            return True
    return False


@leaf
def _value_end(data, begin, end):  # type: ignore[no-untyped-def]
    """Where the plain text that begins here is closed; -1 where it has what only its reader can judge."""
    i = begin
    while i < end and data[i] != _QUOTE:
        if data[i] < 32 or data[i] > 126 or data[i] == _BACKSLASH:
            return -1
        i += 1
    size = i - begin
    blank = size > 0 and (data[begin] == 32 or data[i - 1] == 32)
    return -1 if i >= end or blank or size > LONGEST else i


@leaf
def find_values(data, begin, end, names, ends, initials, spans):  # type: ignore[no-untyped-def]
    """Fill spans (int64[MOST, 2]) with where the values of the named fields stand; how many, or -1 for a document that
    is out of the ordinary."""
    seen, count, i = 0, 0, begin
    while i < end:
        if i + 8 <= len(data):
            word = load64(data, i)
            marks = zero_bytes(word ^ np.uint64(_QUOTES)) | zero_bytes(word ^ np.uint64(_BACKSLASHES))
            if marks == np.uint64(0):
                i += 8
                continue
            i += trailing_zeros(marks) >> 3
            if i >= end:
                break
        b = data[i]
        if b == _BACKSLASH:
            return -1
        if b == _QUOTE and i + 2 < end and initials[data[i + 1]] and initials[data[i + 2]]:
            f = word_at(data, i, end, names, ends)
            if f >= 0:
                after = i + ends[f] - (ends[f - 1] if f > 0 else 0)
                if (seen >> f) & 1 or count >= MOST or after + 2 > end:
                    return -1
                if data[after] != _COLON or data[after + 1] != _QUOTE:
                    return -1
                if word_at(data, after + 1, end, names, ends) >= 0:
                    return -1
                close = _value_end(data, after + 2, end)
                if close < 0:
                    return -1
                seen |= 1 << f
                spans[count, 0], spans[count, 1] = after + 2, close
                count += 1
                i = close
                continue
        i += 1
    return count


@nb.njit(cache=True, nogil=True)
def rewrite(data, bounds, names, ends, keys, out, out_bounds, odd):  # type: ignore[no-untyped-def]
    """Documents with pseudonyms, end to end into `out` (uint8); what is out of the ordinary is empty there and `odd`.

    data uint8, bounds int64[n + 1]; names of the fields with their quotes (uint8, end to end, int64[f] ends); keys
    uint32[2, 8]; out_bounds int64[n + 1], odd bool[n].
    """
    w, state, spans = np.zeros(64, np.uint32), np.zeros(8, np.uint32), np.zeros((MOST, 2), np.int64)
    initials = np.zeros(256, np.bool_)  # the second and third bytes that names have: most quotes are none of theirs
    for f in range(len(ends)):
        initials[names[ends[f - 1] + 1 if f > 0 else 1]] = initials[names[ends[f - 1] + 2 if f > 0 else 2]] = True
    at = 0
    for row in range(len(bounds) - 1):
        begin, end, first = bounds[row], bounds[row + 1], at
        count = find_values(data, begin, end, names, ends, initials, spans)
        odd[row] = count < 0
        new = 0
        for j in range(count):
            first_byte, close = spans[j, 0], spans[j, 1]
            copy_onward(data, begin, first_byte - begin, out, at)
            at += first_byte - begin
            begin = first_byte
            size = close - first_byte
            if size and not (size >= 2 and data[begin] == 112 and data[begin + 1] == 126):
                _code(data, begin, size, keys, w, state, out, at)
                at += CODE
                begin = close
                spans[new] = spans[j]
                new += 1
        if count >= 0:
            copy_onward(data, begin, end - begin, out, at)
            at += end - begin
        for j in range(new):
            known, size = spans[j, 0], spans[j, 1] - spans[j, 0]
            odd[row] |= _holds(out, first, at, data, known, size)
            if size > len(_REFERENCE) and same_bytes(data, known, _REFERENCE, 0, len(_REFERENCE)):
                odd[row] |= _holds(out, first, at, data, known + len(_REFERENCE), size - len(_REFERENCE))
        if odd[row]:
            at = first
        out_bounds[row + 1] = at
