"""Random draws from a named seed: every activity has its own stream, so that adding one moves no other."""

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from math import exp
from typing import Generic, TypeVar

T = TypeVar("T")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_UID_LETTERS = random.Random("uid").choices(_ALPHABET, k=4 * 4096)
_UID_PARTS = ["".join(_UID_LETTERS[i : i + 4]) for i in range(0, 4 * 4096, 4)]


class Draws:
    """Scalar draws, cheap enough to be made several times an event (about 0.1 µs each)."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.random = self.rng.random

    def uid(self) -> str:
        """A connection id of Zeek's form: C and 17 letters or digits."""
        r = self.rng.getrandbits(48)
        p = _UID_PARTS
        tail = _ALPHABET[r % 62]
        return f"C{p[r & 4095]}{p[r >> 12 & 4095]}{p[r >> 24 & 4095]}{p[r >> 36]}{tail}"

    def port(self) -> int:
        """An ephemeral port."""
        return 49152 + int(self.random() * 16384)

    def pick(self, items: Sequence[T]) -> T:
        """One of a non-empty sequence, each as likely."""
        return items[int(self.random() * len(items))]

    def chance(self, p: float) -> bool:
        """True with probability p."""
        return self.random() < p

    def between(self, low: float, high: float) -> float:
        """Uniform in [low, high)."""
        return low + (high - low) * self.random()

    def whole(self, low: int, high: int) -> int:
        """Uniform whole number in [low, high]."""
        return low + int(self.random() * (high - low + 1))

    def lognormal(self, median: float, sigma: float) -> float:
        """Heavy-tailed positive number around a median."""
        return median * exp(sigma * self.rng.gauss(0.0, 1.0))

    def size(self, median: float, sigma: float) -> int:
        """Heavy-tailed count of bytes."""
        return int(median * exp(sigma * self.rng.gauss(0.0, 1.0)))

    def hex(self, digits: int) -> str:
        """Random lower-case hexadecimal text."""
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def word(self, alphabet: str, length: int) -> str:
        """Random text over an alphabet."""
        return "".join(self.rng.choices(alphabet, k=length))


class Weighted(Generic[T]):
    """Items with weights; one is drawn in O(log n)."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        self.items = items
        self._bounds = list(accumulate(weights))

    def pick(self, draws: Draws) -> T:
        """One item, with probability in proportion to its weight."""
        bounds = self._bounds
        return self.items[min(bisect(bounds, draws.random() * bounds[-1]), len(bounds) - 1)]


def zipf(n: int, s: float = 1.1) -> list[float]:
    """Weights of Zipf's law for n ranks: popularity of sites, shares and patients."""
    return [1.0 / (rank + 1) ** s for rank in range(n)]
