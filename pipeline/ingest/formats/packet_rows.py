"""Packets as tables and JSON: Wireshark's export of dissections as CSV, tshark's `-T fields`, `json` and `ek`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from pipeline.ingest.lines import majority
from pipeline.ingest.packets.written import Wire, Written, written_of
from pipeline.ingest.packets.written_lines import packet_of_info
from pipeline.ingest.streams import head_of
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, table_rows
from pipeline.ingest.times import MONTHS, any_ts
from pipeline.ingest.told.roles import EARLIEST

_SHOWN = frozenset(("time", "source", "destination", "protocol", "info"))
_ENDS = frozenset(("ip.src", "ip.dst"))
_TIMES = ("frame.time.epoch", "frame.time", "frame.time.utc", "time", "timestamp")
_NAMED = re.compile(r"([A-Z][a-z]{2}) {1,2}(\d{1,2}), (\d{4}) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)")
_DEEPEST = 6
_NO_DAY = (
    "the packet's time has no day: export it with View > Time Display Format > UTC Date and Time of Day,"
    " or by tshark -t ad"
)


class PacketRows(Format):
    """A row or object a packet → the connections they are of, and the names that were asked for.

    Wireshark's own columns show ports for TCP and UDP alone: what a protocol inside says counts to the connection that
    was last seen between the two. Times without a zone are UTC.
    """

    id = "packet_rows"
    title = "Packets as tables and JSON (Wireshark's CSV, tshark -T fields, json and ek)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Columns that only a dissector of packets names, or most objects with its layers."""
        objects = head_objects(head)
        if objects:
            told = [one for one in objects if not _is_index(one)]
            return 0.96 * majority(sum(_layers(one) is not None for one in told), len(told))
        if head.lstrip()[:1] in (b"{", b"[", b"<", b""):
            return 0.0
        names = {_plain(name) for name in header_of(head, delimiter_of(head))}
        return 0.96 if names >= _SHOWN or (names >= _ENDS and not names.isdisjoint(_TIMES)) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of each connection when it is over, and of every question for a name."""
        head = head_of(stream)
        wire, number = Wire(), 0
        seen: dict[tuple[str, str], tuple[int, int]] = {}
        timeless: Bad | None = None
        for position, raw, values in _rows(stream, head):
            if isinstance(values, Bad):
                yield values
                continue
            number += 1
            ts = _time(values)
            if ts is None:
                timeless = timeless or Bad(position, _NO_DAY, raw, self.id)
                continue
            told = _packet(values, ts, seen)
            if told is not None:
                yield from wire.take(told, number)
        yield from wire.end(number)
        if timeless is not None:
            yield timeless


def _rows(stream: BinaryIO, head: bytes) -> Iterator[tuple[str, bytes, Mapping[str, str] | Bad]]:
    if head_objects(head):
        for record in json_records(stream, PacketRows.id):
            if isinstance(record, Bad):
                yield record.position, b"", record
            elif not _is_index(record.value):
                yield record.position, record.raw, _of_layers(record)
        return
    for row in table_rows(stream, delimiter_of(head), None, PacketRows.id):
        if isinstance(row, TableRow):
            yield row.position, row.raw, {_plain(name): cell.strip() for name, cell in row.cells.items()}
        else:
            yield row.position, b"", row


def _packet(values: Mapping[str, str], ts: float, seen: dict[tuple[str, str], tuple[int, int]]) -> Written | None:
    if "info" not in values or "source" not in values:
        return written_of(values, ts)
    length = values.get("length", "")
    size = int(length) if length.isdecimal() and len(length) < 8 else 0
    return packet_of_info(ts, values["source"], values["destination"], values["protocol"], size, values["info"], seen)


def _time(values: Mapping[str, str]) -> float | None:
    for name in _TIMES:
        text = values.get(name, "")
        match = _NAMED.match(text)
        if match and match[1] in MONTHS:
            text = f"{match[3]}-{MONTHS[match[1]]:02}-{match[2]:0>2}T{match[4]}Z"
        ts = any_ts(text) if text else None
        if ts is not None and ts >= EARLIEST:
            return ts
    return None


def _layers(value: Any) -> dict[str, Any] | None:
    """What tshark dissected, under names of its own; None of any other object."""
    inner = value.get("_source", value) if isinstance(value, dict) else None
    layers = inner.get("layers") if isinstance(inner, dict) else None
    return layers if isinstance(layers, dict) else None


def _is_index(value: Any) -> bool:
    """The line in front of each packet that tells Elasticsearch where it goes."""
    return isinstance(value, dict) and value.keys() == {"index"}


def _of_layers(record: JsonRecord) -> Mapping[str, str] | Bad:
    layers = _layers(record.value)
    if layers is None:
        return Bad(record.position, "the record is no packet: it has no layers", record.raw, PacketRows.id)
    found: dict[str, str] = {}
    _gather(layers, found, 0)
    if isinstance(record.value.get("timestamp"), str):
        found.setdefault("timestamp", record.value["timestamp"])
    return found


def _gather(layers: dict[str, Any], found: dict[str, str], depth: int) -> None:
    for name, value in layers.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            if depth < _DEEPEST:
                _gather(first, found, depth + 1)
        elif isinstance(first, str | int):
            found.setdefault(_plain(name), str(first))


def _plain(name: str) -> str:
    """`tcp.srcport` of `tcp.srcport` and of `tcp_tcp_srcport`, as tshark writes it for Elasticsearch."""
    if "." not in name and "_" in name:
        name = name.partition("_")[2]
    return name.strip().lower().replace("_", ".")
