"""How the parameters of a site usually look: characters in threes, counted online, letters and digits as classes."""

from typing import Any

import numba as nb
import numpy as np

from pipeline.features.hashing import mix64
from pipeline.models.base import GroupState

TRIPLES, PAIRS = 32_768, 8192  # hashed counts per key group: sites of a group share them
SYMBOLS = 64
USUAL_NATS = 3.0  # surprise of one character that is no news
SCALE = 12.0  # nats beyond the usual that make a request odd (score 0.63)
ENOUGH = 300.0  # values before a site has a usual look
LONGEST = 512


def _classes() -> np.ndarray:
    """uint8[256]: letters 1, digits 2, bytes beyond ASCII 3, each other printable its own number."""
    table = np.full(256, 4, np.uint8)
    for k, byte in enumerate(b" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"):
        table[byte] = 5 + k
    for low, high, number in ((48, 58, 2), (65, 91, 1), (97, 123, 1), (128, 256, 3)):
        table[low:high] = number
    return table


CLASSES = _classes()


class WebModel(GroupState):
    """Hashed counts of character triples per site; 170 KB a key group. `arrays()` are live."""

    def __init__(self, groups: int) -> None:
        self.groups = groups
        self._build((1,))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, np.ndarray]:
        return {
            "triples": np.zeros(TRIPLES, np.float32), "pairs": np.zeros(PAIRS, np.float32),
            "singles": np.zeros(SYMBOLS, np.float32), "values": np.zeros(1),
        }  # fmt: skip

    def _identity(self) -> tuple[Any, ...]:
        return (TRIPLES, PAIRS)

    def arrays(self) -> dict[str, np.ndarray]:
        """The live arrays by name; kernels write into them."""
        return self._state


@nb.njit(cache=True, nogil=True)
def _walk(text, begin, end, site, triples, pairs, singles, total, learn):  # type: ignore[no-untyped-def]
    """Nats beyond the usual in text[begin:end]; counts it where `learn`. Letters in a row count once."""
    beyond, a, b, last = 0.0, np.uint64(0), np.uint64(0), np.uint64(0)
    for j in range(begin, min(end, begin + LONGEST) + 1):
        c = np.uint64(0) if j == min(end, begin + LONGEST) else np.uint64(CLASSES[text[j]])
        if c == last and 1 <= c <= 3 and j > begin + 1:
            continue
        last = c
        pair = (site ^ (a * np.uint64(SYMBOLS) + b)) * np.uint64(0x9E3779B97F4A7C15)
        here = np.int64(mix64(pair) % np.uint64(PAIRS))
        triple = np.int64(mix64(pair + c + np.uint64(1)) % np.uint64(TRIPLES))
        if learn:
            pairs[here] += 1.0
            triples[triple] += 1.0
            singles[c] += 1.0
        else:
            alone = (singles[c] + 0.1) / (total + 6.4)
            p = (triples[triple] + 0.5 * alone) / (pairs[here] + 0.5)
            beyond += max(-np.log(max(min(p, 1.0), 1e-6)) - USUAL_NATS, 0.0)
        a, b = b, c
    return beyond


@nb.njit(cache=True, nogil=True)
def oddness(texts, start, length, site, groups, known_bad, triples, pairs, singles, values):  # type: ignore[no-untyped-def]
    """float64[m]: how odd the parameters of each request are, 0 … 1, 0 while the site is unknown.

    What follows the first `?` is taken value by value (split at `&`, name left out). A request that is odd (0.5), or
    known to be bad (bool[m]), is not learned.
    """
    out = np.zeros(len(start))
    for i in range(len(start)):
        g, end = groups[i], start[i] + length[i]
        at = start[i]
        while at < end and texts[at] != 63:
            at += 1
        if at >= end:
            continue
        total = float(singles[g].sum())
        most = 0.0
        for learn in range(2):
            if learn == 1 and (known_bad[i] or out[i] >= 0.5):
                break
            j = at + 1
            while j < end:
                stop = j
                while stop < end and texts[stop] != 38:
                    stop += 1
                value = j
                while value < stop and texts[value] != 61:
                    value += 1
                value = j if value == stop else value + 1
                beyond = _walk(texts, value, stop, site[i], triples[g], pairs[g], singles[g], total, learn == 1)
                most = max(most, beyond)
                values[g, 0] += learn
                j = stop + 1
            if learn == 0 and values[g, 0] >= ENOUGH:
                out[i] = 1.0 - np.exp(-most / SCALE)
    return out
