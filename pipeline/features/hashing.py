"""One 64-bit hash of bytes, the same in kernels and in Python, and Kafka's partition hash."""

import numba as nb
import numpy as np

from pipeline.features.leaf import leaf
from pipeline.features.words import load64

SEED = np.uint64(0xCBF29CE484222325)
PRIME = np.uint64(0x9FB21C651E98DF25)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)  # SplitMix64 finaliser (Steele, Lea, Flood 2014)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@nb.njit(cache=True, nogil=True, inline="always")
def mix64(x: np.uint64) -> np.uint64:
    """Scatter the bits of `x` (SplitMix64 finaliser)."""
    x = (x ^ (x >> np.uint64(30))) * _MIX_1
    x = (x ^ (x >> np.uint64(27))) * _MIX_2
    return x ^ (x >> np.uint64(31))


@leaf
def hash_slice(data: np.ndarray, start: int, length: int) -> np.uint64:
    """64-bit hash of data[start:start+length] (uint8), eight bytes a step; never 0, which means unknown."""
    h = SEED ^ (np.uint64(length) * PRIME)
    i, end = start, start + length
    while i + 8 <= end:
        h = (h ^ load64(data, i)) * PRIME
        h ^= h >> np.uint64(32)
        i += 8
    word = np.uint64(0)
    if i + 8 <= len(data):
        word = load64(data, i) & ((np.uint64(1) << np.uint64(8 * (end - i))) - np.uint64(1))
    else:
        for k in range(end - i):
            word |= np.uint64(data[i + k]) << np.uint64(8 * k)
    h = mix64((h ^ word) * PRIME)
    return h if h != np.uint64(0) else np.uint64(1)


@nb.njit(cache=True, nogil=True)
def hash_slices(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """uint64[n]: `hash_slice` of each row; 0 where length < 0 (unknown)."""
    out = np.zeros(len(start), np.uint64)
    for i in range(len(start)):
        if length[i] >= 0:
            out[i] = hash_slice(data, start[i], length[i])
    return out


@leaf
def combine(a: np.uint64, b: np.uint64) -> np.uint64:
    """Hash of an ordered pair of hashes; 0 when either is unknown."""
    if a == np.uint64(0) or b == np.uint64(0):
        return np.uint64(0)
    h = mix64(a * PRIME ^ (b + _MIX_1))
    return h if h != np.uint64(0) else np.uint64(1)


@nb.njit(cache=True, nogil=True)
def combine_many(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """uint64[n]: `combine` row by row."""
    out = np.empty(len(a), np.uint64)
    for i in range(len(a)):
        out[i] = combine(a[i], b[i])
    return out


@leaf
def murmur2_slice(data: np.ndarray, start: int, length: int) -> np.uint32:
    """Murmur2 with Kafka's seed: what the default partitioners of Java and Python clients compute from a key."""
    m = np.uint32(0x5BD1E995)
    h = np.uint32(np.uint32(0x9747B28C) ^ np.uint32(length))
    blocks = length // 4
    for b in range(blocks):
        i = start + 4 * b
        k = np.uint32(
            np.uint32(data[i])
            | (np.uint32(data[i + 1]) << np.uint32(8))
            | (np.uint32(data[i + 2]) << np.uint32(16))
            | (np.uint32(data[i + 3]) << np.uint32(24))
        )
        k = np.uint32(k * m)
        k = np.uint32(k ^ (k >> np.uint32(24)))
        k = np.uint32(k * m)
        h = np.uint32(np.uint32(h * m) ^ k)
    tail = start + 4 * blocks
    rest = length - 4 * blocks
    if rest >= 3:
        h = np.uint32(h ^ (np.uint32(data[tail + 2]) << np.uint32(16)))
    if rest >= 2:
        h = np.uint32(h ^ (np.uint32(data[tail + 1]) << np.uint32(8)))
    if rest >= 1:
        h = np.uint32(np.uint32(h ^ np.uint32(data[tail])) * m)
    h = np.uint32(h ^ (h >> np.uint32(13)))
    h = np.uint32(h * m)
    return np.uint32(h ^ (h >> np.uint32(15)))


@nb.njit(cache=True, nogil=True)
def key_groups(data: np.ndarray, start: np.ndarray, length: np.ndarray, groups: int) -> np.ndarray:
    """int32[n]: key group of each row's key, `(murmur2 & 0x7fffffff) % groups`; a number of partitions that divides
    `groups` therefore receives whole groups. Unknown keys (length < 0) go to group 0."""
    out = np.zeros(len(start), np.int32)
    for i in range(len(start)):
        if length[i] >= 0:
            h = murmur2_slice(data, start[i], length[i]) & np.uint32(0x7FFFFFFF)
            out[i] = np.int32(np.int64(h) % groups)
    return out


def hash_text(text: str) -> int:
    """The hash kernels compute for this text's UTF-8 bytes."""
    raw = np.frombuffer(text.encode(), np.uint8)
    return int(hash_slice(raw, 0, len(raw)))
