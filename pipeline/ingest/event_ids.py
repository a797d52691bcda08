"""Gives records their event ids: the same whenever they are read, and never one id for two records.

An id is the hash of the record. Two things that happen in the same second may leave two identical lines, and by
their ids one would look like a copy of the other; so the second of identical records has its number in its id.
"""

import hashlib
from typing import Any

from pipeline.ingest.format import Item

KEPT_IDS = 65_536
"""Ids remembered of one input; identical records that are no copies stand close together. About 120 bytes each."""
TOTAL_IDS = 1_048_576
"""Ids remembered of all inputs together."""


def kept_ids(inputs: int) -> int:
    """How many ids each of so many inputs that are read at the same time remembers."""
    return max(1024, min(KEPT_IDS, TOTAL_IDS // max(1, inputs)))


def event_id(format: str, raw: bytes, part: int, number: int = 0) -> str:
    """20 hex characters for event `part` of a record; `number` counts the identical records before it."""
    salt = number.to_bytes(8, "big") if number else b""
    digest = hashlib.blake2b(raw, digest_size=10, key=format.encode()[:64], salt=salt)
    if part:
        digest.update(b"\x00%d" % part)
    return digest.hexdigest()


class EventIds:
    """The ids of one input, asked for in the order of its records.

    Remembers the last `kept / 2` to `kept` distinct records (two generations of half of them). What is read again
    from its start gives the same ids again.
    """

    def __init__(self, kept: int = KEPT_IDS) -> None:
        """`kept` at least 2."""
        self._half = kept // 2
        self._young: dict[str, int] = {}
        self._old: dict[str, int] = {}
        self._carried: dict[str, int] = {}
        self._newest: list[str] = []
        self._ts: Any = None

    def of(self, item: Item) -> str:
        """The id of the next record's event. One that has an id of its own is not counted."""
        format = str(item.fields.get("format") or "unknown")
        first = event_id(format, item.raw, item.part)
        number = 0 if item.identified else self._count(first, item.fields.get("ts"))
        return event_id(format, item.raw, item.part, number) if number else first

    def _count(self, first: str, ts: Any) -> int:
        if ts != self._ts:
            self._ts = ts
            self._newest = []
            self._carried = {}
        number = self._number(first)
        if len(self._young) >= self._half and first not in self._young:
            self._old, self._young = self._young, {}
        self._young[first] = number + 1
        if not number and len(self._newest) < self._half:
            self._newest.append(first)
        return number

    def _number(self, first: str) -> int:
        """How many identical records there were."""
        number = self._young.get(first)
        if number is None:
            number = self._old.get(first) or self._carried.get(first, 0)
        return number

    def next_file(self) -> None:
        """The input goes on in another file after a rotation.

        Identical lines of one second may stand on both sides, so that second is counted on; anything else begins
        anew: a file that was only written again holds the same records, and they get the same ids.
        """
        self._carried = {first: self._number(first) for first in self._newest}
        self._young, self._old = {}, {}
