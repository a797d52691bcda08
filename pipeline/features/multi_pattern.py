"""Many substrings sought in one pass over a text: Aho and Corasick's automaton, compiled, without backtracking.

Texts and terms are normalised alike: lower case, quotes and shell escapes dropped, runs of blanks and of backslashes
to one, and a slash behind a blank to a dash (`/c` and `-c` are one option).
"""

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

    ValueError for an empty term, too many, or another number of bits than of terms.
    """
    told = np.array(range(len(terms)) if bits is None else bits, np.int32)
    if len(told) != len(terms):
        raise ValueError(f"{len(told)} numbers for {len(terms)} terms")
    patterns = [_anchored(t) for t in terms]
    if not all(p.strip(b"\x01\x02") for p in patterns):
        raise ValueError("an empty term")
    columns = np.zeros(256, np.uint8)
    for k, byte in enumerate(sorted({b for p in patterns for b in p})):
        columns[byte] = k + 1
    spans = np.cumsum([0, *map(len, patterns)], dtype=np.int64)
    steps = columns[np.frombuffer(b"".join(patterns), np.uint8)]
    goto, ends, states = _trie(steps, spans, int(columns.max()) + 1, MAX_STATES)
    if states < 0:
        raise ValueError(f"{len(terms)} terms make more than {MAX_STATES} states")
    return Automaton(columns, *_linked(goto[:states], ends, told))


def _anchored(term: str) -> bytes:
    begin, end = term.startswith(BEGIN), term.endswith(END)
    return b"\x01" * begin + normalise(term[begin : len(term) - end]) + b"\x02" * end


@nb.njit(cache=True)
def _trie(steps, spans, width, most):  # type: ignore[no-untyped-def]
    """Terms as paths from state 0: transitions int16[…, width] with 0 for none, the state in which each term ends, how
    many states there are (-1: more than `most`)."""
    goto = np.zeros((min(len(steps) + 1, most), width), np.int16)
    ends = np.zeros(len(spans) - 1, np.int32)
    states = 1
    for term in range(len(ends)):
        state = 0
        for k in range(spans[term], spans[term + 1]):
            if goto[state, steps[k]] == 0:
                if states == most:
                    return goto, ends, -1
                goto[state, steps[k]] = states
                states += 1
            state = goto[state, steps[k]]
        ends[term] = state
    return goto, ends, states


@nb.njit(cache=True)
def _linked(goto, ends, told):  # type: ignore[no-untyped-def]
    """Complete transitions, breadth first along the failure links; states that end a term, also as a suffix of theirs,
    come last and need no look-up to be told. Fields of `Automaton` from `goto` on."""
    n, width = goto.shape
    fail, queue, number = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int16)
    own, count = np.full(n, -1, np.int32), np.zeros(n, np.int32)
    before = np.full(len(ends), -1, np.int32)
    for term in range(len(ends)):
        before[term], own[ends[term]] = own[ends[term]], term
        count[ends[term]] += 1
    filled = 1
    for k in range(n):
        state = queue[k]
        count[state] += count[fail[state]] if state else 0
        for column in range(width):
            child = goto[state, column]
            beside = goto[fail[state], column] if state else 0
            if child == 0:
                goto[state, column] = beside
            else:
                fail[child] = beside
                queue[filled] = child
                filled += 1
    order = np.concatenate((np.flatnonzero(count == 0), np.flatnonzero(count > 0)))
    number[order] = np.arange(n).astype(np.int16)
    first = np.zeros(n + 1, np.int32)
    first[1:] = np.cumsum(count[order])
    bits = np.empty(first[n], np.int32)
    moved = np.empty_like(goto)
    at = 0
    for k in range(n):
        for column in range(width):
            moved[k, column] = number[goto[order[k], column]]
        state = order[k]
        while state:
            term = own[state]
            while term >= 0:
                bits[at] = told[term]
                at += 1
                term = before[term]
            state = fail[state]
    return moved, np.count_nonzero(count == 0), first, bits


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
