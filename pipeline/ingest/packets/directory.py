"""What is asked of a directory over LDAP (RFC 4511): log-ons, changes and searches, as rows of Zeek's ldap.log and
ldap_search.log. Passwords and what attributes hold are not kept."""

import re
from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from pipeline.ingest.packets.ber import head, number, pieces
from pipeline.ingest.packets.clear import Clear
from pipeline.ingest.packets.directory_filter import filter_text
from pipeline.ingest.packets.framing import Framing
from pipeline.ingest.packets.logon import MARK, Logon
from pipeline.ingest.packets.packet import Row

_HEAD, _MOST = 6, 65_536
_MESSAGE, _WRAPPED, _SIGNED, _LONGEST_WRAP = 0x30, 0x00, 96, 1 << 20
"""First bytes of a message and of one in a security layer, whose length stands in front; bytes of a signature, and of
what is sent signed at once."""
_BIND, _SEARCH, _MODIFY, _EXTENDED = 0x60, 0x63, 0x66, 0x77
_ASKED = {_MODIFY: "modify", 0x68: "add", 0x4A: "delete", 0x6C: "modify DN", 0x6E: "compare", _EXTENDED: "extended"}
_ENTRY, _SEARCHED = 0x64, 0x65
_ANSWERS = frozenset((0x61, _SEARCHED, 0x67, 0x69, 0x6B, 0x6D, 0x6F, 0x78))
_MECHANISM = re.compile(rb"[A-Z0-9_-]{1,20}")
"""A name of SASL (RFC 4422)."""
_SIMPLE, _SASL, _GOES_ON = 0x80, 0xA3, 14
_SCOPES, _DEREFERENCED = ("base", "single", "tree"), ("never", "in searching", "finding", "always")
_CHANGES = ("add", "delete", "replace", "increment")
_RESULTS = {
    0: "success", 1: "operations error", 2: "protocol error", 3: "time limit exceeded", 4: "size limit exceeded",
    7: "authentication method not supported", 8: "stronger authentication required", 10: "referral",
    14: "SASL bind in progress", 16: "no such attribute", 32: "no such object", 34: "invalid DN syntax",
    48: "inappropriate authentication", 49: "invalid credentials", 50: "insufficient access rights", 51: "busy",
    52: "unavailable", 53: "unwilling to perform", 65: "object class violation", 68: "entry already exists",
}  # fmt: skip
"""As Zeek writes them (RFC 4511, 4.1.9)."""
_CODE = (b"javacodebase", b"javafactory", b"javaserializeddata", b"javaremotelocation")
"""Attributes by which a directory has its reader run code (RFC 2713)."""
_LONGEST, _MOST_WAIT, _MOST_TOLD = 512, 64, 64


def _size(data: bytes, at: int) -> int:
    if data[at] == _WRAPPED:
        size = 4 + int.from_bytes(data[at : at + 4], "big")
        return size if size <= _LONGEST_WRAP else 0
    begin, end = head(data, at) if data[at] == _MESSAGE else (0, 0)
    return end - at if begin else 0


def _messages(said: bytes) -> list[bytes]:
    """What a message says, or those behind a signature (RFC 4121, MS-NLMP); none of what is sealed."""
    at = 0
    if said[0] == _WRAPPED:
        for at in range(4, min(len(said), _SIGNED)):
            begin, end = head(said, at) if said[at] == _MESSAGE else (0, 0)
            if begin and said[begin : begin + 1] == b"\x02" and end <= len(said):
                break
        else:
            return []
    return [content for tag, content in pieces(said[at:]) if tag == _MESSAGE]


class Directory(Clear):
    """Of one connection: each log-on and change with its result, each search the first time that it is made, up to 64;
    also logons by NTLM, which relayed ones are after. What is signed is read, what is sealed passed over."""

    def __init__(self) -> None:
        super().__init__("ldap_tcp")
        self._frames = {mine: Framing(_HEAD, _size, _MOST) for mine in (True, False)}
        self._logon = Logon()
        self._waits: dict[int, dict[str, Any]] = {}
        self._searches: set[tuple[str, ...]] = set()

    @override
    def said(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """Rows of what is answered now."""
        for framed in self._frames[mine].feed(payload):
            for message in _messages(framed):
                said = pieces(message)
                if len(said) < 2 or said[0][0] != 2:
                    continue
                name, (kind, content) = number(said[0][1]), said[1]
                if mine:
                    self._asked(ts, name, kind, content)
                    if len(self._waits) > _MOST_WAIT:  # abandoned, or nobody hears the answers
                        yield _told(self._waits.pop(next(iter(self._waits))))
                elif kind == _ENTRY:
                    self._entry(name, content)
                elif kind in _ANSWERS:
                    yield from self._answer(ts, name, content)

    @override
    def missed(self, size: int, *, mine: bool) -> None:
        """Go on at the next message."""
        self._frames[mine].miss(size)

    @override
    def ended(self) -> Iterator[Row]:
        """What nobody answered."""
        for row in self._waits.values():
            yield _told(row)
        self._waits.clear()

    def _asked(self, ts: float, name: int, kind: int, content: bytes) -> None:
        row: dict[str, Any] = {"ts": ts, "message_id": name}
        parts = pieces(content)
        if kind == _BIND and len(parts) >= 3:
            method, said = parts[2]
            row |= {"version": number(parts[0][1]), "object": _text(parts[1][1])}
            row["opcode"] = {_SIMPLE: "bind simple", _SASL: "bind SASL"}.get(method, "bind")
            mechanism = next(iter(pieces(said)), (0, b"")) if method == _SASL else (0, b"")
            if _MECHANISM.fullmatch(mechanism[1]):  # what stands elsewhere may be the credentials themselves
                row["argument"] = _text(mechanism[1])
            if MARK in said:
                self._logon.hear(said)
        elif kind == _SEARCH and len(parts) >= 7:
            if not self._search(row, parts):
                return
        elif kind in _ASKED:
            row["opcode"] = _ASKED[kind]
            target = content if kind == 0x4A else parts[0][1] if parts else b""
            row["object"] = _text(target)
            if kind == _MODIFY and len(parts) > 1:
                row["argument"] = ",".join(_change(c) for _, c in pieces(parts[1][1])[:16])[:_LONGEST]
        else:
            return
        self._waits[name] = row

    def _search(self, row: dict[str, Any], parts: list[tuple[int, bytes]]) -> bool:
        """Whether it is made for the first time."""
        scope, deref = number(parts[1][1]), number(parts[2][1])
        row["base_object"] = _text(parts[0][1])
        row["scope"] = _SCOPES[scope] if 0 <= scope < 3 else str(scope)
        row["deref_aliases"] = _DEREFERENCED[deref] if 0 <= deref < 4 else str(deref)
        row["filter"] = filter_text(*parts[6])[:_LONGEST]
        row["attributes"] = [_text(a) or "" for _, a in pieces(parts[7][1])[:16]] or None if len(parts) > 7 else None
        row["result_count"] = 0
        key = (row["base_object"] or "", row["scope"], row["filter"])
        if key in self._searches or len(self._searches) >= _MOST_TOLD:
            return False
        self._searches.add(key)
        return True

    def _entry(self, name: int, content: bytes) -> None:
        row = self._waits.get(name)
        if row is None or "result_count" not in row:
            return
        row["result_count"] += 1
        low = content.lower()
        if found := [word.decode() for word in _CODE if word in low]:
            row["code"] = found

    def _answer(self, ts: float, name: int, content: bytes) -> Iterator[Row]:
        if MARK in content:
            self._logon.hear(content)
        row, parts = self._waits.pop(name, None), pieces(content)
        if row is None or len(parts) < 3:
            return
        code = number(parts[0][1])
        result = _RESULTS.get(code, f"result {code}")
        row["result"], row["diagnostic_message"] = result, _text(parts[2][1])
        yield _told(row)
        if row.get("opcode") in ("bind SASL", "bind") and self._logon.waits and code != _GOES_ON:
            error = f"LDAP: {result}" if code else None
            if logon := self._logon.row(ts, success=code == 0, error=error):
                yield logon


def _told(row: dict[str, Any]) -> Row:
    return ("ldap_search" if "result_count" in row else "ldap"), row


def _change(content: bytes) -> str:
    """Which attribute is changed, and how: what it shall hold may be a password."""
    parts = pieces(content)
    if len(parts) < 2:
        return ""
    how, name = number(parts[0][1]), pieces(parts[1][1])
    return f"{_CHANGES[how] if 0 <= how < 4 else how}({_text(name[0][1]) if name else ''})"


def _text(content: bytes) -> str | None:
    return content[:_LONGEST].decode("utf-8", "replace") or None
