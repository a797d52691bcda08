"""HL7 version 2 over MLLP: which kinds of messages are exchanged, and how many; never whom they are about."""

import re
from collections import Counter
from collections.abc import Iterator

from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

BEGIN = re.compile(rb"\x0b(?:MSH|FHS|BHS)(.)")
_HEAD, _MOST_KINDS = 1_024, 64
_SIGNS = 4
"""Where the sign between parts of a field stands; the one between fields is before it."""
_KIND = re.compile(r"[A-Z0-9]{2,3}(?:\^[A-Z0-9]{3})?")


class Messages:
    """Of one connection: the software of both ends when they name it, a row for each kind of message when it is over.
    Only a message's first segment is looked at, and of that what sends it and of what kind it is."""

    service = "hl7"

    def __init__(self) -> None:
        self._heads: dict[bool, bytes] = {True: b"", False: b""}
        self._kinds: Counter[str] = Counter()
        self._named: set[tuple[bool, str]] = set()
        self._began = 0.0

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """The software that sends."""
        self._began = self._began or ts
        _, *parts = (self._heads[mine] + payload).split(b"\x0b")
        self._heads[mine] = b""
        for left, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
            head, ended, _ = part[:_HEAD].partition(b"\r")
            if not (left or ended or len(part) >= _HEAD):
                self._heads[mine] = b"\x0b" + head
            elif head[:3] in (b"MSH", b"FHS", b"BHS") and len(head) > _SIGNS:
                yield from self._told(ts, head.decode("latin-1"), mine=mine)

    def miss(self, size: int, *, mine: bool) -> None:
        """The next message begins anew."""
        self._heads[mine] = b""

    def end(self) -> Iterator[Row]:
        """How many of each kind."""
        for kind, count in self._kinds.items():
            yield "hl7", {"ts": self._began, "message_type": kind, "messages": count}

    def _told(self, ts: float, head: str, *, mine: bool) -> Iterator[Row]:
        fields = head.split(head[3:4])
        components = fields[8].split(head[4:5]) if len(fields) > 8 else []
        kind = _KIND.fullmatch("^".join(components[:2]))
        if kind and (kind[0] in self._kinds or len(self._kinds) < _MOST_KINDS):
            self._kinds[kind[0]] += 1
        sender = (fields[2] if len(fields) > 2 else "").split(head[4:5])[0]
        if sender and (mine, sender) not in self._named and len(self._named) < _MOST_KINDS:
            self._named.add((mine, sender))
            row = shown(ts, sender, "HL7", by_server=not mine)
            if row:
                yield row
