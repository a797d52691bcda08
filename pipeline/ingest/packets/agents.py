"""SNMP: what is asked of a machine, and what it says of itself. Communities are passwords, and are not kept."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.ber import values
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

_SEQUENCE, _INTEGER, _TEXT, _OID = 0x30, 0x02, 0x04, 0x06
_PDUS = {0xA0: "get_requests", 0xA1: "get_requests", 0xA2: "get_responses", 0xA3: "set_requests",
         0xA5: "get_bulk_requests"}  # fmt: skip
_DESCRIPTION = bytes((43, 6, 1, 2, 1, 1, 1, 0))
"""sysDescr.0 (RFC 3418)."""
_VERSIONS = {0: "1", 1: "2c", 3: "3"}


class Agents:
    """Of one conversation: a row of Zeek's snmp.log when it is over, and the machine's own description at once."""

    service = "snmp"

    def __init__(self) -> None:
        self._row: dict[str, Any] = {}
        self._counts: Counter[str] = Counter()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """What the machine says it is."""
        message = values(payload)
        parts = values(message[0][1]) if message and message[0][0] == _SEQUENCE else []
        if len(parts) < 3 or parts[0][0] != _INTEGER or not parts[0][1]:
            return
        version = _VERSIONS.get(parts[0][1][-1])
        if version is None:
            return
        self._row.setdefault("ts", ts)
        self._row["version"] = version
        kind, pdu = parts[2]
        if kind not in _PDUS or parts[1][0] != _TEXT:
            return  # of version 3, whose content may be sealed
        self._counts[_PDUS[kind]] += 1
        bound = values(pdu)
        for _, pair in values(bound[3][1]) if len(bound) == 4 and _PDUS[kind] == "get_responses" else ():
            both = values(pair)
            if len(both) == 2 and both[0] == (_OID, _DESCRIPTION) and both[1][0] == _TEXT:
                said = both[1][1].decode("utf-8", "replace")
                self._row["display_string"] = said[:256]
                row = shown(ts, said, "SNMP", by_server=not mine)
                if row:
                    yield row

    def miss(self, size: int, *, mine: bool) -> None:
        """Each datagram stands for itself."""

    def end(self) -> Iterator[Row]:
        """The conversation."""
        if self._row:
            yield "snmp", self._row | dict(self._counts)
