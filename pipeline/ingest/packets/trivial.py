"""Files fetched and put over TFTP (RFC 1350), which has no log-on: devices get their programs and settings so."""

import re
from collections.abc import Iterator

from pipeline.ingest.packets.packet import Row

_ASKED = re.compile(rb"\x00([\x01\x02])([^\x00]{1,255})\x00([A-Za-z]{4,8})\x00", re.DOTALL)
_MOST_TOLD = 64


class TrivialFiles:
    """Of one conversation: each file that is asked for once; what is in it comes over other ports."""

    service = "tftp"

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A file that is asked for."""
        found = _ASKED.match(payload)
        if found and found[0] not in self._seen and len(self._seen) < _MOST_TOLD:
            self._seen.add(found[0])
            name = found[2].decode("utf-8", "replace")
            yield "tftp", {"ts": ts, "wrq": found[1] == b"\x02", "fname": name, "mode": found[3].decode().lower()}

    def miss(self, size: int, *, mine: bool) -> None:
        """Datagrams stand for themselves."""

    def end(self) -> Iterator[Row]:
        """Nothing waits."""
        return iter(())
