"""A partition's state as pages, of which only those are copied that its base does not hold."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from xxhash import xxh3_128_digest

PAGE_BYTES = 64 << 10
"""A page is what is compared and copied; smaller ones cost more calls than they save bytes."""
BLOCK_BYTES = 1 << 20
"""A block of pages is what is compressed at once."""
_SPARE_BLOCKS = 128

Arrays = Mapping[str, Mapping[str, np.ndarray]]
"""Part (detector, `alerts`) → name → array."""


@dataclass(frozen=True, slots=True)
class Base:
    """The whole checkpoint that differences refer to: where it is, and what pages it holds."""

    name: str
    mac: bytes
    prints: Mapping[bytes, int]
    """Fingerprint → number of the page."""
    stored_bytes: int


class Blocks:
    """Memory for copied pages, used again: fresh memory costs more page faults than the copying itself."""

    def __init__(self) -> None:
        self._spare: deque[np.ndarray] = deque(maxlen=_SPARE_BLOCKS)

    def take(self) -> np.ndarray:
        """uint8[BLOCK_BYTES] with any content."""
        try:
            return self._spare.pop()
        except IndexError:
            return np.empty(BLOCK_BYTES, np.uint8)

    def give(self, blocks: list[np.ndarray]) -> None:
        """Back for the next snapshot; from any thread."""
        self._spare.extend(blocks)


@dataclass(slots=True)
class Snapshot:
    """State after every event below `next_offset` of a partition, taken group by group while nothing changes it.

    Arrays are cut into pages of PAGE_BYTES. A page that the base or this snapshot already holds, by its 128-bit XXH3
    fingerprint, is referred to; any other is copied. The fingerprint's seed is a secret of the process, so that
    nobody can prepare events whose pages collide; by chance two of 10^9 pages do with probability 10^-21.
    """

    topic: str
    partition: int
    next_offset: int
    identity: str
    base: Base | None
    seed: int
    memory: Blocks
    groups: list[tuple[str, list[str]]] = field(default_factory=list)
    arrays: list[tuple[str, str, str, str, list[int]]] = field(default_factory=list)
    """Group, part, name, dtype, shape."""
    pages: list[int] = field(default_factory=list)
    """For each page of each array in order, the number of the page that holds its bytes: the base's, then own ones."""
    lengths: list[int] = field(default_factory=list)
    """Bytes of the own pages."""
    prints: dict[bytes, int] = field(default_factory=dict)
    blocks: list[np.ndarray] = field(default_factory=list)
    filled: list[int] = field(default_factory=list)
    """Bytes used of each block."""

    def add(self, group: str, state: Arrays) -> None:
        """One key group's arrays; they may be changed or dropped afterwards."""
        self.groups.append((group, list(state)))
        for part, named in state.items():
            for name, value in named.items():
                self.arrays.append((group, part, name, value.dtype.str, list(value.shape)))
                if 0 < value.nbytes <= PAGE_BYTES and value.flags.c_contiguous:
                    self._keep(value)  # nearly all, and half the calls
                elif value.size:
                    self._cut(np.ascontiguousarray(value).reshape(-1).view(np.uint8))

    @property
    def stored_bytes(self) -> int:
        """Bytes of the pages that were copied, before compression."""
        return sum(self.filled)

    def release(self) -> None:
        """Give the memory of the copied pages back."""
        self.memory.give(self.blocks)
        self.blocks = []

    def _cut(self, flat: np.ndarray) -> None:
        for at in range(0, len(flat), PAGE_BYTES):
            self._keep(flat[at : at + PAGE_BYTES])

    def _keep(self, page: np.ndarray) -> None:
        """One page, contiguous and of any shape."""
        fingerprint = xxh3_128_digest(page.data, self.seed)
        number = self.base.prints.get(fingerprint) if self.base else None
        if number is None:
            number = self.prints.get(fingerprint)
        if number is None:
            number = self.prints[fingerprint] = (len(self.base.prints) if self.base else 0) + len(self.prints)
            self._copy(page.reshape(-1).view(np.uint8).data)
        self.pages.append(number)

    def _copy(self, page: memoryview) -> None:
        size = len(page)
        if not self.blocks or self.filled[-1] + size > BLOCK_BYTES:
            self.blocks.append(self.memory.take())
            self.filled.append(0)
        at = self.filled[-1]
        self.blocks[-1][at : at + size] = page
        self.filled[-1] = at + size
        self.lengths.append(size)
