"""Requests and their answers in the clear, as rows of Zeek's http.log."""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.packets.packet import Row

METHOD = re.compile(rb"(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND|SEARCH|MOVE|COPY|LOCK) \S")
_ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3})")
_HEAD_BYTES = 16_384
_MOST_OPEN = 64
_END = re.compile(rb"\r?\n\r?\n")


class Web:
    """Of one connection. A head of more than 16 kB is taken as far as that; bodies are counted by what their head
    says of them."""

    service = "http"

    def __init__(self) -> None:
        self._heads: dict[bool, bytes] = {True: b"", False: b""}
        self._asked: deque[dict[str, Any]] = deque()
        self._began = 0.0

    def hear(self, ts: float, payload: bytes, *, mine: bool) -> Iterator[Row]:
        """A row for each request that is answered now."""
        begun = self._heads[mine]
        if mine and not begun:
            self._began = ts
        if not begun and not (METHOD if mine else _ANSWER).match(payload):
            return  # of a body
        head = begun + payload
        end = _END.search(head)
        whole = end is not None or len(head) > _HEAD_BYTES
        self._heads[mine] = b"" if whole else head
        if not whole:
            return
        lines = head[: end.start() if end else _HEAD_BYTES].splitlines()
        fields = _fields(lines[1:])
        if mine:
            self._ask(self._began, lines[0], fields)
            if len(self._asked) > _MOST_OPEN:
                yield "http", self._asked.popleft()
        elif (answer := _ANSWER.match(lines[0])) and self._asked and answer[1] != b"100":
            row = self._asked.popleft()
            row["status_code"] = int(answer[1])
            row["response_body_len"] = _length(fields)
            kind = fields.get("content-type", "").partition(";")[0].strip()
            yield "http", row | ({"resp_mime_types": [kind]} if kind else {})

    def miss(self, size: int, *, mine: bool) -> None:
        """A head is taken as far as it came."""
        if mine:
            self._cut()
        self._heads[mine] = b""

    def end(self) -> Iterator[Row]:
        """Requests that nobody answered, one whose head was cut among them."""
        self._cut()
        while self._asked:
            yield "http", self._asked.popleft()

    def _cut(self) -> None:
        if lines := self._heads[True].splitlines():
            self._ask(self._began, lines[0], _fields(lines[1:]))

    def _ask(self, ts: float, line: bytes, fields: dict[str, str]) -> None:
        method, _, rest = line.decode("latin-1").partition(" ")
        uri, _, _ = rest.rpartition(" HTTP/") if " HTTP/" in rest else (rest, "", "")
        self._asked.append(
            {
                "ts": ts, "method": method, "host": fields.get("host"), "uri": uri,
                "user_agent": fields.get("user-agent"), "referrer": fields.get("referer"),
                "request_body_len": _length(fields),
            }
        )  # fmt: skip


def _fields(lines: list[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _length(fields: dict[str, str]) -> int | None:
    text = fields.get("content-length", "")
    return int(text) if text.isdecimal() and len(text) < 16 else None
