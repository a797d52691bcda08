"""Telephones that log on and what they are refused over SIP (RFC 3261), as rows of Zeek's sip.log. Who calls whom is
not told: numbers outside are people's."""

import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown

_HEAD, _MOST_OPEN, _MOST_TOLD = 8_192, 256, 64
_ANSWER = re.compile(r"SIP/2\.0 (\d{3}) ?(.*)")
_REQUEST = re.compile(r"([A-Z]{2,16}) (\S+) SIP/2\.0")
_USER = re.compile(r'username="([^"]{1,128})"', re.IGNORECASE)
_NONCE = re.compile(r'\bnonce="([^"]{1,256})"', re.IGNORECASE)
_STALE = re.compile(r"\bstale=\"?true", re.IGNORECASE)
_OF_WHOM = re.compile(r"sips?:([^@;>\s]{1,128})@")
_SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "l": "content-length"}
_END = re.compile(rb"\r?\n\r?\n")
_LOGON, _NO_ANSWER, _LAST = "REGISTER", "ACK", 200
"""The method by which a telephone says where it is, the one that has no answer; from which status on an answer is the
last."""


class Telephony:
    """Of one conversation: a row of each registration with its answer, of all else each method and answer once; the
    software of both ends."""

    service = "sip"

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream
        """TCP: messages follow each other."""
        self._rest: dict[bool, bytes] = {True: b"", False: b""}
        self._body: dict[bool, int] = {True: 0, False: 0}
        """Bytes to come of one that is passed over."""
        self._asked: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
        self._told: set[tuple[str, int]] = set()
        self._named: set[tuple[bool, str]] = set()
        self._issued: deque[str] = deque(maxlen=_MOST_OPEN)
        """Nonces that were given out here: who answers with an old one is asked again, and was not refused."""

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """Rows of what is answered now."""
        for head in self._heads(payload, mine=mine):
            lines = head.decode("utf-8", "replace").splitlines()
            fields = _fields(lines[1:])
            name = fields.get("user-agent" if "user-agent" in fields else "server", "")
            if name and len(self._named) < _MOST_TOLD and (mine, name) not in self._named:
                self._named.add((mine, name))
                if row := shown(ts, name, "SIP", by_server=not mine):
                    yield row
            key = (fields.get("call-id", "")[:256], fields.get("cseq", "")[:64])
            if asked := _REQUEST.match(lines[0]):
                self._ask(ts, key, asked[1], fields)
            elif answer := _ANSWER.match(lines[0]):
                challenge = fields.get("www-authenticate") or fields.get("proxy-authenticate") or ""
                if nonce := _NONCE.search(challenge):
                    self._issued.append(nonce[1])
                if _STALE.search(challenge) and key in self._asked:
                    self._asked[key]["credentials"] = False
                yield from self._answer(key, int(answer[1]), answer[2])

    def miss(self, size: int, *, mine: bool) -> None:
        """The next message begins anew."""
        self._rest[mine] = b""
        self._body[mine] = max(self._body[mine] - size, 0)

    def end(self) -> Iterator[Row]:
        """Registrations that nobody answered."""
        for row in self._asked.values():
            yield from self._row(row)
        self._asked.clear()

    def _heads(self, payload: bytes, *, mine: bool) -> Iterator[bytes]:
        if not self._stream:
            end = _END.search(payload)
            if head := payload[: min(end.start() if end else _HEAD, _HEAD)].strip():
                yield head
            return
        passed = min(self._body[mine], len(payload))
        self._body[mine] -= passed
        data, at = self._rest[mine] + payload[passed:], 0
        while end := _END.search(data, at := _begin(data, at)):
            head = data[at : end.start()]
            yield head[:_HEAD]
            at = end.end() + _length(head)
        self._body[mine] += max(at - len(data), 0)
        self._rest[mine] = data[at:] if len(data) - at <= _HEAD else b""

    def _ask(self, ts: float, key: tuple[str, str], method: str, fields: dict[str, str]) -> None:
        if method == _NO_ANSWER:
            return
        shown_by = fields.get("authorization") or fields.get("proxy-authorization")
        nonce = _NONCE.search(shown_by or "")
        row: dict[str, Any] = {"ts": ts, "method": method, "credentials": bool(nonce and nonce[1] in self._issued)}
        if method == _LOGON:
            named = _USER.search(shown_by or "") or _OF_WHOM.search(fields.get("to", ""))
            row["user"] = named[1] if named else None
        self._asked.setdefault(key, row)
        if len(self._asked) > _MOST_OPEN:
            self._asked.popitem(last=False)

    def _answer(self, key: tuple[str, str], code: int, text: str) -> Iterator[Row]:
        if code >= _LAST and (row := self._asked.pop(key, None)):
            yield from self._row(row | {"status_code": code, "status_msg": text[:64]})

    def _row(self, row: dict[str, Any]) -> Iterator[Row]:
        if row["method"] != _LOGON:
            key = (row["method"], row.get("status_code", 0))
            if key in self._told or len(self._told) >= _MOST_TOLD:
                return
            self._told.add(key)
        yield "sip", row


def _begin(data: bytes, at: int) -> int:
    """Where what follows empty lines begins."""
    while data[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def _fields(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon:
            found.setdefault(_SHORT.get(name, name), value.strip())
    return found


def _length(head: bytes) -> int:
    text = _fields(head.decode("latin-1").splitlines()).get("content-length", "")
    return int(text) if text.isdecimal() and len(text) < 8 else 0
