"""Access logs of Apache, nginx and their kin: common and combined form, with or without a virtual host."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, each
from pipeline.ingest.lines import LOOK_AT_BYTES, Line, first_lines, lines, majority, whole_lines
from pipeline.ingest.times import access_ts, cached

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    r"(?:([\w.-]{1,255}(?::\d{1,5})?) )?(\S{1,255}) \S{1,255} ([^\[\]]{1,512}) \[([^\]]{20,40})\] "
    rf"{_QUOTED} (\d{{3}}|-) (\d{{1,18}}|-)(?: {_QUOTED} {_QUOTED})?(?:\s.*)?$",
    re.DOTALL,
)
_REQUEST = re.compile(r"([A-Za-z_-]{1,32}) (\S*.*?)(?: HTTP/[\d.]{1,4})?$", re.DOTALL)
_SNIFFED_LINES = 50


class AccessLog(Format):
    """One line per request → WebEvent. `host` is the virtual host where the log has it."""

    id = "access"
    title = "Web access log (Apache, nginx: common, combined)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """The share of lines of this form."""
        texts = first_lines(head, _SNIFFED_LINES)
        return 0.95 * majority(sum(_match(line) is not None for line in texts), len(texts))

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """A WebEvent of every line."""
        time = cached(access_ts)

        def event(line: Line) -> Iterator[Item | Bad]:
            match = _match(line.raw)
            ts = time(match[4]) if match else None
            if match is None or ts is None:
                yield Bad(line.position, "not a line of an access log", line.raw, self.id)
            else:
                yield Item("logs", _fields(match, ts), line.position, line.raw)

        return each(whole_lines(lines(stream), self.id), event, self.id)


def _match(raw: bytes) -> re.Match[str] | None:
    return _LINE.match(raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace"))


def _fields(match: re.Match[str], ts: float) -> Fields:
    vhost, client, user, _, request, status, size, referrer, agent = match.groups()
    asked = _REQUEST.match(request)
    return {
        "ts": ts,
        "format": "access",
        "kind": "web",
        "host": vhost,
        "src_ip": client,
        "user": _set(user),
        "method": asked[1].upper() if asked else None,
        "uri": asked[2] if asked else _set(request),
        "status": None if status == "-" else int(status),
        "bytes_in": None if size == "-" else int(size),
        "referrer": _set(referrer),
        "user_agent": _set(agent),
    }


def _set(text: str | None) -> str | None:
    return None if text in (None, "-", '""') else text
