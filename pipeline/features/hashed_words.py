"""Words in a request laid bare, as a shell or a database reads them: hashed, quotes within taken out."""

import numba as nb
import numpy as np

LONGEST_WORD = 16


def _hash(word: str) -> int:
    value = 1469598103934665603
    for byte in word.encode():
        value = ((value ^ byte) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return value


def hashes(words: tuple[str, ...]) -> np.ndarray:
    """Sorted uint64[n], for `among`."""
    return np.sort(np.array([_hash(w) for w in words], np.uint64))


@nb.njit(cache=True, nogil=True)
def among(value, table):  # type: ignore[no-untyped-def]
    """Whether a word's hash is one of the table's."""
    at = np.searchsorted(table, value)
    return at < len(table) and table[at] == value


@nb.njit(cache=True, nogil=True, inline="always")
def letter(b: int) -> bool:
    """A small letter, a digit or an underscore."""
    return 97 <= b <= 122 or 48 <= b <= 57 or b == 95


@nb.njit(cache=True, nogil=True, inline="always")
def blank(b: int) -> bool:
    """A blank or a line feed."""
    return b == 32 or b == 10


@nb.njit(cache=True, nogil=True, inline="always")
def _ignored(b: int) -> bool:
    """Quotes and escapes that a shell takes out of the middle of a word."""
    return b == 39 or b == 34 or b == 92 or b == 94


@nb.njit(cache=True, nogil=True, inline="always")
def _empty(b: int) -> bool:
    """`$@`, `$*`, `$!`, `$-`, `$_`, `$1` and the like: mostly empty where a server runs a command."""
    return b == 64 or b == 42 or b == 33 or b == 45 or b == 95 or 48 <= b <= 57


@nb.njit(cache=True, nogil=True)
def word(text, at, end):  # type: ignore[no-untyped-def]
    """(hash, where it ends, characters) of the word at text[at], its folder and the shell's quotes left out."""
    value, size, j = np.uint64(1469598103934665603), 0, at
    while j < end and size <= LONGEST_WORD:
        b = text[j]
        if b == 47:
            value, size = np.uint64(1469598103934665603), 0
        elif letter(b):
            value = (value ^ np.uint64(b)) * np.uint64(1099511628211)
            size += 1
        elif b == 36 and j + 1 < end and size > 0 and _empty(text[j + 1]):
            j += 1  # a variable that holds nothing: cu$@rl
        elif not _ignored(b):
            break
        j += 1
    if j + 3 < end and text[j] == 46 and text[j + 1] == 101 and text[j + 2] == 120 and text[j + 3] == 101:
        j += 4  # .exe
    return value, j, size
