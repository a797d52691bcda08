"""Compiled pieces of the JSON reader: strings, numbers and values to be skipped, over one uint8 buffer.

Each takes a position and gives the position after what it read, or -1 where the text is not plain, valid JSON; the
caller then hands the whole document to pydantic, which is the authority on what is accepted.
"""

import numba as nb
import numpy as np

from pipeline.features.leaf import leaf
from pipeline.features.words import load64, trailing_zeros, zero_bytes

_QUOTES = np.uint64(0x2222222222222222)
_BACKSLASHES = np.uint64(0x5C5C5C5C5C5C5C5C)
_SPACES = np.uint64(0x2020202020202020)
_HIGHS = np.uint64(0x8080808080808080)
_POW10 = np.array([10.0**i for i in range(23)])  # exact in float64 up to 10^22
_MAX_DEPTH = 64
_MAX_DIGITS = 4000  # pydantic refuses integers of more than 4,300 digits


@nb.njit(cache=True, nogil=True, inline="always")
def skip_space(data: np.ndarray, i: int, end: int) -> int:
    """Position of the next byte that is not JSON white space."""
    while i < end and (data[i] == 32 or data[i] == 10 or data[i] == 13 or data[i] == 9):
        i += 1
    return i


@leaf
def utf8_step(data: np.ndarray, i: int, end: int) -> int:
    """Position after one multi-byte UTF-8 sequence (RFC 3629: no overlong forms, no surrogates), or -1."""
    b = data[i]
    if b < 0xC2 or b > 0xF4:
        return -1
    need = 1 if b < 0xE0 else (2 if b < 0xF0 else 3)
    if i + need >= end:
        return -1
    c = data[i + 1]
    if (b == 0xE0 and c < 0xA0) or (b == 0xED and c > 0x9F) or (b == 0xF0 and c < 0x90) or (b == 0xF4 and c > 0x8F):
        return -1
    for k in range(1, need + 1):
        if data[i + k] & 0xC0 != 0x80:
            return -1
    return i + need + 1


@leaf
def scan_string(data: np.ndarray, i: int, end: int) -> tuple[int, bool]:
    """From just after the opening quote: (position of the closing quote or -1, whether there are escapes)."""
    escaped = False
    last_word = len(data) - 8
    while i < end:
        if i <= last_word:
            word = load64(data, i)
            # Quote, backslash, control characters and whatever is not ASCII: the first of them, if there is one.
            marks = (
                zero_bytes(word ^ _QUOTES)
                | zero_bytes(word ^ _BACKSLASHES)
                | ((word - _SPACES) & ~word & _HIGHS)
                | (word & _HIGHS)
            )
            if marks == np.uint64(0):
                i += 8
                continue
            i += trailing_zeros(marks) >> 3
            if i >= end:
                return -1, escaped
        b = data[i]
        if b == 34:
            return i, escaped
        if b == 92:
            escaped = True
            i += 2
        elif b < 32:
            return -1, escaped
        elif b < 128:
            i += 1
        else:
            i = utf8_step(data, i, end)
            if i < 0:
                return -1, escaped
    return -1, escaped


@leaf
def _hex4(data: np.ndarray, i: int, end: int) -> int:
    if i + 4 > end:
        return -1
    value = 0
    for k in range(4):
        b = data[i + k]
        if 48 <= b <= 57:
            digit = b - 48
        elif 97 <= b <= 102:
            digit = b - 87
        elif 65 <= b <= 70:
            digit = b - 55
        else:
            return -1
        value = value * 16 + digit
    return value


@leaf
def unescape(data: np.ndarray, i: int, end: int, out: int) -> int:
    """Write the string data[i:end] without its escapes at data[out:]; position after it, or -1.

    Code units of surrogate pairs are left to pydantic (-1).
    """
    while i < end:
        b = data[i]
        if b != 92:
            data[out] = b
            out += 1
            i += 1
            continue
        e = data[i + 1]
        i += 2
        if e == 34 or e == 92 or e == 47:
            data[out] = e
        elif e == 110:
            data[out] = 10
        elif e == 116:
            data[out] = 9
        elif e == 114:
            data[out] = 13
        elif e == 98:
            data[out] = 8
        elif e == 102:
            data[out] = 12
        elif e == 117:
            code = _hex4(data, i, end)
            if code < 0 or 0xD800 <= code <= 0xDFFF:
                return -1
            i += 4
            if code < 0x80:
                data[out] = code
            elif code < 0x800:
                data[out] = 0xC0 | (code >> 6)
                out += 1
                data[out] = 0x80 | (code & 63)
            else:
                data[out] = 0xE0 | (code >> 12)
                data[out + 1] = 0x80 | ((code >> 6) & 63)
                out += 2
                data[out] = 0x80 | (code & 63)
        else:
            return -1
        out += 1
    return out


@leaf
def scan_number(data: np.ndarray, i: int, end: int) -> tuple[int, float, bool, bool]:
    """A JSON number at i: (position after it or -1, value, whether it is written as an integer, exact).

    `exact` is False where more than 15 digits or a large exponent need correct rounding by the caller.
    """
    negative = bool(data[i] == 45)
    if negative:
        i += 1
    first = i
    mantissa = np.int64(0)
    digits = 0
    while i < end and 48 <= data[i] <= 57:
        mantissa = mantissa * 10 + (data[i] - 48) if digits < 18 else mantissa
        digits += 1
        i += 1
    if i == first or (data[first] == 48 and i - first > 1) or i - first > _MAX_DIGITS:
        return -1, 0.0, False, False
    integer = True
    scale = 0
    if i < end and data[i] == 46:
        integer = False
        i += 1
        start = i
        while i < end and 48 <= data[i] <= 57:
            if digits < 18:
                mantissa = mantissa * 10 + (data[i] - 48)
                scale -= 1
            digits += 1
            i += 1
        if i == start:
            return -1, 0.0, False, False
    if i < end and (data[i] == 101 or data[i] == 69):
        integer = False
        i += 1
        down = i < end and data[i] == 45
        if i < end and (data[i] == 45 or data[i] == 43):
            i += 1
        start = i
        exponent = 0
        while i < end and 48 <= data[i] <= 57:
            exponent = min(exponent * 10 + (data[i] - 48), 9999)
            i += 1
        if i == start:
            return -1, 0.0, False, False
        scale += -exponent if down else exponent
    exact = bool(digits <= 18 and mantissa <= 9007199254740992 and -22 <= scale <= 22)
    value = float(mantissa)
    if exact:
        value = value / _POW10[-scale] if scale < 0 else value * _POW10[scale]
    return i, -value if negative else value, integer, exact


@leaf
def scan_literal(data: np.ndarray, i: int, end: int) -> tuple[int, int]:
    """null, true or false at i: (position after it or -1, -1 for null, 0 or 1)."""
    if i + 4 <= end and data[i] == 110 and data[i + 1] == 117 and data[i + 2] == 108 and data[i + 3] == 108:
        return i + 4, -1
    if i + 4 <= end and data[i] == 116 and data[i + 1] == 114 and data[i + 2] == 117 and data[i + 3] == 101:
        return i + 4, 1
    if (
        i + 5 <= end
        and data[i] == 102
        and data[i + 1] == 97
        and data[i + 2] == 108
        and data[i + 3] == 115
        and data[i + 4] == 101
    ):
        return i + 5, 0
    return -1, 0


@leaf
def scan_scalar(data: np.ndarray, i: int, end: int) -> int:
    """Position after a string, number or literal at i, or -1."""
    b = data[i]
    if b == 34:
        close, escaped = scan_string(data, i + 1, end)
        return -1 if escaped else (close + 1 if close >= 0 else -1)
    if b == 45 or 48 <= b <= 57:
        return scan_number(data, i, end)[0]
    return scan_literal(data, i, end)[0]


@leaf
def scan_text_list(data: np.ndarray, i: int, end: int) -> tuple[int, int, int]:
    """A list of plain strings at i: (position after it or -1, number of items, longest item in bytes)."""
    i = skip_space(data, i + 1, end)
    count = 0
    longest = 0
    if i < end and data[i] == 93:
        return i + 1, 0, 0
    while i < end and data[i] == 34:
        close, escaped = scan_string(data, i + 1, end)
        if close < 0 or escaped:
            return -1, 0, 0
        longest = max(longest, close - i - 1)
        count += 1
        i = skip_space(data, close + 1, end)
        if i < end and data[i] == 93:
            return i + 1, count, longest
        if i >= end or data[i] != 44:
            return -1, 0, 0
        i = skip_space(data, i + 1, end)
    return -1, 0, 0


@leaf
def scan_nested(data: np.ndarray, i: int, end: int) -> int:
    """Position after the list or object at i, by bracket depth; for text that pydantic itself has written."""
    depth = 0
    while i < end:
        b = data[i]
        if b == 34:
            close, _ = scan_string(data, i + 1, end)
            if close < 0:
                return -1
            i = close
        elif b == 91 or b == 123:
            depth += 1
            if depth > _MAX_DEPTH:
                return -1
        elif b == 93 or b == 125:
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    return -1
