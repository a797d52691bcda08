"""Many substrings sought in one pass over a text: Aho and Corasick's automaton, compiled, without backtracking.

Texts and terms are normalised alike: lower case, quotes and shell escapes dropped, runs of blanks and of backslashes
to one, and a slash behind a blank to a dash (`/c` and `-c` are one option).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numba as nb
import numpy as np

MAX_STATES = 32_767
"""Transitions are int16: about 3,000 terms of usual length."""
BEGIN, END = "\x01", "\x02"
"""At the front or end of a term: it only counts at the beginning or at the end of the text."""
_DROPPED = b"\"'^`"


def _fold() -> np.ndarray:
    """uint8[256]: what each byte is compared as, 0 for those dropped."""
    table = np.arange(256, dtype=np.uint8)
    table[:32] = 32
    table[65:91] += 32
    table[np.frombuffer(_DROPPED, np.uint8)] = 0
    return table


FOLD = _fold()


@dataclass(frozen=True)
class Automaton:
    """Built from terms; `columns` maps bytes to columns of `goto`. States from `quiet` on end a term."""

    columns: np.ndarray = field(repr=False)
    """uint8[256], 0 for bytes in no term."""
    goto: np.ndarray = field(repr=False)
    """int16[states, columns]"""
    quiet: int
    first: np.ndarray = field(repr=False)
    """int32[states + 1]: the terms that end in state s are `bits[first[s]:first[s + 1]]`."""
    bits: np.ndarray = field(repr=False)
    """int32[...]"""


def normalise(text: str) -> bytes:
    """A term in the form in which texts are compared; as the kernel does it, byte by byte."""
    out = bytearray()
    for byte in text.encode():
        b = int(FOLD[byte])
        if b == 0 or (b in (32, 92) and out[-1:] == bytes([b])):
            continue
        out.append(45 if b == 47 and out[-1:] == b" " else b)
    return bytes(out)


def automaton(terms: Sequence[str], bits: Sequence[int] | None = None) -> Automaton:
    """The automaton of non-empty terms. `bits`: number by which each is told, its position where not given.

    ValueError for an empty term or too many.
    """
    patterns = [_anchored(t) for t in terms]
    if not all(p.strip(b"\x01\x02") for p in patterns):
        raise ValueError("an empty term")
    columns = np.zeros(256, np.uint8)
    for k, byte in enumerate(sorted({b for p in patterns for b in p})):
        columns[byte] = k + 1
    children: list[dict[int, int]] = [{}]
    ends: list[set[int]] = [set()]
    for pattern, bit in zip(patterns, bits or range(len(terms)), strict=True):
        state = 0
        for byte in pattern:
            column = int(columns[byte])
            if column not in children[state]:
                children[state][column] = len(children)
                children.append({})
                ends.append(set())
            state = children[state][column]
        ends[state].add(bit)
    if len(children) > MAX_STATES:
        raise ValueError(f"{len(terms)} terms make {len(children)} states, at most {MAX_STATES}")
    return _compact(columns, _links(children, ends, int(columns.max()) + 1), ends)


def _anchored(term: str) -> bytes:
    begin, end = term.startswith(BEGIN), term.endswith(END)
    return b"\x01" * begin + normalise(term[begin : len(term) - end]) + b"\x02" * end


def _compact(columns: np.ndarray, goto: np.ndarray, ends: list[set[int]]) -> Automaton:
    """States renumbered so that those that end a term come last, and need no look-up to be told."""
    order = np.argsort([bool(done) for done in ends], kind="stable")
    number = np.argsort(order, kind="stable").astype(np.int16)
    quiet = sum(not done for done in ends)
    lists = [sorted(ends[s]) for s in order.tolist()]
    first = np.cumsum([0, *map(len, lists)]).astype(np.int32)
    bits = np.array([bit for done in lists for bit in done], np.int32)
    return Automaton(columns, number[goto[order]], quiet, first, bits)


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
def find_terms(data, start, length, columns, goto, quiet, first, bits, escaped, found):  # type: ignore[no-untyped-def]
    """Add to found uint64[n, W] the bits of the terms in each text data[start:start + length] (length -1: none).

    `escaped`: the text is JSON; its escapes are undone on the way (except \\u, of which only control characters and
    rare letters make use).
    """
    for i in range(len(start)):
        if length[i] <= 0:
            continue
        state = goto[0, columns[1]]
        before = np.uint8(0)
        end = start[i] + length[i]
        j = start[i]
        while j < end:
            raw = data[j]
            j += 1
            b = FOLD[raw]
            if escaped and raw == 92 and j < end:
                follow = data[j]
                j += 1
                if follow == 110 or follow == 114 or follow == 116:  # \n \r \t
                    b = np.uint8(32)
                elif follow != 92:
                    b = FOLD[follow]
            if b == 0 or (b == before and (b == 32 or b == 92)):
                continue
            if b == 47 and before == 32:
                b = np.uint8(45)
            before = b
            state = goto[state, columns[b]]
            if state >= quiet:
                for k in range(first[state], first[state + 1]):
                    found[i, bits[k] >> 6] |= np.uint64(1) << np.uint64(bits[k] & 63)
        state = goto[state, columns[2]]
        if state >= quiet:
            for k in range(first[state], first[state + 1]):
                found[i, bits[k] >> 6] |= np.uint64(1) << np.uint64(bits[k] & 63)
