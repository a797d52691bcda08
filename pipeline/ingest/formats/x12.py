"""X12 837: professional, institutional and dental claims (005010 and 004010)."""

import re
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.x12.segments import segments, separators
from pipeline.ingest.x12.transactions import Transactions

_ISA = re.compile(rb"ISA(?=[^A-Za-z0-9\s])")
# A transaction set header of the sets that hospitals and payers exchange.
_SET = re.compile(rb"(?:\A|[^A-Za-z0-9])ST([^A-Za-z0-9\s])(?:837|835|834|820|27[0-8]|27[57]|99[79]|824)\1")


class X12(Format):
    """One event per claim (CLM) with its lines; acknowledgements, remittances and the like are refused by
    name.

    Any number of interchanges, each with its own separators, line ends between segments or not.
    """

    id: ClassVar[str] = "x12"
    title: ClassVar[str] = "X12 837 claims"
    ends_with_returns: ClassVar[bool] = True

    def sniff(self, head: bytes, name: str) -> float:
        start = _ISA.search(head)
        if start and separators(head[start.start() :]):
            return 0.98 if not head[: start.start()].strip() else 0.8
        return 0.7 if _SET.search(head) else 0.0

    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        walk = Transactions()
        for segment in segments(stream):
            yield from walk.feed(segment)
        yield from walk.finish()
