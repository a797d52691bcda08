"""Squid's own access log: who of the house asked for what of the internet."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, each
from pipeline.ingest.lines import LOOK_AT_BYTES, Line, first_lines, lines, majority, whole_lines

_LINE = re.compile(
    r"(?P<ts>\d{9,10}\.\d{3}) +(?P<ms>-?\d{1,12}) (?P<src>\S{2,255}) [A-Z_]{3,64}/(?P<status>\d{3}) (?P<size>\d{1,18}) "
    r"(?P<method>\S{1,32}) (?P<url>.*) (?P<user>\S{1,255}) [A-Z_]{3,64}/(?P<peer>\S{1,255}) (?P<type>\S{1,128})",
    re.DOTALL,
)
_URL = re.compile(
    r"(?:[a-z]{2,8}://)?(?P<host>\[[\da-fA-F:]+\]|[^/:?\s]{1,255})(?::(?P<port>\d{1,5}))?(?P<path>[/?].*)?$", re.DOTALL
)
_SNIFFED_LINES = 50


class Squid(Format):
    """One line per request → HttpEvent; of a tunnel (CONNECT) only host, port and size are known."""

    id = "squid"
    title = "Squid access log (native)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """The share of lines of this form."""
        texts = first_lines(head, _SNIFFED_LINES)
        return 0.95 * majority(sum(_match(line) is not None for line in texts), len(texts))

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An HttpEvent of every line."""
        return each(whole_lines(lines(stream), self.id), _event, self.id)


def _event(line: Line) -> Iterator[Item | Bad]:
    match = _match(line.raw)
    if match:
        yield Item("network", _fields(match), line.position, line.raw)
    else:
        yield Bad(line.position, "not a line of Squid's access log", line.raw, Squid.id)


def _match(raw: bytes) -> re.Match[str] | None:
    return _LINE.match(raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace"))


def _fields(match: re.Match[str]) -> Fields:
    url = _URL.match(match["url"])
    status, port = int(match["status"]), url["port"] if url else None
    plain = match["url"].startswith("http:")
    return {
        "ts": float(match["ts"]),
        "format": "squid",
        "kind": "http",
        "service": "http",
        "src_ip": match["src"],
        "dst_port": int(port) if port and int(port) < 65_536 else 80 if plain else None,
        "method": match["method"],
        "host": url["host"] if url else None,
        "uri": (url["path"] or "/") if url else match["url"],
        "status": status or None,
        "bytes_in": int(match["size"]),
        "user": None if match["user"] == "-" else match["user"],
        "mime_type": None if match["type"] == "-" else match["type"],
    }
