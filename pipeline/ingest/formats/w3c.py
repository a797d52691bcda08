"""W3C extended log files: IIS with Outlook on the web, proxies, content networks; their columns are named on top."""

from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, whole_number
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
        columns: list[str] = []
        day = ""
        for number, raw, whole in lines(stream):
            if not whole:
                yield overlong(number, raw, self.id)
                continue
            text = raw.decode("utf-8", "backslashreplace").strip()
            if text.startswith("#"):
                word, _, rest = text.partition(":")
                columns = rest.split() if word == "#Fields" else columns
                day = rest.split()[0] if word == "#Date" and rest.strip() else day
            elif text:
                cells = text.split("\t" if "\t" in text else " ")
                yield self._item(dict(zip(columns, cells, strict=False)), len(cells) == len(columns), day, number, raw)

    def _item(self, row: dict[str, str], complete: bool, day: str, number: int, raw: bytes) -> Item | Bad:
        position = f"line {number}"
        if not complete:
            return Bad(position, "the line has not as many columns as the header names", raw, self.id)
        ts = iso_ts(f"{row.get('date') or day}T{row.get('time', '')}")
        if ts is None:
            return Bad(position, "the line has no time (columns date and time)", raw, self.id)
        fields = _fields({name: value for name, value in row.items() if value not in _MISSING})
        proxied = "cs-host" in row and "s-ip" not in row
        kind, source = ("http", "network") if proxied else ("web", "logs")
        return Item(source, {"ts": ts, "format": self.id, "kind": kind, **fields}, position, raw)


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
