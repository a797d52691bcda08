"""Many substrings sought in one pass over a text: Aho and Corasick's automaton, compiled, without backtracking.

Texts and terms are normalised alike: lower case, quotes and shell escapes dropped, runs of blanks to one blank,
and a slash behind a blank to a dash (`/c` and `-c` are one option).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numba as nb
import numpy as np

MAX_TERMS = 256


@dataclass(frozen=True)
class Automaton:
    """Built from terms; `columns` maps bytes to columns of `goto`, `found`: the terms that end in a state."""

    columns: np.ndarray = field(repr=False)
    """uint8[256], 0 for bytes in no term."""
    goto: np.ndarray = field(repr=False)
    """int16[states, columns]"""
    found: np.ndarray = field(repr=False)
    """uint64[states, 4], a bit a term."""


def normalise(text: str) -> bytes:
    """A term in the form in which texts are compared; as the kernel does it, byte by byte."""
    raw = np.frombuffer(text.encode(), np.uint8)
    out = np.empty(len(raw) + 1, np.uint8)
    return out[: _normalised(raw, 0, len(raw), out)].tobytes()


def automaton(terms: Sequence[str]) -> Automaton:
    """The automaton of at most 256 non-empty terms. ValueError for more, or for an empty one."""
    patterns = [normalise(t) for t in terms]
    if len(patterns) > MAX_TERMS or not all(patterns):
        raise ValueError(f"{len(patterns)} terms, at most {MAX_TERMS} and none empty")
    columns = np.zeros(256, np.uint8)
    for k, byte in enumerate(sorted({b for p in patterns for b in p})):
        columns[byte] = k + 1
    children: list[dict[int, int]] = [{}]
    ends: list[set[int]] = [set()]
    for term, pattern in enumerate(patterns):
        state = 0
        for byte in pattern:
            column = int(columns[byte])
            if column not in children[state]:
                children[state][column] = len(children)
                children.append({})
                ends.append(set())
            state = children[state][column]
        ends[state].add(term)
    goto = _links(children, ends, int(columns.max()) + 1)
    found = np.zeros((len(children), MAX_TERMS // 64), np.uint64)
    for state, done in enumerate(ends):
        for term in done:
            found[state, term >> 6] |= np.uint64(1 << (term & 63))
    return Automaton(columns, goto, found)


def _links(children: list[dict[int, int]], ends: list[set[int]], width: int) -> np.ndarray:
    """Complete transitions, breadth first along the failure links; `ends` takes over the terms of suffixes."""
    goto = np.zeros((len(children), width), np.int16)
    fail = [0] * len(children)
    queue = deque([0])
    while queue:
        state = queue.popleft()
        ends[state] |= ends[fail[state]]
        goto[state] = goto[fail[state]]
        for column, child in children[state].items():
            fail[child] = int(goto[fail[state], column]) if state else 0
            goto[state, column] = child
            queue.append(child)
    return goto


@nb.njit(cache=True, nogil=True)
def _normalised(data: np.ndarray, start: int, length: int, out: np.ndarray) -> int:
    """Write the normal form of data[start:start + length] to `out` (at least length + 1) and give its length."""
    n = 0
    for i in range(start, start + length):
        b = data[i]
        if b in (34, 39, 94, 96):
            continue
        if b == 9 or b == 10 or b == 13:
            b = 32
        if 65 <= b <= 90:
            b += 32
        blank_before = n > 0 and out[n - 1] == 32
        if b == 32 and blank_before:
            continue
        out[n] = 45 if b == 47 and blank_before else b
        n += 1
    return n


@nb.njit(cache=True, nogil=True)
def find_terms(data, start, length, columns, goto, found, out):  # type: ignore[no-untyped-def]
    """Add to out uint64[n, 4] the terms found in each text data[start:start + length] (length -1: none)."""
    most = 0
    for i in range(len(start)):
        most = max(most, length[i])
    text = np.empty(most + 1, np.uint8)
    for i in range(len(start)):
        if length[i] <= 0:
            continue
        size = _normalised(data, start[i], length[i], text)
        state = 0
        for j in range(size):
            state = goto[state, columns[text[j]]]
            for w in range(found.shape[1]):
                out[i, w] |= found[state, w]
