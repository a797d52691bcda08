"""W3C extended log files: IIS with Outlook on the web, proxies, content networks; their columns are named on top."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, each, whole_number
from pipeline.ingest.lines import lines, overlong
from pipeline.ingest.times import iso_ts

_HEADER = b"#Fields:"
_LOOK_AT_LINES = 8
_REQUEST = frozenset(("cs-method", "cs-uri-stem", "cs-uri", "sc-status"))
_AGENT = ("cs(User-Agent)", "cs(user-agent)", "c-agent")
_MISSING = frozenset(("-", ""))


class W3c(Format):
    """One line per request → WebEvent; where the server is a proxy (`cs-host`, whole addresses) → HttpEvent."""

    id = "w3c"
    title = "W3C extended log (IIS, proxies)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """A line of column names near the top, requests among them."""
        for line in head.split(b"\n", _LOOK_AT_LINES)[:_LOOK_AT_LINES]:
            if line.startswith(_HEADER):
                return 0.95 if len(_REQUEST & set(line.decode("utf-8", "replace").split())) > 1 else 0.0
        return 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """A request of every line; the columns may be named anew at any place."""
        return each(_rows(stream), lambda row: [_item(row)], self.id)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line with the columns and the day that were named last before it."""

    position: str
    raw: bytes
    text: str
    columns: list[str]
    day: str


def _rows(stream: BinaryIO) -> Iterator[_Row | Bad]:
    columns: list[str] = []
    day = ""
    for number, raw, whole in lines(stream):
        if not whole:
            yield overlong(number, raw, W3c.id)
            continue
        text = raw.decode("utf-8", "backslashreplace").strip()
        if text.startswith("#"):
            word, _, rest = text.partition(":")
            columns = rest.split() if word == "#Fields" else columns
            day = rest.split()[0] if word == "#Date" and rest.strip() else day
        elif text:
            yield _Row(f"line {number}", raw, text, columns, day)


def _item(row: _Row) -> Item | Bad:
    texts = row.text.split("\t" if "\t" in row.text else " ")
    if len(texts) != len(row.columns):
        return Bad(row.position, "the line has not as many columns as the header names", row.raw, W3c.id)
    cells = dict(zip(row.columns, texts, strict=True))
    ts = iso_ts(f"{cells.get('date') or row.day}T{cells.get('time', '')}")
    if ts is None:
        return Bad(row.position, "the line has no time (columns date and time)", row.raw, W3c.id)
    fields = _fields({name: value for name, value in cells.items() if value not in _MISSING})
    proxied = "cs-host" in cells and "s-ip" not in cells
    kind, source = ("http", "network") if proxied else ("web", "logs")
    return Item(source, {"ts": ts, "format": W3c.id, "kind": kind, **fields}, row.position, row.raw)


def _fields(row: dict[str, str]) -> Fields:
    query = row.get("cs-uri-query")
    uri = row.get("cs-uri-stem") or row.get("cs-uri", "")
    agent = next((row[name] for name in _AGENT if name in row), None)
    return {
        "host": row.get("s-computername") or row.get("cs-host") or row.get("s-ip"),
        "src_ip": row.get("c-ip"),
        "user": row.get("cs-username"),
        "method": row.get("cs-method"),
        "uri": f"{uri}?{query}" if query else uri or None,
        "status": whole_number(row.get("sc-status")),
        "bytes_in": whole_number(row.get("sc-bytes")),
        "user_agent": agent.replace("+", " ") if agent else None,
        "referrer": row.get("cs(Referer)") or row.get("cs(referer)"),
    }
