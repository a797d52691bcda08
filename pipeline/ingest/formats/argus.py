"""Flows of Argus as its client `ra` writes them in columns: `.binetflow` files and other tables with its names."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.flows.tcp_flags import PSH, bits_of, connection_state
from pipeline.ingest.format import Bad, Fields, Format, Item, each, whole_number
from pipeline.ingest.streams import head_of
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, table_rows
from pipeline.ingest.times import any_ts

_NAMES = {
    "ts": ("starttime", "stime"), "src": ("srcaddr", "saddr"), "dst": ("dstaddr", "daddr"), "sport": ("sport",),
    "dport": ("dport",), "proto": ("proto",), "state": ("state",), "dir": ("dir",), "dur": ("dur",),
    "bytes": ("totbytes", "bytes"), "bytes_out": ("srcbytes", "sbytes"), "bytes_in": ("dstbytes", "dbytes"),
    "packets": ("totpkts", "pkts"), "packets_out": ("srcpkts", "spkts"), "packets_in": ("dstpkts", "dpkts"),
    "src_mac": ("srcmac", "smac"), "dst_mac": ("dstmac", "dmac"),
}  # fmt: skip
"""What we read, by the names of `ra` in both of its spellings (its manual page, field specifiers); no labels."""
_NEEDED = ("ts", "src", "dst", "sport", "dport", "proto", "state")
_HEADERS = {"tcp": 66, "udp": 42, "icmp": 42}
"""Bytes of a frame that are no payload: Ethernet, IP, and TCP with time stamps. Argus counts whole frames."""
_WORDS = {"REQ": "S0", "INT": "S0", "RST": "RSTR", "CON": "S1", "FIN": "SF", "CLO": "SF"}
"""Argus' states in Zeek's words; INT is a first packet that nobody answered."""
_ZEEK = frozenset(("S0", "S1", "S2", "S3", "SF", "REJ", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"))
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp6", "ipv6-icmp": "icmp6"}
"""By number, as `ra -nn` writes them (IANA), and Zeek's word for the last."""


class Argus(Format):
    """One line a flow or part of a long one → FlowEvent; what is no IP flow is kept as it is.

    Sizes are given as payload, as sensors that follow connections give them: what the frames' headers take is
    subtracted. Times without a zone are taken for UTC.
    """

    id = "argus"
    title = "Argus flows (binetflow and other tables of ra)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """A header with Argus' names of time, addresses, ports, protocol and state."""
        columns = _places(header_of(head, delimiter_of(head)))
        return 0.95 if all(name in columns for name in _NEEDED) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every row."""
        head = head_of(stream)
        delimiter = delimiter_of(head)
        columns = _places(header_of(head, delimiter))
        return each(table_rows(stream, delimiter, None, self.id), lambda row: [self._item(row, columns)], self.id)

    def _item(self, row: TableRow, columns: Mapping[str, str]) -> Item | Bad:
        told = {name: row.cells[column].strip() for name, column in columns.items() if column in row.cells}
        told = {name: value for name, value in told.items() if value}
        ts = any_ts(told.get("ts", "").replace("/", "-"))
        if ts is None:
            return Bad(row.position, "the row has no time with a day (column StartTime)", row.raw, self.id)
        base = {"ts": ts, "format": self.id}
        proto = told.get("proto", "").lower()
        proto = _PROTOCOLS.get(proto, proto)
        if proto in ("tcp", "udp", "icmp", "icmp6"):
            return Item("network", base | _flow(told, proto), row.position, row.raw)
        # ARP (`who` has the address), other protocols, and Argus' own reports.
        asks = told.get("dir") == "who"
        addressed = {"src_ip": told.get("src"), "dst_ip": told.get("dst")} if proto not in ("man", "llc") else {}
        other = {"kind": "other", "name": "arp" if asks else proto[:48] or "unknown",
                 "detail": '{"operation":"request"}' if asks else None, **addressed}  # fmt: skip
        return Item("network", base | other, row.position, row.raw)


def _places(header: list[str]) -> dict[str, str]:
    """What we read → the column's name in this table."""
    there = {column.lower(): column for column in header}
    found = {name: next((there[w] for w in words if w in there), None) for name, words in _NAMES.items()}
    return {name: column for name, column in found.items() if column is not None}


def _flow(told: Mapping[str, str], proto: str) -> Fields:
    """Fields of a FlowEvent, from the side that began."""
    sent, got = _amounts(told, "bytes"), _amounts(told, "packets")
    state = told.get("state", "")
    flags = [bits_of(side) for side in state.split("_", 1)] if "_" in state and proto == "tcp" else None
    sides = [(told.get("src"), told.get("sport"), told.get("src_mac")),
             (told.get("dst"), told.get("dport"), told.get("dst_mac"))]  # fmt: skip
    amounts = list(zip(sent, got, strict=True))
    if told.get("dir", "").startswith("<-") and not told["dir"].endswith(">"):
        sides.reverse()
        amounts.reverse()
        flags = flags[::-1] if flags else None
    payload = [_payload(b, p, proto, flags[k] if flags else None) for k, (b, p) in enumerate(amounts)]
    ports = _icmp_ports(sides[0][1]) if proto.startswith("icmp") else (_port(sides[0][1]), _port(sides[1][1]))
    return {
        "kind": "flow", "src_ip": sides[0][0], "src_port": ports[0], "src_mac": sides[0][2],
        "dst_ip": sides[1][0], "dst_port": ports[1], "dst_mac": sides[1][2], "proto": proto,
        "duration_s": told.get("dur"), "bytes_out": payload[0], "bytes_in": payload[1],
        "packets_out": amounts[0][1], "packets_in": amounts[1][1],
        "conn_state": connection_state(*flags) if flags else _state_of_word(state, proto),
    }  # fmt: skip


def _amounts(told: Mapping[str, str], what: str) -> tuple[int | None, int | None]:
    """(out, in) of bytes or packets: two of three numbers tell the third; a total alone is halved."""
    total, out, back = (whole_number(told.get(name)) for name in (what, f"{what}_out", f"{what}_in"))
    if total is not None and out is not None and back is None:
        back = max(total - out, 0)
    elif total is not None and back is not None and out is None:
        out = max(total - back, 0)
    elif total is not None and out is None and what == "packets":
        out, back = total - total // 2, total // 2
    return out, back


def _payload(size: int | None, packets: int | None, proto: str, flags: int | None) -> int | None:
    """Bytes without headers; a side that sent frames with payload (TCP: PSH) sent at least one."""
    if size is None or (size and packets is None and proto != "tcp"):
        return size
    if flags is not None and not flags & PSH:
        return 0
    least = 1 if size and (proto != "tcp" or flags is not None) else 0
    return max(size - _HEADERS.get(proto, 42) * (packets or 0), least)


def _state_of_word(state: str, proto: str) -> str | None:
    if state == "CON" and proto == "udp":
        return "SF"
    return state if state in _ZEEK else _WORDS.get(state)


def _icmp_ports(cell: str | None) -> tuple[int | None, int | None]:
    """(type, code) as Zeek has them in the ports, from `0x0303`: the code is the high byte."""
    try:
        number = int(cell or "", 16)
    except ValueError:
        return None, None
    return number & 0xFF, number >> 8 & 0xFF


def _port(cell: str | None) -> int | None:
    if cell is not None and cell.startswith("0x"):
        try:
            return int(cell, 16)
        except ValueError:
            return None
    return whole_number(cell)
