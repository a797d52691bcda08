"""Lines of logs on their way (RFC 3164, 5424), for who reads such lines."""

import re
from collections.abc import Iterator

from pipeline.ingest.packets.packet import Row

LINE = "line"
"""Column of the row that holds the line; it goes to the reader of such lines, and no further."""
PRIORITY = re.compile(rb"<\d{1,3}>")


class Syslog:
    """Of one conversation: each datagram by itself."""

    service = "syslog"

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row a line."""
        if PRIORITY.match(payload):
            yield "syslog", {"ts": ts, LINE: payload}

    def miss(self, size: int, *, mine: bool) -> None:
        """Datagrams stand for themselves."""

    def end(self) -> Iterator[Row]:
        """Nothing waits."""
        return iter(())
