"""Features of short texts and web addresses as hashed indices, and a logistic model over them, compiled.

A text of n bytes becomes at most `MOST` (index, value) pairs: character n-grams, words and pairs of words; for an
address also what its host looks like. Values of one sort share a norm, so that long texts do not shout.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.models.base import Array

MOST = 4096  # features of one text
LONGEST = 1024  # bytes of a text that are looked at: more only repeats itself
TEXT, URL = 0, 1
NGRAM = 4  # n-grams of 1 to 4 characters: 5 gained nothing on any of the sets tried and cost a quarter more
SHAPE_WEIGHT = 2.0  # a host's shape against its letters: 1 to 2 were best for hosts never seen
_PRIME = np.uint64(0x9FB21C651E98DF25)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)  # SplitMix64 finaliser
_MIX_2 = np.uint64(0x94D049BB133111EB)


@njit(cache=True, nogil=True, inline="always")  # pragma: no cover
def _place(h, mask):  # type: ignore[no-untyped-def]
    h = (h ^ (h >> np.uint64(30))) * _MIX_1
    h = (h ^ (h >> np.uint64(27))) * _MIX_2
    return np.int64((h ^ (h >> np.uint64(31))) & mask)


@njit(cache=True, nogil=True, inline="always")  # pragma: no cover
def _step(h, byte):  # type: ignore[no-untyped-def]
    h = (h ^ np.uint64(byte)) * _PRIME
    return h ^ (h >> np.uint64(29))


@njit(cache=True, nogil=True)  # pragma: no cover
def lowered(data: Array, start: int, length: int, out: Array) -> int:
    """Copy data[start:start + length] (uint8) to `out` in lower case, at most LONGEST bytes; how many."""
    n = min(length, LONGEST)
    for i in range(n):
        b = data[start + i]
        out[i] = b + 32 if 65 <= b <= 90 else b
    return n


@njit(cache=True, nogil=True)  # pragma: no cover
def strip_scheme(t: Array, n: int) -> int:
    """Drop `scheme://` and `www.` from the address t[:n] in place: how an address was collected decides about them,
    not what it is. The new length."""
    first = 0
    for i in range(min(n - 2, 10)):
        if t[i] == 58 and t[i + 1] == 47 and t[i + 2] == 47:
            first = i + 3
            break
    if first + 4 <= n and t[first] == 119 and t[first + 1] == 119 and t[first + 2] == 119 and t[first + 3] == 46:
        first += 4
    for i in range(first, n):
        t[i - first] = t[i]
    return n - first


@njit(cache=True, nogil=True)  # pragma: no cover
def _end_of(t: Array, begin: int, n: int, path: bool) -> int:
    """Where the host ends (`/`, `?`, `#`), or with `path` where the path ends (`?`, `#`)."""
    for i in range(begin, n):
        if t[i] == 63 or t[i] == 35 or (t[i] == 47 and not path):
            return i
    return n


@njit(cache=True, nogil=True)  # pragma: no cover
def _ngrams(t: Array, begin: int, end: int, salt: int, mask: int, out: Array, k: int) -> int:
    for i in range(begin, end):
        h = np.uint64(salt) * _PRIME
        for j in range(i, min(i + NGRAM, end)):
            h = _step(h, t[j])
            if k < len(out):
                out[k] = _place(h, mask)
                k += 1
    return k


@njit(cache=True, nogil=True)  # pragma: no cover
def _words(t: Array, n: int, mask: int, out: Array, k: int) -> int:
    """Words and pairs of neighbours; every digit counts as the same one, as numbers are seldom seen twice."""
    i = 0
    before = np.uint64(0)
    while i < n:
        b = t[i]
        if not (48 <= b <= 57 or 97 <= b <= 122 or b >= 128):
            i += 1
            continue
        h = np.uint64(77) * _PRIME
        while i < n:
            b = t[i]
            if not (48 <= b <= 57 or 97 <= b <= 122 or b >= 128):
                break
            h = _step(h, 48 if 48 <= b <= 57 else b)
            i += 1
        if k < len(out):
            out[k] = _place(h, mask)
            k += 1
        if before != 0 and k < len(out):
            out[k] = _place(h * np.uint64(3) + before, mask)
            k += 1
        before = h
    return k


@njit(cache=True, nogil=True)  # pragma: no cover
def _shape(t: Array, host_end: int, mask: int, out: Array, k: int) -> int:
    """What a host looks like whatever its letters: endings, labels, digits, hyphens, how it would sound."""
    begin, end = 0, host_end
    for i in range(host_end):
        if t[i] == 64:  # user@host: what stands before is no host
            begin = i + 1
    for i in range(begin, host_end):
        if t[i] == 58:
            end = i
            break
    labels, longest, run, longest_run, digits, hyphens, vowels, letters = 1, 0, 0, 0, 0, 0, 0, 0
    size = 0
    last = second = begin
    for i in range(begin, end):
        b = t[i]
        if b == 46:
            labels += 1
            longest = max(longest, size)
            size = 0
            run = 0
            second, last = last, i + 1
            continue
        size += 1
        vowel = b == 97 or b == 101 or b == 105 or b == 111 or b == 117 or b == 121
        letter = 97 <= b <= 122
        digits += 48 <= b <= 57
        hyphens += b == 45
        vowels += vowel
        letters += letter
        run = run + 1 if letter and not vowel else 0
        longest_run = max(longest_run, run)
    longest = max(longest, size)
    puny = 0
    for i in range(begin, end - 3):
        puny |= t[i] == 120 and t[i + 1] == 110 and t[i + 2] == 45 and t[i + 3] == 45
    ip = letters == 0 and labels == 4 and digits > 3
    facts = (
        min(labels, 6), min(longest // 3, 9), min(longest_run, 6), min(digits, 5), min(hyphens, 4),
        (10 * vowels) // max(letters, 1), min((end - begin) // 5, 9), 2 * (begin > 0) + (end < host_end), puny + 2 * ip,
    )  # fmt: skip
    for f in range(len(facts)):
        out[k] = _place(np.uint64(1000 * (f + 1) + facts[f]) * _PRIME, mask)
        k += 1
    for first in (last, second):
        h = np.uint64(91) * _PRIME
        for i in range(first, end):
            h = _step(h, t[i])
        out[k] = _place(h, mask)
        k += 1
    return k


@njit(cache=True, nogil=True)  # pragma: no cover
def text_features(t: Array, n: int, form: int, mask: int, out: Array, value: Array) -> int:
    """Indices int64[MOST] and values float64[MOST] of the lower-case text t[:n] (uint8); how many there are."""
    if form == URL:
        n = strip_scheme(t, n)
        host = _end_of(t, 0, n, False)
        path = _end_of(t, host, n, True)
        k = _ngrams(t, 0, host, 2, mask, out[: MOST - 16], 0)
        k = _ngrams(t, host, path, 3, mask, out[: MOST - 16], k)
        k = _ngrams(t, path, n, 4, mask, out[: MOST - 16], k)
    else:
        k = _ngrams(t, 0, n, 1, mask, out[: MOST - 16], 0)
    k = _words(t, n, mask, out[: MOST - 16], k)
    value[:k] = 1.0 / np.sqrt(max(k, 1))
    if form == URL:
        plain = k
        k = _shape(t, host, mask, out, k)
        value[plain:k] = SHAPE_WEIGHT / np.sqrt(k - plain)
    return k


@njit(cache=True, nogil=True)  # pragma: no cover
def run_texts(
    data: Array, start: Array, length: Array, target: Array, weight: Array, groups: Array,
    form: int, rate: float, w: Array, square: Array, bias: Array, out: Array,
) -> None:  # fmt: skip
    """Score each text, then learn those with a target.

    data uint8; start int64[n], length int32[n] (-1: no text, NaN); target float64[n] in [0, 1] or NaN; weight
    float64[n]; groups int32[n]; w, square float32[G, 2**bits] (weights, sums of squared gradients); bias float64[G, 2];
    out float64[n] gets probabilities.
    """
    place, value = np.empty(MOST, np.int64), np.empty(MOST)
    text = np.empty(LONGEST, np.uint8)
    mask = np.uint64(w.shape[1] - 1)
    for i in range(len(start)):
        if length[i] < 0:
            out[i] = np.nan
            continue
        g = groups[i]
        k = text_features(text, lowered(data, start[i], length[i], text), form, mask, place, value)
        z = bias[g, 0]
        for j in range(k):
            z += w[g, place[j]] * value[j]
        p = 1.0 / (1.0 + np.exp(-min(max(z, -30.0), 30.0)))
        out[i] = p
        if np.isnan(target[i]) or weight[i] <= 0.0:
            continue
        error = (p - target[i]) * weight[i]
        bias[g, 1] += error * error
        bias[g, 0] -= rate * error / np.sqrt(bias[g, 1])
        for j in range(k):
            gradient = error * value[j]
            square[g, place[j]] += np.float32(gradient * gradient)
            w[g, place[j]] -= np.float32(rate * gradient / np.sqrt(square[g, place[j]]))
