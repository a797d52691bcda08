"""Requests and their answers in the clear, as rows of Zeek's http.log."""

import re
from base64 import b64decode
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

from pipeline.ingest.packets.logon import Logon
from pipeline.ingest.packets.packet import Row
from pipeline.ingest.packets.software import shown
from pipeline.ingest.packets.turned import Find, Turned

METHOD = re.compile(rb"(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND|SEARCH|MOVE|COPY|LOCK) \S")
_ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3})")
_HEAD_BYTES = 16_384
_MOST_OPEN = 64
_REFUSALS = (b"401", b"407")
_MOST_TOKEN = 16_384
_END = re.compile(rb"\r?\n\r?\n")


class Web:
    """Of one connection. A head of more than 16 kB is taken as far as that; bodies are counted by what their head
    says of them."""

    service = "http"

    def __init__(self, inside: Find) -> None:
        """`inside`: who understands what goes on behind a proxy."""
        self._inside = inside
        self._turned: Turned | None = None
        self._server = ""
        self._heads: dict[bool, bytes] = {True: b"", False: b""}
        self._asked: deque[dict[str, Any]] = deque()
        self._began = 0.0
        self._logon = Logon()

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each request that is answered now."""
        for _ in range(_MOST_OPEN):
            payload = yield from self._one(ts, payload, mine=mine)
            if not payload:
                break

    def _one(self, ts: float, payload: bytes, *, mine: bool) -> Generator[Row, None, bytes]:
        """Of one head; returns what comes behind it and its body: requests may be sent before the last is answered."""
        if self._turned is not None:
            yield from self._turned.hear(ts, payload, mine=mine)
            return b""
        begun = self._heads[mine]
        if mine and not begun:
            self._began = ts
        if not begun and not (METHOD if mine else _ANSWER).match(payload):
            return b""  # of a body
        head = begun + payload
        end = _END.search(head)
        whole = end is not None or len(head) > _HEAD_BYTES
        self._heads[mine] = b"" if whole else head
        if not whole:
            return b""
        lines = head[: end.start() if end else _HEAD_BYTES].splitlines()
        fields = _fields(lines[1:])
        if token := _token(fields, mine=mine):
            self._logon.hear(token)
        if mine:
            self._ask(self._began, lines[0], fields)
            if len(self._asked) > _MOST_OPEN:
                yield "http", self._asked.popleft()
        elif (answer := _ANSWER.match(lines[0])) and self._asked and answer[1] != b"100":
            row = self._asked.popleft()
            row["status_code"] = int(answer[1])
            if logon := self._logon.row(row["ts"], success=answer[1] not in _REFUSALS):
                yield logon
            row["response_body_len"] = length_of(fields)
            kind = fields.get("content-type", "").partition(";")[0].strip()
            yield "http", row | ({"resp_mime_types": [kind]} if kind else {})
            yield from self._shown(ts, fields.get("server", ""))
            behind = row["method"] == "CONNECT" and answer[1][:1] == b"2"
            if behind or (answer[1] == b"101" and fields.get("upgrade", "").lower() == "h2c"):
                self._turned = Turned(self._inside)
        return head[end.end() + (length_of(fields) or 0) :] if end else b""

    def miss(self, size: int, *, mine: bool) -> None:
        """A head is taken as far as it came."""
        if self._turned is not None:
            self._turned.miss(size, mine=mine)
        elif mine:
            self._cut()
        self._heads[mine] = b""

    def end(self) -> Iterator[Row]:
        """Requests that nobody answered, one whose head was cut among them."""
        self._cut()
        while self._asked:
            yield "http", self._asked.popleft()
        if self._turned is not None:
            yield from self._turned.end()

    def _shown(self, ts: float, server: str) -> Iterator[Row]:
        if server and not self._server:
            self._server = server
            row = shown(ts, server, "HTTP::SERVER", by_server=True)
            if row:
                yield row

    def _cut(self) -> None:
        if lines := self._heads[True].splitlines():
            self._ask(self._began, lines[0], _fields(lines[1:]))

    def _ask(self, ts: float, line: bytes, fields: dict[str, str]) -> None:
        method, _, rest = line.decode("latin-1").partition(" ")
        uri, _, _ = rest.rpartition(" HTTP/") if " HTTP/" in rest else (rest, "", "")
        self._asked.append(request_of(ts, method, uri, fields))


def request_of(ts: float, method: str, uri: str, fields: dict[str, str]) -> dict[str, Any]:
    """What a request says, as columns of a row; `fields` by names in lower case."""
    host = fields.get("host", "").rpartition("@")[2] or None  # what stands before may be a password
    return {
        "ts": ts, "method": method, "host": host, "uri": uri, "user_agent": fields.get("user-agent"),
        "referrer": fields.get("referer"), "request_body_len": length_of(fields),
        "username": _user(fields.get("authorization", "")),
    }  # fmt: skip


def _fields(lines: list[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _user(authorization: str) -> str | None:
    """The name in a basic authorization (RFC 7617); the password is not looked at."""
    scheme, _, said = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(said.strip()[:1024]).partition(b":")[0].decode("utf-8", "replace") or None
    except ValueError:
        return None


def _token(fields: dict[str, str], *, mine: bool) -> bytes:
    """What a head carries of a logon by NTLM or Kerberos."""
    for name in ("authorization", "proxy-authorization") if mine else ("www-authenticate", "proxy-authenticate"):
        scheme, _, text = fields.get(name, "").partition(" ")
        if scheme.lower() in ("ntlm", "negotiate"):
            try:
                return b64decode(text[:_MOST_TOKEN])
            except ValueError:
                continue
    return b""


def length_of(fields: dict[str, str]) -> int | None:
    """Bytes of a body, as its head says."""
    text = fields.get("content-length", "")
    return int(text) if text.isdecimal() and len(text) < 16 else None
