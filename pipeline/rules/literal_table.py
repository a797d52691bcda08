"""Rules' literals in tables that a kernel looks texts up in: one pass over an event, thousands of rules.

Each literal stands under four of its bytes, the rarest among all literals. A filter of bits (Bloom, CACM 1970) tells
whether any literal has the four bytes at hand; if so, the literals of their slot are compared whole.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numba as nb
import numpy as np

GRAM = 4
_BITS = 18  # slots of the table and bits of the filter: 32 KiB, which stays in the processor's first cache
_FACTOR = np.uint32(0x9E3779B1)  # Knuth's multiplicative hash: 2^32 divided by the golden ratio
BREAK = 255  # stands between texts and for whatever no literal holds


class Tables(NamedTuple):
    """What the kernel reads. L literals, R rules."""

    bloom: np.ndarray
    """uint8[2^_BITS / 8]"""
    slots: np.ndarray
    """int32[2^_BITS + 1]: literals of slot s are slots[s]:slots[s + 1]."""
    places: np.ndarray
    """int64[L + 1]: bytes of literal k are letters[places[k]:places[k + 1]]."""
    letters: np.ndarray
    shifts: np.ndarray
    """int32[L]: where in the literal the four bytes stand."""
    posts: np.ndarray
    """int64[L + 1]: literal k starts the clauses posts[k]:posts[k + 1]."""
    post_rule: np.ndarray
    post_bit: np.ndarray
    full: np.ndarray
    """uint8[R]: the clauses of a rule, a bit each; 0: it has none."""


@dataclass(frozen=True)
class LiteralTable:
    """Built once from each rule's clauses."""

    tables: Tables

    @classmethod
    def of(cls, clauses: Sequence[Sequence[frozenset[bytes]]]) -> "LiteralTable":
        """`clauses`: those of each rule, at most eight."""
        wanted: dict[bytes, list[tuple[int, int]]] = {}
        for rule, sets in enumerate(clauses):
            for bit, literals in enumerate(sets):
                for literal in literals:
                    wanted.setdefault(literal, []).append((rule, 1 << bit))
        common = Counter(lit[i : i + GRAM] for lit in wanted for i in range(len(lit) - GRAM + 1))
        shift = {lit: min(range(len(lit) - GRAM + 1), key=lambda i: (common[lit[i : i + GRAM]], i)) for lit in wanted}
        slot = {lit: _slot_of(lit[at : at + GRAM]) for lit, at in shift.items()}
        order = sorted(wanted, key=lambda lit: (slot[lit], lit))
        bloom = np.zeros(1 << (_BITS - 3), np.uint8)
        counts = np.zeros((1 << _BITS) + 1, np.int32)
        for lit in order:
            bloom[slot[lit] >> 3] |= 1 << (slot[lit] & 7)
            counts[slot[lit] + 1] += 1
        posts = [post for lit in order for post in wanted[lit]]
        return cls(
            Tables(
                bloom=bloom,
                slots=np.cumsum(counts, dtype=np.int32),
                places=_ends([len(lit) for lit in order]),
                letters=np.frombuffer(b"".join(order) or b"\0", np.uint8).copy(),
                shifts=np.array([shift[lit] for lit in order], np.int32),
                posts=_ends([len(wanted[lit]) for lit in order]),
                post_rule=np.array([rule for rule, _ in posts], np.int32),
                post_bit=np.array([bit for _, bit in posts], np.uint8),
                full=np.array([(1 << len(sets)) - 1 for sets in clauses], np.uint8),
            )
        )


def _ends(sizes: Sequence[int]) -> np.ndarray:
    out = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out


def _slot_of(gram: bytes) -> int:
    return int(((int.from_bytes(gram, "little") * int(_FACTOR)) & 0xFFFFFFFF) >> (32 - _BITS))


@nb.njit(cache=True, nogil=True)
def _hex(b):  # type: ignore[no-untyped-def]
    if 48 <= b <= 57:
        return b - 48
    if 97 <= b <= 102:
        return b - 87
    if 65 <= b <= 70:
        return b - 55
    return -1


@nb.njit(cache=True, nogil=True)
def _write(data, start, length, json, out, n):  # type: ignore[no-untyped-def]
    """Append data[start:start + length] to `out` at n as literals are written; the position after it.

    Lower case, backslashes dropped, other than printable ASCII as BREAK; in JSON text escapes are resolved first.
    """
    i, end = start, start + length
    while i < end:
        b = data[i]
        i += 1
        if b == 92:
            if not json or i >= end:
                continue
            b = data[i]
            i += 1
            if b == 92:
                continue
            if b == 117 and i + 4 <= end:
                code = 0
                for k in range(4):
                    digit = _hex(data[i + k])
                    code = code * 16 + digit if digit >= 0 and code >= 0 else -1
                i += 4
                b = code if 32 <= code < 127 and code != 92 else BREAK
                if code == 92:
                    continue
            elif b != 34 and b != 47:
                b = BREAK
        if 65 <= b <= 90:
            b += 32
        out[n] = b if 32 <= b < 127 else BREAK
        n += 1
    return n


@nb.njit(cache=True, nogil=True)
def _same(text, at, size, letters, begin, end):  # type: ignore[no-untyped-def]
    """Whether letters[begin:end] stand in text[:size] at `at`."""
    if at < 0 or at + end - begin > size:
        return False
    for j in range(end - begin):  # noqa: SIM110  (compiled: no generators)
        if text[at + j] != letters[begin + j]:
            return False
    return True


@nb.njit(cache=True, nogil=True)
def _mark(text, size, row, mine, tables, bits, stamp, out_row, out_rule, told):  # type: ignore[no-untyped-def]
    """Tell the rules (of `mine`, uint8[R]) all whose clauses have a literal in text[:size]; how many are told now."""
    bloom, slots, places, letters, shifts, posts, post_rule, post_bit, full = tables
    for p in range(size - 3):
        gram = (
            np.uint32(text[p])
            | (np.uint32(text[p + 1]) << np.uint32(8))
            | (np.uint32(text[p + 2]) << np.uint32(16))
            | (np.uint32(text[p + 3]) << np.uint32(24))
        )
        s = np.int64(np.uint32(gram * _FACTOR) >> np.uint32(32 - _BITS))
        if not bloom[s >> 3] >> np.uint8(s & 7) & 1:
            continue
        for k in range(slots[s], slots[s + 1]):
            if not _same(text, p - shifts[k], size, letters, places[k], places[k + 1]):
                continue
            for q in range(posts[k], posts[k + 1]):
                r = post_rule[q]
                if mine[r] == 0:
                    continue
                if stamp[r] != row:
                    stamp[r] = row
                    bits[r] = 0
                if bits[r] == full[r]:
                    continue
                bits[r] |= post_bit[q]
                if bits[r] == full[r]:
                    if told >= len(out_row):
                        return -1
                    out_row[told] = row
                    out_rule[told] = r
                    told += 1
    return told


@nb.njit(cache=True, nogil=True)
def find_candidates(data, start, length, json, kinds, allowed, tables, out_row, out_rule):  # type: ignore[no-untyped-def]
    """Pairs (row, rule) of which every clause has a literal in the row; their number, or -1 where `out` is too small.

    start int64[C, n], length int32[C, n], json bool[C]: the columns; kinds int32[n], -1 for rows no rule looks at;
    allowed uint8[K, R]: rules that look at events of a kind.
    """
    columns, n = start.shape
    most = 8
    for i in range(n):
        size = 8
        for c in range(columns):
            size += max(length[c, i], 0) + 1
        most = max(most, size)
    text = np.empty(most, np.uint8)
    bits = np.zeros(allowed.shape[1], np.uint8)
    stamp = np.full(allowed.shape[1], -1, np.int64)
    told = 0
    for i in range(n):
        if kinds[i] < 0:
            continue
        size = 0
        for c in range(columns):
            if length[c, i] > 0:
                size = _write(data, start[c, i], length[c, i], json[c], text, size)
                text[size] = BREAK
                size += 1
        told = _mark(text, size, i, allowed[kinds[i]], tables, bits, stamp, out_row, out_rule, told)
        if told < 0:
            return -1
    return told
