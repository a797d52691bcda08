"""What a request says once its disguises are taken off: percent signs in several rounds, plus signs, comments, case."""

import numba as nb
import numpy as np

ROUNDS = 3
"""Attackers encode twice so that a proxy decodes once; nobody honest encodes three times."""
LONGEST = 4096
"""Bytes of a request that are looked at: longer ones are an attack on the server's buffers, or an upload."""


@nb.njit(cache=True, nogil=True)
def _nibble(b: int) -> int:
    if 48 <= b <= 57:
        return b - 48
    b |= 32
    return b - 87 if 97 <= b <= 102 else -1


@nb.njit(cache=True, nogil=True)
def _round(text, size):  # type: ignore[no-untyped-def]
    """Undo one round of %XX and %uXXXX in place; the new size, the same where there was nothing to undo."""
    n, i = 0, 0
    while i < size:
        b = text[i]
        if b == 37 and i + 2 < size:
            high, low = _nibble(int(text[i + 1])), _nibble(int(text[i + 2]))
            if high >= 0 and low >= 0:
                text[n] = np.uint8(16 * high + low)
                n += 1
                i += 3
                continue
            if text[i + 1] | 32 == 117 and i + 5 < size:
                high, low = _nibble(int(text[i + 4])), _nibble(int(text[i + 5]))
                if high >= 0 and low >= 0:
                    text[n] = np.uint8(16 * high + low)
                    n += 1
                    i += 6
                    continue
        text[n] = b
        n += 1
        i += 1
    return n


@nb.njit(cache=True, nogil=True)
def _overlong(text, size):  # type: ignore[no-untyped-def]
    """Characters written with a byte too many (C0 AF for a slash), as lax servers read them, in place; the new size.

    No text has the bytes C0 and C1 in UTF-8. Before a character they fall away; before digits that are none
    (`%c0%9v`) old servers computed a separator.
    """
    n, i = 0, 0
    while i < size:
        b = text[i]
        if (b == 0xC0 or b == 0xC1) and i + 1 < size:
            c = text[i + 1]
            if 0x80 <= c <= 0xBF:
                b = np.uint8(((b & 1) << 6) | (c & 0x3F))
                i += 1
            elif c == 37 and i + 3 < size:
                b = np.uint8(47)
                i += 3
            elif c < 0x80:
                b = c
                i += 1
        text[n] = b
        n += 1
        i += 1
    return n


@nb.njit(cache=True, nogil=True)
def _plain(text, size):  # type: ignore[no-untyped-def]
    """Lower case; `+`, control characters but line feeds and `/*…*/` between words to blanks; the new size."""
    n, i = 0, 0
    while i < size:
        b = text[i]
        if b == 47 and i + 1 < size and text[i + 1] == 42:
            j = i + 2
            while j + 1 < size and not (text[j] == 42 and text[j + 1] == 47):
                j += 1
            if j + 1 < size and j - i < 40 and text[i + 2] != 33:  # /*! … */ is run by MySQL
                b = np.uint8(32)
                i = j + 1
        if 65 <= b <= 90:
            b += np.uint8(32)
        if b == 43 or (b < 32 and b != 10):  # a shell begins a new command at a line feed
            b = np.uint8(32)
        text[n] = b
        n += 1
        i += 1
    return n


@nb.njit(cache=True, nogil=True)
def plain_requests(data, start, length):  # type: ignore[no-untyped-def]
    """(texts uint8[...], start int64[m], length int32[m], rounds int8[m]): each request laid bare, and how often it
    was encoded."""
    m = len(start)
    at, size, rounds = np.zeros(m, np.int64), np.zeros(m, np.int32), np.zeros(m, np.int8)
    total = 0
    for i in range(m):
        total += min(max(length[i], 0), LONGEST)
    out = np.empty(total + 1, np.uint8)
    place = 0
    for i in range(m):
        n = min(max(length[i], 0), LONGEST)
        text = out[place : place + n]
        text[:] = data[start[i] : start[i] + n]
        for _ in range(ROUNDS):
            left = _round(text, n)
            if left == n:
                break
            n = left
            rounds[i] += 1
        n = _plain(text, _overlong(text, n))
        at[i], size[i] = place, n
        place += n
    return out, at, size, rounds


QUOTED, SHELL, BRACED = 1, 2, 4
"""Bits of `signs`: quotes and what compares or opens a tag, what parts commands or their arguments, braces."""


def _sign_table() -> np.ndarray:
    table = np.zeros(256, np.uint8)
    for characters, bit in ((b"'\"<>", QUOTED), (b";|`\n$ ", SHELL), (b"{", BRACED)):
        table[np.frombuffer(characters, np.uint8)] |= bit
    return table


_SIGNS = _sign_table()


@nb.njit(cache=True, nogil=True)
def signs(text, start, length):  # type: ignore[no-untyped-def]
    """uint8[m]: which characters of code each request has behind its first `?`; most have none and need no reading."""
    out = np.zeros(len(start), np.uint8)
    for i in range(len(start)):
        end, j = start[i] + length[i], start[i]
        while j < end and text[j] != 63:
            j += 1
        seen, j = np.uint8(0), j + 1
        while j < end:
            seen |= _SIGNS[text[j]]
            j += 1
        out[i] = seen
    return out


@nb.njit(cache=True, nogil=True)
def same_on_both_sides(text, start, length):  # type: ignore[no-untyped-def]
    """bool[m]: `or` or `and` and then something that equals itself (`or 1=1`, `and 'a' like 'a`), quotes dropped."""
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        end = start[i] + length[i]
        for j in range(start[i] + 1, end - 2):
            if text[j] != 61 and not (text[j] == 60 and text[j + 1] == 62):
                continue
            left, right = j - 1, j + 1
            while left > start[i] and _skipped(text[left]):
                left -= 1
            while right < end and _skipped(text[right]):
                right += 1
            stop = left
            while stop > start[i] and _wordy(text[stop - 1]):
                stop -= 1
            size = left - stop + 1
            same = _wordy(text[left]) and right + size <= end
            for k in range(size):
                same = same and text[stop + k] == text[right + k]
            if same and (right + size == end or not _wordy(text[right + size])) and _after_or(text, start[i], stop):
                out[i] = True
                break
    return out


@nb.njit(cache=True, nogil=True, inline="always")
def _wordy(b: int) -> bool:
    return 48 <= b <= 57 or 97 <= b <= 122


@nb.njit(cache=True, nogil=True, inline="always")
def _skipped(b: int) -> bool:
    """Blanks, quotes, brackets and signs around the values compared."""
    return b == 32 or b == 10 or b == 34 or b == 39 or b == 40 or b == 41 or b == 96


@nb.njit(cache=True, nogil=True)
def _after_or(text, begin, at):  # type: ignore[no-untyped-def]
    """Whether `or`, `and`, `where` or `|` stands before text[at]."""
    j = at - 1
    while j > begin and _skipped(text[j]):
        j -= 1
    if j - 1 >= begin and text[j - 1] == 111 and text[j] == 114:
        return True
    if j - 2 >= begin and text[j - 2] == 97 and text[j - 1] == 110 and text[j] == 100:
        return True
    if j - 2 >= begin and text[j - 2] == 101 and text[j - 1] == 114 and text[j] == 101:
        return True
    return text[j] == 124 or text[j] == 38
