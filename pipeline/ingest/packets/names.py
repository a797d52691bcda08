"""Questions for names and their answers, as rows of Zeek's dns.log; also those that neighbours are asked (RFC 4795,
6762, and 1002 of NetBIOS)."""

import socket
import struct
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.announcements import announced
from pipeline.ingest.packets.name_message import NameMessage, Record, name_at, name_message, texts_of
from pipeline.ingest.packets.packet import BrokenError, Row

_MOST_OPEN = 256
_TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA",
    33: "SRV",
    35: "NAPTR", 41: "OPT", 43: "DS", 46: "RRSIG", 48: "DNSKEY", 64: "SVCB", 65: "HTTPS",
    99: "SPF", 252: "AXFR", 255: "*",
}  # fmt: skip
_A, _AAAA, _TXT, _NB = 1, 28, 16, 32
_NAME_BEHIND = {2: 0, 5: 0, 12: 0, 15: 2, 33: 6}
"""Types that tell a name, and how many bytes of other things stand before it."""
_OF_NETBIOS = {_NB: "NB", 33: "NBSTAT"}
_GROUP, _NIBBLES, _CUT_NAME = 0x80, frozenset("abcdefghijklmnop"), 15
"""Flag of a name that many machines share; what names are written in (RFC 1001, 14.1), and how long they are."""
_CODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")


class Names:
    """Of one connection; at most 256 questions that wait for their answer."""

    service = "dns"

    def __init__(self, *, stream: bool, netbios: bool = False, multicast: bool = False) -> None:
        """netbios, multicast: of neighbours, RFC 1002 or RFC 6762, in which machines say what they are."""
        self._stream, self._netbios, self._multicast = stream, netbios, multicast
        """TCP: messages have their length in front."""
        self._rest: dict[bool, bytes] = {True: b"", False: b""}
        self._asked: OrderedDict[tuple[int, str, str], float] = OrderedDict()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each question that is answered now, or that there is no room for any more."""
        for message in self._cut(payload, mine=mine) if self._stream else (payload,):
            try:
                found = name_message(message)
            except (BrokenError, struct.error):
                continue  # no DNS on its port, or cut short: the flow still counts
            for asked_for, number in found.asked:
                name, kind = asked_for.lower(), _TYPES.get(number, f"TYPE{number}")
                if self._netbios:
                    name, kind = _plain(name), _OF_NETBIOS.get(number, kind)
                key = (found.id, name, kind)
                if found.answers:
                    asked = self._asked.pop(key, None)
                    yield "dns", _row(ts, name, kind, asked, message, found, found.told)
                else:
                    self._asked[key] = ts
            if self._multicast and found.answers:
                yield from announced(ts, found.told, mine=mine)
            for name, told in _unasked(found, netbios=self._netbios).items():
                kind = _TYPES.get(told[0].type, "NB")
                asked = self._asked.pop((found.id, name, kind), None)
                yield "dns", _row(ts, name, kind, asked, message, found, told)
            while len(self._asked) > _MOST_OPEN:
                (_, name, kind), asked = self._asked.popitem(last=False)
                yield "dns", {"ts": asked, "query": name, "qtype_name": kind}

    def miss(self, size: int, *, mine: bool) -> None:
        """The next piece is taken for the begin of a message."""
        self._rest[mine] = b""

    def end(self) -> Iterator[Row]:
        """Questions that nobody answered."""
        for (_, name, kind), ts in self._asked.items():
            yield "dns", {"ts": ts, "query": name, "qtype_name": kind}
        self._asked.clear()

    def _cut(self, payload: bytes, *, mine: bool) -> Iterator[bytes]:
        rest, at = self._rest[mine] + payload, 0
        while len(rest) - at >= 2 and (end := at + 2 + int.from_bytes(rest[at : at + 2], "big")) <= len(rest):
            yield rest[at + 2 : end]
            at = end
        self._rest[mine] = rest[at : at + 65_537]


def _unasked(found: NameMessage, *, netbios: bool) -> dict[str, list[Record]]:
    """Addresses that a machine tells of names without repeating a question, by name."""
    told: dict[str, list[Record]] = {}
    for record in found.told if found.answers and not found.asked else ():
        if netbios and record.type == _NB:
            told.setdefault(_plain(record.name.lower()), []).append(record)
        elif not netbios and record.type in (_A, _AAAA):
            told.setdefault(record.name.lower(), []).append(record)
    return told


def _plain(name: str) -> str:
    """A name of NetBIOS as people write it, without the sign that says what it is of; another one as it is.

    >>> _plain("fhfaebeecacacacacacacacacacacaaa")
    'wpad'
    """
    first = name.partition(".")[0]
    if len(first) != 32 or not set(first) <= _NIBBLES:
        return name
    said = bytes((ord(high) - 97) << 4 | ord(low) - 97 for high, low in zip(first[::2], first[1::2], strict=True))
    return said[:_CUT_NAME].decode("latin-1").rstrip(" \0").lower()


def _row(
    ts: float, name: str, kind: str, asked: float | None, message: bytes, found: NameMessage, told: list[Record]
) -> dict[str, Any]:
    answers = [text for record in told if (text := _text(record, message))]
    return {
        "ts": ts if asked is None else asked,
        "query": name,
        "qtype_name": kind,
        "rcode_name": _CODES[found.code] if found.code < len(_CODES) else f"RCODE{found.code}",
        "answers": answers or None,
        "rtt": None if asked is None else max(ts - asked, 0.0),
    }


def _text(record: Record, message: bytes) -> str:
    """What a record says: an address, a name, a text."""
    data = record.data
    if record.type == _A and len(data) == 4:
        return socket.inet_ntop(socket.AF_INET, data)
    if record.type == _AAAA and len(data) == 16:
        return socket.inet_ntop(socket.AF_INET6, data)
    if record.type == _NB and len(data) >= 6:
        return "" if data[0] & _GROUP else socket.inet_ntop(socket.AF_INET, data[2:6])
    if record.type in _NAME_BEHIND:
        try:
            return name_at(message, record.at + _NAME_BEHIND[record.type])[0]
        except BrokenError:
            return ""
    if record.type == _TXT:
        return "TXT " + " ".join(texts_of(data))
    return ""
