"""Domain names taken apart in compiled code: what was registered, what stands before it, and how random both look."""

from functools import cache

import numba as nb
import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_slice, hash_text
from pipeline.features.letter_costs import DASH, DIGIT, EDGE, letter_costs
from pipeline.features.public_suffixes import public_suffixes

_SLOTS = 1 << 16  # twelve thousand rules: a load under a fifth
_WILD = np.uint64(0x5851F42D4C957F2D)
_EXCEPT = np.uint64(0x14057B7EF767814F)
LONGEST = 255  # RFC 1035, 2.3.4; of a longer text the end counts
ALL_BITS = 5.2
"""Bits a letter of base 36 can carry at most."""
PLAIN_BITS = 4.6
"""Mean cost of a letter that separates names people chose (3.4 to 4.6) from drawn ones (5.5 to 7)."""
SWITCH_BITS = 1.5
"""Extra for a change between letters and digits: the table knows digits only as one sort."""
INSIDE = 1
"""Flag: a reversed address, or a name that only this network has."""
SERVICE = 2
"""Flag: a label begins with an underscore (SRV, DKIM …)."""
_LOCAL_ENDS = ("arpa", "local", "localdomain", "lan", "internal", "home", "corp", "intranet", "localhost", "onion")


@cache
def suffix_table() -> np.ndarray:
    """uint64[65536]: hashes of all public suffixes (publicsuffix.org, ICANN and private), probed linearly."""
    table = np.zeros(_SLOTS, np.uint64)
    rules = public_suffixes()._publicsuffix  # noqa: SLF001 - it has no way to list them
    for rule in rules:
        h = np.uint64(hash_text(rule.removeprefix("*.").removeprefix("!")))
        h ^= {"*": _WILD, "!": _EXCEPT}.get(rule[0], np.uint64(0))
        slot = int(h % np.uint64(_SLOTS))
        while table[slot] != 0:
            slot = (slot + 1) % _SLOTS
        table[slot] = h
    return table


@cache
def local_ends() -> np.ndarray:
    """uint64[k]: hashes of last labels that are not registered with anybody."""
    return np.array([hash_text(end) for end in _LOCAL_ENDS], np.uint64)


def take_apart(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of each name data[start:start + length]:

    domain uint64[n], hash of what was registered in lower case, 0 for names without a dot or unknown ·
    own int32[n, 2], place and size of the registered label, from the end of the name ·
    excess float64[n], how many bits its letters cost more than a chosen name's would ·
    sub uint64[n], hash of what stands before the registered domain, 0 for nothing ·
    bits float64[n], what random-looking labels in it can carry · whole bool[n], a digest is all there is in it ·
    flags uint8[n].
    """
    return _take_apart(data, start, length, suffix_table(), local_ends(), letter_costs())


def query_parts(batch: Batch, rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """`take_apart` of the queries in `rows`, which are of DNS; computed once a batch, whoever asks first."""
    parts, place = batch.shared("dns_names", _queries)
    return tuple(part[place[rows]] for part in parts)


def _queries(batch: Batch) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    rows = np.flatnonzero(batch.kind("dns"))
    start, length = batch.spans("query")
    place = np.full(batch.n, -1, np.int64)
    place[rows] = np.arange(len(rows))
    return take_apart(batch.data, start[rows], length[rows]), place


@nb.njit(cache=True, nogil=True)
def _listed(table: np.ndarray, h: np.uint64) -> bool:
    slot = np.int64(h % np.uint64(len(table)))
    while table[slot] != 0:
        if table[slot] == h:
            return True
        slot = (slot + 1) % len(table)
    return False


@nb.njit(cache=True, nogil=True, inline="always")
def symbol(b: int) -> int:
    """The letter table's symbol of a byte in lower case."""
    if 97 <= b <= 122:
        return b - 97
    if 48 <= b <= 57:
        return DIGIT
    return DASH if b == 45 or b == 95 else EDGE


@nb.njit(cache=True, nogil=True)
def label_cost(name, begin, end, costs):  # type: ignore[no-untyped-def]
    """Bits that the letters of a lower-case label name[begin:end] cost, changes between letters and digits added."""
    a, b = EDGE, EDGE
    total = 0.0
    for k in range(begin, end):
        c = symbol(name[k])
        total += costs[a, b, c]
        if b != EDGE and (b == DIGIT) != (c == DIGIT):
            total += SWITCH_BITS
        a, b = b, c
    return total


@nb.njit(cache=True, nogil=True)
def _registered(name, end, table):  # type: ignore[no-untyped-def]
    """(begin of the registered domain, end of its own label) in a lower-case name of `end` bytes; (0, end) where the
    name is a suffix itself."""
    dots = np.empty(5, np.int64)  # where the last labels begin
    count = 0
    at = end
    while at > 0 and count < 5:
        at -= 1
        if name[at] == 46 or at == 0:
            dots[count] = at + 1 if name[at] == 46 else 0
            count += 1
    suffix = 1
    for k in range(count):
        h = hash_slice(name, dots[k], end - dots[k])
        if _listed(table, h):
            suffix = max(suffix, k + 1)
        if k + 1 < count and _listed(table, h ^ _WILD):
            suffix = max(suffix, k + 2)
        if k > 0 and _listed(table, h ^ _EXCEPT):
            suffix = k
            break
    if suffix >= count:
        return 0, end
    return dots[suffix], dots[suffix - 1] - 1


@nb.njit(cache=True, nogil=True)
def _sub_bits(name, end, costs):  # type: ignore[no-untyped-def]
    """(bits, digests only, underscore) of the labels in name[0:end]."""
    bits = 0.0
    digests = True
    service = False
    begin = 0
    for k in range(end + 1):
        if k < end and name[k] != 46:
            continue
        size = k - begin
        service |= size > 0 and name[begin] == 95
        if size >= 6:
            cost = label_cost(name, begin, k, costs)
            if cost > PLAIN_BITS * size:
                bits += min(cost, ALL_BITS * size)
                digest = size == 32 or size == 40 or size == 64
                for j in range(begin, k):
                    b = name[j]
                    digest &= (48 <= b <= 57) or (97 <= b <= 102)
                digests &= digest
        begin = k + 1
    return bits, digests and bits > 0.0, service


@nb.njit(cache=True, nogil=True)
def _take_apart(data, start, length, table, ends, costs):  # type: ignore[no-untyped-def]
    n = len(start)
    domain, sub = np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    own = np.zeros((n, 2), np.int32)
    excess, bits = np.zeros(n), np.zeros(n)
    whole, flags = np.zeros(n, np.bool_), np.zeros(n, np.uint8)
    name = np.empty(LONGEST + 1, np.uint8)
    for i in range(n):
        size = min(length[i], LONGEST)
        if size <= 0:
            continue
        begin = start[i] + length[i] - size
        if data[begin + size - 1] == 46:
            size -= 1
        dots = 0
        last = 0
        for k in range(size):
            b = data[begin + k]
            name[k] = b + 32 if 65 <= b <= 90 else b
            if b == 46:
                dots += 1
                last = k + 1
        if dots == 0:
            continue
        first, own_end = _registered(name, size, table)
        domain[i] = hash_slice(name, first, size - first)
        own[i, 0] = size - first
        own[i, 1] = own_end - first
        excess[i] = label_cost(name, first, own_end, costs) - PLAIN_BITS * (own_end - first)
        h = hash_slice(name, last, size - last)
        for k in range(len(ends)):
            if ends[k] == h:
                flags[i] |= INSIDE
        if first > 1:
            sub[i] = hash_slice(name, 0, first - 1)
            bits[i], whole[i], service = _sub_bits(name, first - 1, costs)
            if service:
                flags[i] |= SERVICE
    return domain, own, excess, sub, bits, whole, flags
