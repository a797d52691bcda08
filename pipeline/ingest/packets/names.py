"""Questions for names and their answers, as rows of Zeek's dns.log."""

import socket
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import dpkt
from dpkt.dns import DNS

from pipeline.ingest.packets.packet import Row

_MOST_OPEN = 256
_MOST_ANSWERS = 32
_TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA",
    33: "SRV",
    35: "NAPTR", 41: "OPT", 43: "DS", 46: "RRSIG", 48: "DNSKEY", 64: "SVCB", 65: "HTTPS",
    99: "SPF", 252: "AXFR", 255: "*",
}  # fmt: skip
_CODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")


class Names:
    """Of one connection; at most 256 questions that wait for their answer."""

    service = "dns"

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream
        """TCP: messages have their length in front."""
        self._rest: dict[bool, bytes] = {True: b"", False: b""}
        self._asked: OrderedDict[tuple[int, str], tuple[float, str]] = OrderedDict()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each question that is answered now, or that there is no room for any more."""
        for message in self._cut(payload, mine=mine) if self._stream else (payload,):
            try:
                found = DNS(message)
            except (dpkt.Error, ValueError, IndexError, TypeError):
                continue  # no DNS on its port, or cut short: the flow still counts
            for question in found.qd[:4]:
                name = question.name.lower()
                key = (found.id, name)
                kind = _TYPES.get(question.type, f"TYPE{question.type}")
                if found.qr:
                    asked, _ = self._asked.pop(key, (None, ""))
                    yield "dns", _row(ts, name, kind, asked, found)
                else:
                    self._asked[key] = (ts, kind)
            for name, answers in _unasked(found).items() if found.qr and not found.qd else ():
                yield "dns", _row(ts, name, _TYPES[answers[0].type], None, found, answers)
            while len(self._asked) > _MOST_OPEN:
                (_, name), (asked, kind) = self._asked.popitem(last=False)
                yield "dns", {"ts": asked, "query": name, "qtype_name": kind}

    def miss(self, size: int, *, mine: bool) -> None:
        """The next piece is taken for the begin of a message."""
        self._rest[mine] = b""

    def end(self) -> Iterator[Row]:
        """Questions that nobody answered."""
        for (_, name), (ts, kind) in self._asked.items():
            yield "dns", {"ts": ts, "query": name, "qtype_name": kind}
        self._asked.clear()

    def _cut(self, payload: bytes, *, mine: bool) -> Iterator[bytes]:
        rest, at = self._rest[mine] + payload, 0
        while len(rest) - at >= 2 and (end := at + 2 + int.from_bytes(rest[at : at + 2], "big")) <= len(rest):
            yield rest[at + 2 : end]
            at = end
        self._rest[mine] = rest[at : at + 65_537]


def _unasked(found: DNS) -> dict[str, list[Any]]:
    """Addresses that a machine tells of names without a question, by name (RFC 6762)."""
    told: dict[str, list[Any]] = {}
    for answer in found.an[:_MOST_ANSWERS]:
        if answer.type in (dpkt.dns.DNS_A, dpkt.dns.DNS_AAAA):
            told.setdefault(answer.name.lower(), []).append(answer)
    return told


def _row(
    ts: float, name: str, kind: str, asked: float | None, found: DNS, said: list[Any] | None = None
) -> dict[str, Any]:
    answers = [text for text in map(_text, said or found.an[:_MOST_ANSWERS]) if text]
    code = found.rcode
    return {
        "ts": ts if asked is None else asked,
        "query": name,
        "qtype_name": kind,
        "rcode_name": _CODES[code] if code < len(_CODES) else f"RCODE{code}",
        "answers": answers or None,
        "rtt": None if asked is None else max(ts - asked, 0.0),
    }


def _text(answer: Any) -> str:
    """What an answer says: an address, a name, a text."""
    if answer.type == dpkt.dns.DNS_A and len(answer.rdata) == 4:
        return socket.inet_ntop(socket.AF_INET, answer.rdata)
    if answer.type == dpkt.dns.DNS_AAAA and len(answer.rdata) == 16:
        return socket.inet_ntop(socket.AF_INET6, answer.rdata)
    for field in ("cname", "ptrname", "nsname", "mxname", "srvname"):
        if isinstance(value := getattr(answer, field, None), str):
            return value
    if answer.type == dpkt.dns.DNS_TXT:
        return "TXT " + " ".join(str(text) for text in getattr(answer, "text", []))
    return ""
